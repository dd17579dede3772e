"""users.*, usergroups.*, auth.test and the app's own small methods."""

from sandbox.slack.api.arguments import Arguments, cursor_for
from sandbox.slack.api.method import Method
from sandbox.slack.errors import SlackError
from sandbox.slack.limits import Tier
from sandbox.slack.rules import message_errors, view_errors
from sandbox.slack.state import SlackState
from sandbox.slack.values import Json
from sandbox.slack.wire import group_json, user_json


def auth_test(state: SlackState, args: Arguments) -> Json:
    """Say whose token this is."""
    team = {
        "url": f"https://{state.app.domain}.slack.com/",
        "team": "Practice world",
        "team_id": state.app.team_id,
        "is_enterprise_install": False,
    }
    if (args.token or "").startswith("xapp-"):
        return team | {"app_name": "Recall", "app_id": state.app.app_id}
    if (owner := state.user_tokens.get(args.token or "")) is not None:
        return team | {"user": state.workspace.users[owner].name, "user_id": owner}
    bot = state.workspace.users[state.app.bot_user]
    return team | {"user": bot.name, "user_id": bot.id, "bot_id": state.app.bot_id}


def api_test(_: SlackState, args: Arguments) -> Json:
    """Echo the arguments, or fail as asked."""
    if args.text("error"):
        raise SlackError(args.need("error"), args=args.given)
    return {"args": args.given}


def users_info(state: SlackState, args: Arguments) -> Json:
    """Return one person."""
    user = state.workspace.users.get(args.need("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": user_json(state, user)}


def users_list(state: SlackState, args: Arguments) -> Json:
    """Return everybody, deactivated people and bots included."""
    start, limit = int(args.bookmark() or 0), args.limit()
    everybody = list(state.workspace.users.values())
    more = str(start + limit) if start + limit < len(everybody) else None
    shown = [user_json(state, user) for user in everybody[start : start + limit]]
    return {"members": shown, "response_metadata": cursor_for(more)}


def groups_list(state: SlackState, args: Arguments) -> Json:
    """Return the user groups."""
    with_users = args.flag("include_users")
    groups = state.workspace.groups.values()
    return {"usergroups": [group_json(state, group, with_users=with_users) for group in groups]}


def group_users(state: SlackState, args: Arguments) -> Json:
    """Return the ids of a user group's members."""
    group = state.workspace.groups.get(args.need("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def validate_blocks(_: SlackState, args: Arguments) -> Json:
    """Check blocks, a message or a view without posting anything."""
    given = [name for name in ("blocks", "view", "message") if args.given.get(name) is not None]
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    kind = given[0]
    refusal = f"invalid_{kind}"
    body = args.structure(kind, malformed=refusal)
    if kind == "view":
        errors = view_errors(body)
    else:
        errors = message_errors(body if kind == "blocks" else body.get("blocks", []))
    if errors:
        raise SlackError(refusal, errors=[_pointed(error) for error in errors])
    return {}


METHODS = {
    "auth.test": Method(run=auth_test, tier=Tier.SPECIAL),
    "api.test": Method(run=api_test, tier=Tier.FOUR),
    "users.info": Method(run=users_info, tier=Tier.FOUR, scopes=("users:read",)),
    "users.list": Method(run=users_list, tier=Tier.TWO, scopes=("users:read",)),
    "usergroups.list": Method(run=groups_list, tier=Tier.TWO, scopes=("usergroups:read",)),
    "usergroups.users.list": Method(run=group_users, tier=Tier.TWO, scopes=("usergroups:read",)),
    "blocks.validate": Method(run=validate_blocks, tier=Tier.FOUR),
}


def _pointed(error: str) -> Json:
    words, _, pointer = error.partition(" [json-pointer:")
    return {"pointer": pointer.removesuffix("]"), "code": "invalid", "constraint": words}
