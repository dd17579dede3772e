"""Block elements: buttons, selects, inputs, and the picture beside a text."""

from sandbox.slack.rules.shapes import ID, Rule, among, anything, boolean, items, shape, string, url, whole
from sandbox.slack.rules.texts import (
    CONFIRM,
    DISPATCH,
    FILTER,
    IMAGE_SOURCE,
    LINKED_OPTION,
    MARKED_OPTION,
    OPTION_GROUPS,
    OPTION_LIST,
    PLACEHOLDER,
    PLAIN_OPTION,
    STYLE,
    initial_among_options,
    plain,
)

TEXT_INPUT = 3000
NUMBER = string(255, 0)
SLACK_ID = string(255)
FEW = 10  # options of radio buttons and checkboxes
MANY = 100

_NAMED = {"action_id": string(ID), "focus_on_load": boolean}
_ASKED = {**_NAMED, "confirm": CONFIRM, "placeholder": PLACEHOLDER}
_SEVERAL = {"max_selected_items": whole(1, MANY)}
_CONVERSATION = {**_ASKED, "filter": FILTER, "default_to_current_conversation": boolean}
_TYPED = {**_NAMED, "placeholder": PLACEHOLDER, "dispatch_action_config": DISPATCH}

BUTTON = shape(
    required={"text": plain(75)},
    optional={
        "action_id": string(ID),
        "value": string(2000, 0),
        "url": url,
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
IMAGE = shape(required={"alt_text": string(2000)}, optional=IMAGE_SOURCE, one_of=("image_url", "slack_file"))
_STATIC = {"options": OPTION_LIST, "option_groups": OPTION_GROUPS}
_FEEDBACK = shape(
    required={"text": plain(75), "value": string(2000)}, optional={"accessibility_label": string(75)}
)

ELEMENTS: dict[str, Rule] = {
    "button": BUTTON,
    "image": IMAGE,
    "static_select": shape(
        optional={**_ASKED, **_STATIC, "initial_option": PLAIN_OPTION},
        one_of=("options", "option_groups"),
        also=initial_among_options,
    ),
    "multi_static_select": shape(
        optional={**_ASKED, **_STATIC, **_SEVERAL, "initial_options": OPTION_LIST},
        one_of=("options", "option_groups"),
        also=initial_among_options,
    ),
    "external_select": shape(
        optional={**_ASKED, "initial_option": PLAIN_OPTION, "min_query_length": whole(0, MANY)}
    ),
    "multi_external_select": shape(
        optional={**_ASKED, **_SEVERAL, "initial_options": OPTION_LIST, "min_query_length": whole(0, MANY)}
    ),
    "users_select": shape(optional={**_ASKED, "initial_user": SLACK_ID}),
    "multi_users_select": shape(optional={**_ASKED, **_SEVERAL, "initial_users": items(SLACK_ID, MANY)}),
    "conversations_select": shape(
        optional={**_CONVERSATION, "initial_conversation": SLACK_ID, "response_url_enabled": boolean}
    ),
    "multi_conversations_select": shape(
        optional={**_CONVERSATION, **_SEVERAL, "initial_conversations": items(SLACK_ID, MANY)}
    ),
    "channels_select": shape(
        optional={**_ASKED, "initial_channel": SLACK_ID, "response_url_enabled": boolean}
    ),
    "multi_channels_select": shape(
        optional={**_ASKED, **_SEVERAL, "initial_channels": items(SLACK_ID, MANY)}
    ),
    "overflow": shape(
        required={"options": items(LINKED_OPTION, 5)},
        optional={"action_id": string(ID), "confirm": CONFIRM},
    ),
    "radio_buttons": shape(
        required={"options": items(MARKED_OPTION, FEW)},
        optional={**_NAMED, "confirm": CONFIRM, "initial_option": MARKED_OPTION},
        also=initial_among_options,
    ),
    "checkboxes": shape(
        required={"options": items(MARKED_OPTION, FEW)},
        optional={**_NAMED, "confirm": CONFIRM, "initial_options": items(MARKED_OPTION, FEW)},
        also=initial_among_options,
    ),
    "datepicker": shape(optional={**_ASKED, "initial_date": string(10, 10)}),
    "timepicker": shape(optional={**_ASKED, "initial_time": string(5, 5), "timezone": string(255)}),
    "datetimepicker": shape(
        optional={**_NAMED, "confirm": CONFIRM, "initial_date_time": whole(10**9, 10**10 - 1)}
    ),
    "plain_text_input": shape(
        optional={
            **_TYPED,
            "initial_value": string(TEXT_INPUT, 0),
            "multiline": boolean,
            "min_length": whole(0, TEXT_INPUT),
            "max_length": whole(1, TEXT_INPUT),
        }
    ),
    "number_input": shape(
        required={"is_decimal_allowed": boolean},
        optional={**_TYPED, "initial_value": NUMBER, "min_value": NUMBER, "max_value": NUMBER},
    ),
    "email_text_input": shape(optional={**_TYPED, "initial_value": string(TEXT_INPUT, 0)}),
    "url_text_input": shape(optional={**_TYPED, "initial_value": string(TEXT_INPUT, 0)}),
    "rich_text_input": shape(optional={**_TYPED, "initial_value": anything}),
    "file_input": shape(
        optional={"action_id": string(ID), "filetypes": items(string(20), MANY), "max_files": whole(1, FEW)}
    ),
    "feedback_buttons": shape(
        required={"positive_button": _FEEDBACK, "negative_button": _FEEDBACK},
        optional={"action_id": string(ID)},
    ),
    "icon_button": shape(
        required={"icon": among("trash"), "text": plain(75)},
        optional={
            "action_id": string(ID),
            "value": string(2000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": items(SLACK_ID, MANY),
        },
    ),
}

SELECTS = (
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
)
MULTI_SELECTS = tuple(f"multi_{select}" for select in SELECTS)
PICKERS = ("datepicker", "timepicker", "datetimepicker")
CHOICES = ("radio_buttons", "checkboxes")
INPUTS = (
    "plain_text_input",
    "number_input",
    "email_text_input",
    "url_text_input",
    "rich_text_input",
    "file_input",
)
