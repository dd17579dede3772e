"""`app.py check`: what is missing before the first real use, in plain words, each with its mend."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import RecallError
from bot.ports import Diagnosis, Provider, Store
from bot.settings import Settings
from bot.target import ProviderName
from front import manifest
from front.slack_line import Identity, explain, identify

PROVIDER_SECONDS = 30
REFUSALS = (SlackApiError, aiohttp.ClientError, TimeoutError, KeyError)


def report(found: Sequence[Diagnosis]) -> Iterator[str]:
    """Write the findings as lines, and the sum of them as the last one."""
    for each in found:
        yield f"{'ok     ' if each.ok else 'MISSING'} {each.what}: {each.found}"
        if each.mend and not each.ok:
            yield f"        {each.mend}"
    missing = sum(not each.ok for each in found)
    things = "thing is" if missing == 1 else "things are"
    yield "\nEverything is ready." if not missing else f"\n{missing} {things} missing."


def policy(settings: Settings) -> Iterator[Diagnosis]:
    """Look at who may recall what."""
    rules = settings.rules()
    for name in settings.providers:
        covered = any(rule.providers is None or name in rule.providers for rule in rules.allow)
        yield Diagnosis(
            ok=covered,
            what=f"rules for {name}",
            found="somebody may recall" if covered else "nobody may recall anything of it yet",
            mend="Add a [[policy.allow]] with the ids of users or user groups to the settings.",
        )
    if not settings.providers:
        yield _missing("providers", "none is configured", "Add a [providers.NAME] to the settings.")
        if not rules.anybody:
            yield _missing(
                "rules", "nobody may recall anything yet", "Add a [[policy.allow]] to the settings."
            )


def manifest_file(path: Path, *, command: str, callbacks: Sequence[str]) -> Iterator[Diagnosis]:
    """Look at the manifest that the Slack app is made from."""
    try:
        wrong = list(manifest.faults(manifest.read(path), command=command, callbacks=callbacks))
    except ValueError as error:
        yield _missing("manifest", f"{error}.", "Take the file from Recall's own folder.")
        return
    if not wrong:
        yield Diagnosis(ok=True, what="manifest", found="says all that Recall needs, and no more")
    for sentence in wrong:
        yield _missing("manifest", sentence, f"Mend {path.name}, then update the app at api.slack.com/apps.")


async def database(url: str, open_reader: Callable[[str], Awaitable[Store]]) -> Diagnosis:
    """Open the database read-only, beside a running bot, and look through all of it."""
    file = Path(url.removeprefix("sqlite:///"))
    if _is_to_be_made(file):
        return Diagnosis(
            ok=True, what="database", found=f"{file} does not exist yet; the first start makes it"
        )
    try:
        store = await open_reader(url)
        try:
            found = await store.damage()
        finally:
            await store.close()
    except RecallError as error:
        return _missing("database", error.sentence, "Look at storage.url and at the file's rights.")
    if found is not None:
        return _missing(
            "database", found, "Stop Recall, and put a copy made with `app.py backup` in its place."
        )
    return Diagnosis(ok=True, what="database", found=f"{file} can be read, and all of it is sound")


async def slack(settings: Settings, client: AsyncWebClient) -> Sequence[Diagnosis]:
    """Look at tokens, scopes, the socket and the settings' channel."""
    access = settings.access
    found = list(_tokens(settings))
    if access.bot_token is None or not found[0].ok:
        return found
    try:
        identity = await identify(client)
    except REFUSALS as error:
        where = "Is the token whole, and is the app installed in the workspace?"
        return [*found, _missing("sign-in to Slack", explain(error), where)]
    found.append(
        Diagnosis(ok=True, what="sign-in to Slack", found=f"works, in {identity.workspace or identity.team}")
    )
    found.append(_scopes(identity, manifest.scopes(emails=_by_email(settings))))
    if access.app_token is not None:
        found.append(await _socket(client, access.app_token.get_secret_value()))
    found.append(await _channel(client, settings.slack.channel, allow_shared=settings.slack.allow_shared))
    found.extend([await _group(client, each) for each in sorted(settings.groups())])
    return found


async def providers(made: Mapping[ProviderName, Provider | RecallError]) -> Sequence[Diagnosis]:
    """Let each provider look at itself; one that is dead or slow does not keep the others waiting."""
    answers = await asyncio.gather(*(_provider(name, each) for name, each in made.items()))
    return [each for answer in answers for each in answer]


async def _provider(name: str, provider: Provider | RecallError) -> Sequence[Diagnosis]:
    what = f"provider {name}"
    if isinstance(provider, RecallError):
        return [_missing(what, provider.sentence, f"Look at [providers.{name}] in the settings.")]
    try:
        async with asyncio.timeout(PROVIDER_SECONDS):
            return await provider.diagnose()
    except TimeoutError:
        return [
            _missing(what, f"no answer within {PROVIDER_SECONDS} seconds", "Is its url right, and is it up?")
        ]
    except RecallError as error:
        return [_missing(what, error.sentence, f"Look at [providers.{name}] in the settings.")]


