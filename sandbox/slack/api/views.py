"""views.*: modals and the home tab."""

import json

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.method import Method
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import Tier
from sandbox.slack.rules import view_errors
from sandbox.slack.state import SlackState
from sandbox.slack.values import Json
from sandbox.slack.wire import view_json

VIEW_BYTES = 250_000


def open_view(state: SlackState, args: Arguments) -> Json:
    """Open a modal for whoever's interaction the trigger came from."""
    body = checked_view(state, "views.open", args.structure("view", malformed="invalid_arguments"))
    trigger = state.passes.use_trigger(args.text("trigger_id") or args.need("interactivity_pointer"))
    return {"view": view_json(state, state.screens.open(trigger.user, body))}


def push(state: SlackState, args: Arguments) -> Json:
    """Put a modal on top of the one that the trigger came from."""
    body = checked_view(state, "views.push", args.structure("view", malformed="invalid_arguments"))
    trigger = state.passes.use_trigger(args.text("trigger_id") or args.need("interactivity_pointer"))
    if trigger.view_id is None:
        raise SlackError("not_found")
    return {"view": view_json(state, state.screens.push(trigger.user, body))}


def update(state: SlackState, args: Arguments) -> Json:
    """Change a modal that is open."""
    body = checked_view(state, "views.update", args.structure("view", malformed="invalid_arguments"))
    if args.text("view_id"):
        view = state.screens.view(args.need("view_id"))
    else:
        view = state.screens.by_external_id(args.need("external_id"))
    if view is None:
        raise SlackError("not_found")
    return {"view": view_json(state, state.screens.update(view, body, expected_hash=args.text("hash")))}


def publish(state: SlackState, args: Arguments) -> Json:
    """Show the home tab to one person."""
    user = args.need("user_id")
    body = checked_view(state, "views.publish", args.structure("view", malformed="invalid_arguments"))
    if not state.app.home_tab:
        raise SlackError("not_enabled")
    if user not in state.workspace.users:
        raise SlackError("invalid_arguments")
    return {"view": view_json(state, state.screens.publish(user, body, expected_hash=args.text("hash")))}


def checked_view(state: SlackState, method: str, view: object) -> Json:
    """Return a view with block ids; raises `invalid_arguments` with every broken rule, or `view_too_large`."""
    if not isinstance(view, dict):
        raise SlackError(
            "invalid_arguments", response_metadata={"messages": ["[ERROR] must provide an object"]}
        )
    if len(json.dumps(view)) > VIEW_BYTES:
        raise SlackError("view_too_large")
    wrong = view_errors(view)
    wanted = "home" if method == "views.publish" else "modal"
    if view.get("type") != wanted:
        wrong.append(f"invalid view type {view.get('type')!r}, expected {wanted} [json-pointer:/view/type]")
    if wrong:
        state.violated(method, wrong)
        raise SlackError(
            "invalid_arguments", response_metadata={"messages": [f"[ERROR] {error}" for error in wrong]}
        )
    return {**view, "blocks": state.with_block_ids(view["blocks"])}


METHODS = {
    "views.open": Method(run=open_view, tier=Tier.FOUR),
    "views.push": Method(run=push, tier=Tier.FOUR),
    "views.update": Method(run=update, tier=Tier.FOUR),
    "views.publish": Method(run=publish, tier=Tier.FOUR),
}
