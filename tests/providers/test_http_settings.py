"""Settings of a described vendor: each mistake is one sentence; every part of docs/http.md is right."""

from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.providers import kinds
from bot.settings_file import load
from sandbox.clock import SandboxClock
from sandbox.vendors.bulletin import BulletinBoard
from tests.providers.http_vendors import ENVIRONMENT, HOSTS, written

RECALL = '[providers.x.recall]\nmethod = "POST"\nurl = "https://v.example/{id}/recall"\n'
HEAD = 'kind = "http"\ntitle = "Vendor"\nid_pattern = "x-[0-9]+"\n'
KEY = "very-secret-key-0123456789"


def _load(folder: Path, text: str) -> Any:
    file = folder / "recall.toml"
    file.write_text(text, encoding="utf-8")
    models = {name: kind.settings for name, kind in kinds().items()}
    return load(file, {**ENVIRONMENT, "KEY": KEY}, models, to_run=False).providers


@pytest.mark.parametrize("name", sorted(HOSTS))
def test_the_examples_of_the_page_can_be_read_from_a_settings_file(tmp_path: Path, name: str) -> None:
    vendor = BulletinBoard(clock=SandboxClock())
    vendor.url = HOSTS[name]
    assert _load(tmp_path, written(name, vendor))[name].kind == "http"


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (HEAD, "providers.x.recall: is missing."),
        (HEAD + RECALL.replace("/{id}", ""), "put {id} into it"),
        (HEAD + RECALL.replace("{id}", "{idd}"), "there is no placeholder {idd} here; did you mean {id}?"),
        (HEAD + RECALL.replace("{id}", "{words}"), "recall: there is no placeholder {words} here"),
        (HEAD + RECALL.replace("https://v", "http://v"), "is not encrypted"),
        (HEAD + RECALL.replace("v.example", "{id}.example"), "must not have a placeholder in the host"),
        (HEAD + RECALL.replace("POST", "FETCH"), "providers.x.recall.method: must be"),
        (HEAD + 'fields = { name = "data.title" }\n' + RECALL, 'which begins with "/" ("/data/title"?)'),
        (HEAD.replace("id_pattern", "pattern") + RECALL, "providers.x.pattern: there is no such setting"),
        ('kind = "http"\ntitle = "V"\n' + RECALL, "without list and get it says which words are ids"),
        (HEAD.replace("x-[0-9]+", "(") + RECALL, "is no regular expression"),
        (HEAD + RECALL + 'body = { a = "b" }\nform = { a = "b" }\n', "a body or a form, not both"),
        (HEAD + RECALL + "[providers.x.list]\nurl = 'https://v.example/'\n", "fields.id: is missing"),
        (HEAD + RECALL + "[providers.x.get]\nurl = 'https://v.example/'\n", "get: says nowhere what to get"),
        (
            HEAD
            + 'fields = { id = "/id" }\n'
            + RECALL
            + "[providers.x.search]\nurl = 'https://v.example/'\n",
            "search: put {words} into it",
        ),
        (HEAD + 'repeat = "B"\n' + RECALL, "needs check.untouched"),
        (HEAD + "batch = 10\n" + RECALL, "a batch needs {items}"),
        (HEAD + RECALL.replace("{id}", "{items}"), "{items} is for batches"),
        (HEAD + 'headers = { A = "Bearer {token}" }\n' + RECALL, "{token} needs a sign_in request"),
        (HEAD + 'headers = { A = "{tokn}" }\n' + RECALL, "did you mean {token}?"),
        (HEAD + 'headers = { A = "two\\nlines" }\n' + RECALL, "one line of printable characters"),
        (HEAD + RECALL + "accepted = {}\n", "says nothing; give status"),
        (HEAD + 'links = ["https://v.example/"]\n' + RECALL, "must be an address that holds {id} once"),
        (
            HEAD
            + RECALL
            + "[providers.x.sign_in]\nurl = 'https://v.example/t'\ntoken = '/t'\nmethod = 'POST'\n"
            + 'body = { secret = "${KEY}" }\n',
            "sign_in: no header uses {token}",
        ),
    ],
)
def test_each_mistake_is_one_sentence(tmp_path: Path, tables: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _load(tmp_path, f"[providers.x]\n{tables}")
    assert len(caught.value.mistakes) == 1
    assert said in caught.value.sentence
    assert KEY not in caught.value.sentence


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ('kind = "manual"\nsteps = ["a"]', "providers.x.title: is missing"),
        ('kind = "manual"\ntitle = "V"', "providers.x.steps: is missing"),
        ('kind = "manual"\ntitle = "V"\nsteps = ["a"]\npanel = "manager"', "must be a web address"),
        ('kind = "manual"\ntitle = "V"\nsteps = ["a"]\nlink_hosts = ["https://m.v"]', "must be a host alone"),
    ],
)
def test_mistakes_of_a_vendor_without_an_api(tmp_path: Path, tables: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _load(tmp_path, f"[providers.x]\n{tables}\n")
    assert said in caught.value.sentence
