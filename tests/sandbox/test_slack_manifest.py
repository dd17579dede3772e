import re
from pathlib import Path

from sandbox.slack.local import MANIFEST

TEXT = (Path(__file__).parents[2] / "manifest.yml").read_text()


def test_the_local_slack_grants_what_the_manifest_asks_for() -> None:
    listed = re.findall(r"^      - ([\w:]+)$", TEXT, re.MULTILINE)
    assert sorted(listed) == sorted((*MANIFEST.scopes, *MANIFEST.events))


def test_the_local_slack_offers_the_manifests_commands_and_shortcuts() -> None:
    assert tuple(re.findall(r"- command: (\S+)", TEXT)) == MANIFEST.commands
    found = re.findall(r"- name: (.+)\n\s+type: (\w+)\n\s+callback_id: (\w+)", TEXT)
    assert found == [(s.name, s.type, s.callback_id) for s in MANIFEST.shortcuts]
