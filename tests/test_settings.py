from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from bot.errors import SettingsError
from bot.policy import Rule, SecondPerson
from bot.settings import Settings, is_safe_url
from bot.settings_file import load
from bot.target import ProviderName

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1-secret", "SLACK_APP_TOKEN": "xapp-1-secret"}


class PigeonSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    url: str
    token: SecretStr
    birds: int = 2


MODELS: Mapping[str, type[BaseModel]] = {"pigeon": PigeonSettings}
PUSH = '[providers.push]\nkind = "pigeon"\nurl = "https://pigeons.example.com"\ntoken = "coo"\n'

Read = Callable[..., Settings]
Complain = Callable[..., tuple[str, ...]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(text: str, environ: Mapping[str, str] = TOKENS, *, to_run: bool = True) -> Settings:
        file = tmp_path / "recall.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, environ, MODELS, to_run=to_run)

    return read


@pytest.fixture
def mistakes(read: Read) -> Complain:
    def mistakes(text: str, environ: Mapping[str, str] = TOKENS) -> tuple[str, ...]:
        with pytest.raises(SettingsError) as caught:
            read(text, environ)
        return caught.value.mistakes

    return mistakes


def test_an_empty_file_gives_safe_defaults(read: Read) -> None:
    settings = read("")
    assert settings.storage.url == "sqlite:///recall.db"
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8080)
    assert settings.card_minutes == 15
    assert not settings.slack.allow_shared
    assert not settings.rules().anybody
    assert settings.access.api_url == "https://slack.com/api/"


def test_everything_that_the_file_may_say(read: Read) -> None:
    settings = read(
        """
        card_minutes = 5
        [storage]
        url = "sqlite:////var/lib/recall/recall.db"
        [server]
        host = "0.0.0.0"
        port = 9000
        [slack]
        channel = "C0RECALLS"
        allow_shared = true
        [[policy.allow]]
        who = ["U024BE7LH", "S0MARKETING"]
        providers = ["push"]
        [[policy.allow]]
        who = ["S0ADMINS"]
        on_behalf = true
        [policy.second_person]
        audience_over = 10_000
        who = ["S0LEADS"]
        self_approval = true
        [people.U024BE7LH]
        push = "7"
        """
        + PUSH
    )
    push = ProviderName("push")
    rules = settings.rules()
    assert rules.allow == (
        Rule(who=frozenset({"U024BE7LH", "S0MARKETING"}), providers=frozenset({push})),
        Rule(who=frozenset({"S0ADMINS"}), on_behalf=True),
    )
    assert rules.second_person == SecondPerson(
        audience_over=10_000, who=frozenset({"S0LEADS"}), self_approval=True
    )
    assert settings.groups() == {"S0MARKETING", "S0ADMINS", "S0LEADS"}
    assert settings.people["U024BE7LH"] == {"push": "7"}
    assert settings.providers[push].kind == "pigeon"
    own = settings.providers[push].own
    assert isinstance(own, PigeonSettings)
    assert own.url == "https://pigeons.example.com"
    assert settings.terms().card_minutes == 5


def test_variables_stand_for_strings_anywhere_and_are_replaced_once(read: Read) -> None:
    text = PUSH.replace("coo", "${PIGEON}").replace("pigeons.example", "${HOST}.example")
    settings = read(text, {**TOKENS, "PIGEON": "${HOST}", "HOST": "loft"})
    own = settings.providers[ProviderName("push")].own
    assert isinstance(own, PigeonSettings)
    assert own.token.get_secret_value() == "${HOST}"
    assert own.url == "https://loft.example.com"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[storag]", 'storag: there is no such setting; did you mean "storage"?'),
        ("[slack]\nchanel = 'C0X'", 'slack.chanel: there is no such setting; did you mean "channel"?'),
        ("[retention]\ndays = 3", "retention: there is no such setting."),
        (
            "[server]\ncard_minutes = 4",
            "server.card_minutes: there is no such setting here; card_minutes belongs at the top of the file, above the first [table].",
        ),
        ("port = 1", "port: there is no such setting here; port belongs into [server]."),
        ("[server]\nport = '8080'", "server.port: must be a whole number."),
        ("[server]\nport = 70000", "server.port: must be less than or equal to 65535."),
        ("[server]\nport = true", "server.port: must be a whole number."),
        ("card_minutes = 0", "card_minutes: must be greater than 0."),
        ("card_minutes = nan", "card_minutes: must be a finite number."),
        ("slack = 3", "slack: must be a table."),
        (
            "[storage]\nurl = 'postgres://db'",
            'storage.url: must look like "sqlite:///recall.db" (or "sqlite:////absolute/path.db").',
        ),
        ("[slack]\nchannel = '#recalls'", "slack.channel: must be a channel's id (C…), not its name."),
        ("[[policy.allow]]\nwho = 'U024BE7LH'", "policy.allow#1.who: must be a list."),
        ("[[policy.allow]]", "policy.allow#1.who: is missing."),
        (
            "[[policy.allow]]\nwho = []",
            "policy.allow#1.who: names nobody; list at least one user or user group.",
        ),
        ("[policy.second_person]\naudience_over = 5", "policy.second_person.who: is missing."),
        ("[policy.second_person]\nwho = ['U0ANN']", "policy.second_person.audience_over: is missing."),
        ("[people.ann]\n", "people.ann: must be the id of a Slack user (U…), not a name."),
        ("[providers.push]", "providers.push.kind: is missing; known kinds: pigeon."),
        (
            "[providers.push]\nkind = 'pidgeon'",
            'providers.push.kind: there is no such kind of provider; did you mean "pigeon"?; known kinds: pigeon.',
        ),
        (PUSH + "bird = 3", 'providers.push.bird: there is no such setting; did you mean "birds"?'),
        (PUSH + "birds = 'two'", "providers.push.birds: must be a whole number."),
        (
            PUSH.replace("https", "http"),
            "providers.push.url: is not encrypted: use https (plain http and ws are for loopback only).",
        ),
        (
            PUSH.replace("push", "Push it"),
            None,
        ),
    ],
)
def test_one_mistake_is_one_sentence(mistakes: Complain, text: str, sentence: str | None) -> None:
    found = mistakes(text)
    assert len(found) == 1
    assert sentence is None or found == (sentence,)


