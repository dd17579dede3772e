"""Whether a Chatwoot connection is ready for its first real use, in plain words."""

from collections.abc import Sequence
from typing import Any

from bot.errors import NotFoundError, ProviderError, ProviderRefusedError
from bot.ports import Diagnosis
from bot.providers.chatwoot_account import ChatwootAccount
from bot.providers.chatwoot_answers import whole
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.target import ProviderName


async def diagnose(
    name: ProviderName, settings: ChatwootSettings, account: ChatwootAccount
) -> Sequence[Diagnosis]:
    """Look at token, account and conversations, and stop where nothing further can be said. Raises nothing."""
    what, title = f"provider {name}", settings.title
    try:
        profile = await account.profile()
        talks = await account.conversations()
    except (ProviderError, NotFoundError) as error:
        return [Diagnosis(ok=False, what=f"{what}: sign-in", found=error.sentence, mend=_mend(error, title))]
    found = [
        Diagnosis(ok=True, what=f"{what}: sign-in", found=f"{title} accepts the token at {settings.url}"),
        _account(what, settings, profile),
        Diagnosis(
            ok=True, what=f"{what}: conversations", found=f"answered, with {len(talks)} on the first page"
        ),
    ]
    if settings.mirror_channel:
        how = "signed" if settings.webhook_secret else "not signed, known by their address only"
        found.append(Diagnosis(ok=True, what=f"{what}: mirror", found=f"on; webhooks must be {how}"))
    return found


def _account(what: str, settings: ChatwootSettings, profile: Any) -> Diagnosis:
    listed = profile.get("accounts") if isinstance(profile, dict) else None
    ids = (
        [whole(each.get("id")) for each in listed if isinstance(each, dict)]
        if isinstance(listed, list)
        else []
    )
    if settings.account in ids:
        return Diagnosis(
            ok=True, what=f"{what}: account", found=f"the token belongs to account {settings.account}"
        )
    return Diagnosis(
        ok=False,
        what=f"{what}: account",
        found=f"The token does not belong to account {settings.account}.",
        mend="Put the number that stands in the dashboard's address (/app/accounts/…) into account.",
    )


def _mend(error: ProviderError | NotFoundError, title: str) -> str:
    if isinstance(error, ProviderRefusedError):
        return "Copy the access token from the profile settings of an administrator, and put it into token."
    if isinstance(error, NotFoundError):
        return (
            "Compare url and account with the dashboard's address: url, then /app/accounts/ and the number."
        )
    return f"Check url, and whether this machine may reach {title}."
