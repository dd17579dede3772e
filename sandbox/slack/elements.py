"""The things on a screen that can be used: buttons, selects, inputs; and what is entered in them."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.slack.values import Json

# element type -> (key in state.values and actions, key of its initial value)
VALUE_KEYS = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
SEVERAL = {"checkboxes", "multi_static_select", "multi_external_select"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Surface:
    """A message or a view, as blocks; `key` tells it from all others."""

    key: str
    blocks: tuple[Json, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """One interactive element and the block that it stands in."""

    block: Json
    position: int  # index of the block on the surface
    body: Json

    @property
    def type(self) -> str:
        """Slack's type, such as "button"."""
        return str(self.body.get("type", ""))

    @property
    def action_id(self) -> str:
        """The app's name for it."""
        return str(self.body.get("action_id", ""))

    @property
    def block_id(self) -> str:
        """The block's id."""
        return str(self.block.get("block_id", ""))

    @property
    def label(self) -> str:
        """What a person calls it: a button's text, an input's label, a select's placeholder."""
        for text in (self.body.get("text"), self.block.get("label"), self.body.get("placeholder")):
            if isinstance(text, dict):
                return str(text.get("text", ""))
        return ""

    @property
    def dispatches(self) -> bool:
        """Whether using it tells the app at once (an input does so only when asked to)."""
        return self.block.get("type") != "input" or bool(self.block.get("dispatch_action"))

    @property
    def options(self) -> list[Json]:
        """All options, those in groups included."""
        groups = self.body.get("option_groups") or []
        grouped = [option for group in groups for option in group.get("options", [])]
        return [*(self.body.get("options") or []), *grouped]


def elements(surface: Surface) -> Iterator[Element]:
    """Yield every interactive element, from top to bottom."""
    for position, block in enumerate(surface.blocks):
        yield from _in_block(block, block, position)


def entered(surface: Surface, filled: dict[str, Json]) -> Json:
    """Return what Slack sends as `state.values` for a surface."""
    values: dict[str, Json] = {}
    for element in elements(surface):
        if element.type not in VALUE_KEYS:
            continue
        given = filled.get(element.block_id, {}).get(element.action_id)
        values.setdefault(element.block_id, {})[element.action_id] = given or initial(element)
    return values


def initial(element: Element) -> Json:
    """Return an element's value before anybody touched it."""
    key, initial_key = VALUE_KEYS[element.type]
    default: object = [] if element.type in SEVERAL else None
    return {"type": element.type, key: element.body.get(initial_key, default)}


def is_empty(element: Element, value: Json) -> bool:
    """Whether nothing has been entered."""
    return not value.get(VALUE_KEYS[element.type][0])


def _in_block(block: Json, owner: Json, position: int) -> Iterator[Element]:
    held = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
    for body in held:
        if isinstance(body, dict) and body.get("action_id"):
            yield Element(block=owner, position=position, body=body)
    for child in [*(block.get("child_blocks") or []), *(block.get("actions") or [])]:
        if isinstance(child, dict) and child.get("action_id"):
            yield Element(block=owner, position=position, body=child)
        elif isinstance(child, dict):
            yield from _in_block(child, child, position)
