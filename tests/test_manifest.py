from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from front import manifest
from handlers import ids

ROOT = Path(__file__).parents[1]
CALLBACKS = (ids.MESSAGE_SHORTCUT, ids.GLOBAL_SHORTCUT)

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def ours() -> Mapping[str, Any]:
    return manifest.read(ROOT / "manifest.yml")


def faults(changed: Mapping[str, Any]) -> list[str]:
    return list(manifest.faults(changed, command=ids.COMMAND, callbacks=CALLBACKS))


def test_our_manifest_is_what_the_code_needs(ours: Mapping[str, Any]) -> None:
    assert faults(ours) == []


def test_the_message_shortcut_is_called_recall(ours: Mapping[str, Any]) -> None:
    shortcuts = {each["callback_id"]: each for each in ours["features"]["shortcuts"]}
    assert shortcuts[ids.MESSAGE_SHORTCUT] | {"description": ""} == {
        "name": "Recall",
        "type": "message",
        "callback_id": "recall_message",
        "description": "",
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda m: m["oauth_config"]["scopes"]["bot"].remove("users:read"),
            "The scope users:read is missing.",
        ),
        (
            lambda m: m["oauth_config"]["scopes"]["bot"].append("chat:write.public"),
            "The scope chat:write.public is not used by Recall; least rights are safest, so take it out.",
        ),
        (
            lambda m: m["settings"]["event_subscriptions"]["bot_events"].clear(),
            "The event app_home_opened is missing.",
        ),
        (lambda m: m["features"]["slash_commands"].clear(), "The slash command /recall is missing."),
        (
            lambda m: m["features"]["slash_commands"][0].update(should_escape=False),
            "/recall needs should_escape: true, so that Slack hands over ids and not names.",
        ),
        (
            lambda m: m["features"]["shortcuts"].pop(0),
            "The shortcut with callback_id recall_message is missing.",
        ),
        (
            lambda m: m["features"]["shortcuts"][0].update(name="R" * 25),
            "features.shortcuts#1.name may have 24 characters; it has 25.",
        ),
        (
            lambda m: m["display_information"].update(name="R" * 36),
            "display_information.name must have 1 to 35 characters; it has 36.",
        ),
        (
            lambda m: m["display_information"].update(background_color="red"),
            "display_information.background_color must be like #7a1f3d.",
        ),
        (
            lambda m: m["settings"]["interactivity"].update(is_enabled=False),
            "settings.interactivity.is_enabled must be true, or no button works.",
        ),
    ],
)
def test_a_fault_is_told_in_a_sentence(ours: Mapping[str, Any], change: Change, sentence: str) -> None:
    changed = deepcopy(dict(ours))
    change(changed)
    assert faults(changed) == [sentence]


def test_an_empty_manifest_lacks_everything_and_breaks_nothing() -> None:
    assert len(faults({})) > len(manifest.SCOPES)


@pytest.mark.parametrize("text", ["", "- a list", "a: [", "\x00"])
def test_what_is_no_manifest_is_told_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "manifest.yml"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"^manifest\.yml "):
        manifest.read(file)