def _is_to_be_made(file: Path) -> bool:
    return not file.exists() and file.parent.is_dir()


def _tokens(settings: Settings) -> Iterator[Diagnosis]:
    access = settings.access
    page = "api.slack.com/apps, your app"
    bot = access.bot_token.get_secret_value() if access.bot_token else ""
    yield Diagnosis(
        ok=bot.startswith("xoxb-"),
        what="SLACK_BOT_TOKEN",
        found="is a bot token"
        if bot.startswith("xoxb-")
        else "is not set"
        if not bot
        else "is no bot token (xoxb-…)",
        mend=f"Copy it from {page}, OAuth & Permissions: Bot User OAuth Token.",
    )
    if access.app_token is None and access.signing_secret is not None:
        yield Diagnosis(ok=True, what="SLACK_SIGNING_SECRET", found="is set: Slack's requests come over HTTP")
        return
    app = access.app_token.get_secret_value() if access.app_token else ""
    right = app.startswith("xapp-")
    yield Diagnosis(
        ok=right,
        what="SLACK_APP_TOKEN",
        found="is an app-level token: Socket Mode"
        if right
        else "is no app-level token (xapp-…)"
        if app
        else "is not set",
        mend=f"Make one at {page}, Basic Information: App-Level Tokens, with the scope connections:write.",
    )


def _by_email(settings: Settings) -> bool:
    """Say whether a provider matches people by the address that Slack has of them."""
    return any(getattr(each.own, "match_by_email", False) for each in settings.providers.values())


def _scopes(identity: Identity, needed: Mapping[str, str]) -> Diagnosis:
    lacking = sorted(set(needed) - identity.scopes)
    found = "all granted"
    if lacking:
        found = "missing: " + "; ".join(f"{each} (to {needed[each]})" for each in lacking)
    elif more := sorted(identity.scopes - set(needed)):
        found = f"all granted, and more than Recall uses: {', '.join(more)}"
    mend = "Update the app with manifest.yml and install it again: Slack grants new scopes only then."
    if lacking == [manifest.EMAIL_SCOPE]:
        mend = "Add it by hand under OAuth & Permissions (manifest.yml leaves it out), and install the app again."
    return Diagnosis(ok=not lacking, what="scopes", found=found, mend=mend)


async def _socket(client: AsyncWebClient, app_token: str) -> Diagnosis:
    try:
        await client.apps_connections_open(app_token=app_token)
    except REFUSALS as error:
        mend = "Is Socket Mode switched on, and has the token the scope connections:write?"
        return _missing("Socket Mode", explain(error), mend)
    return Diagnosis(ok=True, what="Socket Mode", found="a connection may be opened")


async def _channel(client: AsyncWebClient, channel: str | None, *, allow_shared: bool) -> Diagnosis:
    what = "channel for cards"
    if channel is None:
        found = "none is set; cards that can't stand where they were asked for go to the person directly"
        return Diagnosis(ok=True, what=what, found=found)
    try:
        about = (await client.conversations_info(channel=channel))["channel"]
    except REFUSALS as error:
        mend = "Is slack.channel the channel's id? If it is private, invite Recall there: /invite @Recall"
        return _missing(what, f"{channel}: {explain(error)}", mend)
    name = f"#{about.get('name', channel)}"
    if about.get("is_archived"):
        return _missing(what, f"{name} is archived", "Name another channel in slack.channel.")
    if not about.get("is_member"):
        return _missing(what, f"Recall is not in {name}", f"Type in {name}: /invite @Recall")
    if about.get("is_ext_shared") and not allow_shared:
        mend = "Name another one in slack.channel, or set slack.allow_shared."
        return _missing(what, f"{name} is shared with another organisation", mend)
    return Diagnosis(ok=True, what=what, found=f"Recall is in {name}")


async def _group(client: AsyncWebClient, group: str) -> Diagnosis:
    what = f"user group {group}"
    try:
        members = (await client.usergroups_users_list(usergroup=group)).get("users") or ()
    except REFUSALS as error:
        return _missing(
            what, explain(error), "Is this the group's id, and has the app the scope usergroups:read?"
        )
    if not members:
        return _missing(what, "has no members", "Add people to it, or name another group in the rules.")
    return Diagnosis(ok=True, what=what, found=f"has {len(members)} member{'s' * (len(members) != 1)}")


def _missing(what: str, found: str, mend: str) -> Diagnosis:
    return Diagnosis(ok=False, what=what, found=found.rstrip("."), mend=mend)