def test_a_rule_for_an_unknown_provider_is_a_mistake(mistakes: Complain) -> None:
    text = "[[policy.allow]]\nwho = ['U0ANN']\nproviders = ['pusch']\n" + PUSH
    assert mistakes(text) == (
        'policy.allow#1.providers#1: there is no [providers.pusch]; did you mean "push"?',
    )


def test_a_person_at_an_unknown_provider_is_a_mistake(mistakes: Complain) -> None:
    assert mistakes("[people.U0ANN]\nmail = 'ann@example.com'") == (
        "people.U0ANN.mail: there is no [providers.mail].",
    )


def test_all_mistakes_are_told_at_once(mistakes: Complain) -> None:
    found = mistakes(
        """
        card_minuts = 3
        [server]
        port = "no"
        [policy.second_person]
        audience_over = 5
        [providers.push]
        kind = "pigeon"
        url = "http://pigeons.example.com"
        token = "${PIGEON}"
        [providers.chat]
        kind = "smoke"
        """,
        {},
    )
    assert [each.partition(":")[0] for each in found] == [
        "providers.push.token",
        "server.port",
        "policy.second_person.who",
        "card_minuts",
        "providers.push.url",
        "providers.chat.kind",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
    ]


def test_a_missing_variable_is_named_with_its_key(mistakes: Complain) -> None:
    assert mistakes(PUSH.replace("coo", "${PIGEON_TOKEN}")) == (
        "providers.push.token: the environment has no variable PIGEON_TOKEN, or it is empty.",
    )


def test_broken_toml_is_told_with_its_line(mistakes: Complain) -> None:
    (sentence,) = mistakes("card_minutes = 5\n[server\n")
    assert "is not valid TOML" in sentence
    assert "line 2" in sentence


def test_a_missing_file_says_where_to_begin(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such settings file"):
        load(tmp_path / "nowhere.toml", TOKENS, MODELS)


def test_a_file_that_is_no_text_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "recall.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="can't be read: it is not UTF-8 text"):
        load(tmp_path / "recall.toml", TOKENS, MODELS)


def test_tokens_of_the_wrong_kind_are_told_without_being_shown(mistakes: Complain) -> None:
    found = mistakes("", {"SLACK_BOT_TOKEN": "xoxp-hush", "SLACK_APP_TOKEN": "hush"})
    assert found == (
        "SLACK_BOT_TOKEN: must be a bot token, which begins with xoxb-; this one begins with xoxp-.",
        "SLACK_APP_TOKEN: must be an app-level token, which begins with xapp-.",
    )


def test_http_mode_needs_the_signing_secret_instead_of_the_app_token(read: Read) -> None:
    settings = read("", {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"})
    assert not settings.access.socket_mode


def test_tokens_are_not_needed_to_read_the_history(read: Read) -> None:
    assert read("", {}, to_run=False).access.bot_token is None


@pytest.mark.parametrize(
    "url", ["http://slack.example.com/api/", "ftp://127.0.0.1/", "slack.com", "https://[::1"]
)
def test_slack_is_not_spoken_to_in_the_open(mistakes: Complain, url: str) -> None:
    assert mistakes("", {**TOKENS, "SLACK_API_URL": url}) == (
        "SLACK_API_URL: must begin with https:// (plain http is for loopback only).",
    )


def test_another_slack_on_loopback_is_fine(read: Read) -> None:
    settings = read("", {**TOKENS, "SLACK_API_URL": "http://127.0.0.1:9/api"})
    assert settings.access.api_url == "http://127.0.0.1:9/api/"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example", True),
        ("http://localhost:1/x", True),
        ("http://[::1]/", True),
        ("ws://127.9.9.9/", True),
        ("http://localhost.evil.example", False),
        ("HTTP://a.example", False),
        ("http://127.0.0.1@evil.example/", False),
        ("no url at all", True),
        ("http://[::1", False),
        ("https://[::1", False),
    ],
)
def test_plain_http_is_for_loopback(url: str, safe: bool) -> None:
    assert is_safe_url(url) is safe


def test_secrets_are_in_no_repr_and_in_no_mistake(read: Read, mistakes: Complain) -> None:
    settings = read(PUSH.replace("coo", "hush-hush"))
    assert "hush-hush" not in repr(settings)
    assert "1-secret" not in repr(settings)
    wrong = (
        PUSH.replace('"coo"', '["hush-hush"]').replace("https://", "http://hush-hush@") + "hush = 'hush-hush'"
    )
    assert "hush-hush" not in "".join(mistakes(wrong))


def test_settings_can_not_be_changed_later(read: Read) -> None:
    with pytest.raises(ValueError, match="frozen"):
        read("").server.port = 1  # type: ignore[misc]
