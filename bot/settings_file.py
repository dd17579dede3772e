"""Reads recall.toml and the environment into `Settings`, or says every mistake at once.

A mistake is one sentence that begins with the key's path. What stands in the file is never repeated in a
sentence where it may be a secret.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from bot.errors import SettingsError
from bot.mistakes import Key, Mistakes, nearest
from bot.settings import (
    SLACK_API_URL,
    FileSettings,
    ProviderEntry,
    Settings,
    SlackAccess,
    is_safe_url,
)
from bot.target import ProviderName

DEFAULT_FILE = Path("recall.toml")
Models = Mapping[str, type[BaseModel]]
"""The settings model of each kind of provider."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PROVIDER_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_TOKENS = ("xoxb-", "xapp-", "xoxp-", "xoxe-", "xoxa-", "xoxr-")


def load(path: Path, environ: Mapping[str, str], models: Models, *, to_run: bool = True) -> Settings:
    """Read the settings.

    Args:
        path: the settings file.
        environ: the process's environment.
        models: by kind of provider, its settings model.
        to_run: also insist on the tokens without which the bot can't run.

    Raises:
        SettingsError: with one sentence per mistake.
    """
    mistakes = Mistakes()
    raw = _expanded(_parsed(path), environ, mistakes)
    file = _file(raw, mistakes)
    providers = _providers(_with_variables(raw.get("providers"), environ, models), models, mistakes)
    _cross_check(raw, providers, mistakes)
    access = _access(environ, mistakes, to_run=to_run)
    if mistakes or file is None:
        raise SettingsError(mistakes.sentences())
    return Settings(
        card_minutes=file.card_minutes,
        storage=file.storage,
        server=file.server,
        slack=file.slack,
        access=access,
        policy=file.policy,
        people=file.people,
        providers={name: each for name, each in providers.items() if each is not None},
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            (f"{path}: there is no such settings file. Copy recall.example.toml to it and fill it in.",)
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError((f"{path}: can't be read: {why}.",)) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError((f"{path}: is not valid TOML: {error}.",)) from None


def _expanded(raw: dict[str, Any], environ: Mapping[str, str], mistakes: Mistakes) -> dict[str, Any]:
    """Put the environment's values in place of `${NAME}`, once: what they hold is not looked into again."""

    def walk(value: Any, key: Key) -> Any:
        if isinstance(value, dict):
            return {name: walk(each, (*key, name)) for name, each in value.items()}
        if isinstance(value, list):
            return [walk(each, (*key, position)) for position, each in enumerate(value)]
        if isinstance(value, str):
            for name in _VARIABLE.findall(value):
                if not environ.get(name):
                    mistakes.add(key, f"the environment has no variable {name}, or it is empty")
            return _VARIABLE.sub(lambda found: environ.get(found[1], ""), value)
        return value

    expanded: dict[str, Any] = walk(raw, ())
    return expanded


def _file(raw: dict[str, Any], mistakes: Mistakes) -> FileSettings | None:
    try:
        return FileSettings.model_validate_json(_json(raw), strict=True)
    except ValidationError as error:
        mistakes.add_all(error, FileSettings)
        return None


def _json(raw: object) -> str:
    # Through JSON, since strict validation takes a list for a tuple or a set only there.
    return json.dumps(raw, default=str)


def _with_variables(raw: object, environ: Mapping[str, str], models: Models) -> object:
    """Fill in what a kind takes from the environment where the file does not say it."""
    if not isinstance(raw, dict):
        return raw

    def filled(table: object) -> object:
        kind = table.get("kind") if isinstance(table, dict) else None
        variables = getattr(models.get(kind), "from_environment", {}) if isinstance(kind, str) else {}
        given = {key: environ[name] for key, name in variables.items() if environ.get(name)}
        return {**given, **table} if isinstance(table, dict) else table

    return {name: filled(table) for name, table in raw.items()}


def _providers(raw: object, models: Models, mistakes: Mistakes) -> dict[ProviderName, ProviderEntry | None]:
    """Check each provider by its own kind's model; None for one that has mistakes."""
    if not isinstance(raw, dict):
        return {}
    return {ProviderName(name): _provider(name, each, models, mistakes) for name, each in raw.items()}


def _provider(name: str, raw: object, models: Models, mistakes: Mistakes) -> ProviderEntry | None:
    key: Key = ("providers", name)
    if not _PROVIDER_NAME.fullmatch(name):
        mistakes.add(key, "a provider's name has small letters, digits, - and _ only, at most 32")
    if not isinstance(raw, dict):
        return None
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in models:
        known = f"known kinds: {', '.join(sorted(models))}"
        wrong = "is missing" if kind is None else f"there is no such kind of provider{nearest(kind, models)}"
        mistakes.add((*key, "kind"), f"{wrong}; {known}")
        return None
    for where, url in _strings(raw, key):
        if not is_safe_url(url):
            mistakes.add(where, "is not encrypted: use https (plain http and ws are for loopback only)")
    try:
        return ProviderEntry(kind=kind, own=models[kind].model_validate_json(_json(raw), strict=True))
    except ValidationError as error:
        mistakes.add_all(error, models[kind], below=key)
        return None


def _strings(value: object, key: Key) -> Iterator[tuple[Key, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _strings(each, (*key, name))
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from _strings(each, (*key, position))


def _cross_check(
    raw: Mapping[str, Any], providers: Mapping[ProviderName, object], mistakes: Mistakes
) -> None:
    """Check what one part of the file says about another."""
    policy = raw.get("policy")
    rules = policy.get("allow") if isinstance(policy, dict) else None
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        named = rule.get("providers") if isinstance(rule, dict) else None
        for position, name in enumerate(named if isinstance(named, list) else ()):
            if isinstance(name, str):
                _must_be_provider(
                    name, providers, ("policy", "allow", number, "providers", position), mistakes
                )
    people = raw.get("people")
    for user, ids in (people if isinstance(people, dict) else {}).items():
        if not re.fullmatch(r"[UW][A-Z0-9]{2,}", user):
            mistakes.add(("people", user), "must be the id of a Slack user (U…), not a name")
        for name in ids if isinstance(ids, dict) else ():
            _must_be_provider(name, providers, ("people", user, name), mistakes)


def _must_be_provider(
    name: str, providers: Mapping[ProviderName, object], key: Key, mistakes: Mistakes
) -> None:
    if name not in providers:
        mistakes.add(key, f"there is no [providers.{name}]{nearest(name, providers)}")


def _access(environ: Mapping[str, str], mistakes: Mistakes, *, to_run: bool) -> SlackAccess:
    bot, app, secret = (
        environ.get(name) or None for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
    )
    url = environ.get("SLACK_API_URL") or SLACK_API_URL
    if to_run:
        for name, token, prefix, what in (
            ("SLACK_BOT_TOKEN", bot, "xoxb-", "a bot token"),
            ("SLACK_APP_TOKEN", app, "xapp-", "an app-level token"),
        ):
            if token and not token.startswith(prefix):
                mistakes.add((name,), f"must be {what}, which begins with {prefix}{_instead(token)}")
        if bot is None:
            mistakes.add(("SLACK_BOT_TOKEN",), "is not set; it is the bot token (xoxb-…) of your Slack app")
        if app is None and secret is None:
            mistakes.add(
                ("SLACK_APP_TOKEN",),
                "is not set, nor is SLACK_SIGNING_SECRET; the first is for Socket Mode, the second for HTTP",
            )
    if not url.startswith(("https://", "http://")) or not is_safe_url(url):
        mistakes.add(("SLACK_API_URL",), "must begin with https:// (plain http is for loopback only)")
    return SlackAccess(
        bot_token=bot and SecretStr(bot),
        app_token=app and SecretStr(app),
        signing_secret=secret and SecretStr(secret),
        api_url=url if url.endswith("/") else f"{url}/",
    )


def _instead(token: str) -> str:
    kind = next((each for each in _TOKENS if token.startswith(each)), None)
    return f"; this one begins with {kind}" if kind else ""
