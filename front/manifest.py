"""What manifest.yml has to say, and how long Slack lets it be.

Limits are those of Slack's app manifest reference; the scopes are exactly those that the code uses.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

SCOPES: Mapping[str, str] = {
    "commands": "the /recall command and the shortcuts",
    "chat:write": "post cards and statuses, and edit its own; delete posts of its own that somebody recalls",
    "channels:read": "see whether it is in a public channel, and whether outsiders are",
    "groups:read": "the same for private channels that it was invited to",
    "im:read": "the same for direct messages with it",
    "im:write": "write to a person directly where it can't post in the channel",
    "channels:history": "find its own message again when an answer of Slack's got lost, before posting twice; read the post that a person points at",
    "groups:history": "the same in private channels that it was invited to",
    "im:history": "the same in direct messages with it",
    "users:read": "tell members from guests and deactivated accounts",
    "usergroups:read": "check rules that name user groups",
}
"""Each bot scope, and what it is for."""

EMAIL_SCOPE = "users:read.email"
"""Only for providers with match_by_email; the manifest does not ask for it."""


def scopes(*, emails: bool) -> Mapping[str, str]:
    """Name each bot scope that is needed, and what it is for; `emails`: people are matched by their address."""
    return {**SCOPES, EMAIL_SCOPE: "match people by e-mail (match_by_email)"} if emails else SCOPES


EVENTS = frozenset({"app_home_opened"})
"""The events that the code listens to; none needs a scope."""

_LENGTHS: Mapping[tuple[str, ...], tuple[int, int]] = {
    ("display_information", "name"): (1, 35),
    ("display_information", "description"): (1, 140),
    ("display_information", "long_description"): (174, 4000),
    ("features", "bot_user", "display_name"): (1, 80),
}
_ITEM_LENGTHS: Mapping[str, Mapping[str, int]] = {
    "slash_commands": {"command": 32, "description": 2000, "usage_hint": 1000},
    "shortcuts": {"name": 24, "callback_id": 255, "description": 150},
}
_MOST = {"slash_commands": 50, "shortcuts": 10}


def read(path: Path) -> Mapping[str, Any]:
    """Read the manifest. Raises ValueError with a sentence when it is no manifest at all."""
    try:
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name} can't be read: {str(error).splitlines()[0]}") from None
    if not isinstance(manifest, dict):
        raise ValueError(f"{path.name} is no manifest: it must be a table of keys")  # noqa: TRY004 - one kind to catch
    return manifest


def faults(manifest: Mapping[str, Any], *, command: str, callbacks: Sequence[str]) -> Iterator[str]:
    """Say what is wrong, a sentence each; nothing when all is well.

    Args:
        manifest: as `read` gives it.
        command: the slash command that the code answers.
        callbacks: the callback ids of the shortcuts that the code answers.
    """
    yield from _lengths(manifest)
    yield from _items(manifest)
    color = _at(manifest, "display_information", "background_color")
    if color is not None and not re.fullmatch(r"#[0-9a-fA-F]{6}", str(color)):
        yield "display_information.background_color must be like #7a1f3d."
    yield from _compared("scope", _at(manifest, "oauth_config", "scopes", "bot"), SCOPES)
    yield from _compared("event", _at(manifest, "settings", "event_subscriptions", "bot_events"), EVENTS)
    yield from _promised(manifest, command, callbacks)


def _lengths(manifest: Mapping[str, Any]) -> Iterator[str]:
    for path, (least, most) in _LENGTHS.items():
        value = _at(manifest, *path)
        if value is not None and not least <= len(str(value)) <= most:
            yield f"{'.'.join(path)} must have {least} to {most} characters; it has {len(str(value))}."


def _items(manifest: Mapping[str, Any]) -> Iterator[str]:
    for kind, lengths in _ITEM_LENGTHS.items():
        items = _at(manifest, "features", kind) or ()
        if len(items) > _MOST[kind]:
            yield f"features.{kind} may have {_MOST[kind]} entries; it has {len(items)}."
        for number, item in enumerate(items, start=1):
            for key, most in lengths.items():
                if len(str(item.get(key, ""))) > most:
                    yield f"features.{kind}#{number}.{key} may have {most} characters; it has {len(item[key])}."


def _compared(what: str, listed: Any, wanted: Mapping[str, str] | frozenset[str]) -> Iterator[str]:
    have = set(listed or ())
    for name in sorted(set(wanted) - have):
        yield f"The {what} {name} is missing."
    for name in sorted(have - set(wanted)):
        yield f"The {what} {name} is not used by Recall; least rights are safest, so take it out."


def _promised(manifest: Mapping[str, Any], command: str, callbacks: Sequence[str]) -> Iterator[str]:
    commands = {each.get("command"): each for each in _at(manifest, "features", "slash_commands") or ()}
    if command not in commands:
        yield f"The slash command {command} is missing."
    elif not commands[command].get("should_escape"):
        yield f"{command} needs should_escape: true, so that Slack hands over ids and not names."
    have = {each.get("callback_id") for each in _at(manifest, "features", "shortcuts") or ()}
    for callback in callbacks:
        if callback not in have:
            yield f"The shortcut with callback_id {callback} is missing."
    if not _at(manifest, "settings", "interactivity", "is_enabled"):
        yield "settings.interactivity.is_enabled must be true, or no button works."
    if not _at(manifest, "features", "app_home", "home_tab_enabled"):
        yield "features.app_home.home_tab_enabled must be true."


def _at(manifest: Any, *path: str) -> Any:
    for key in path:
        manifest = manifest.get(key) if isinstance(manifest, dict) else None
    return manifest
