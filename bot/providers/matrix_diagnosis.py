"""Whether a homeserver is ready for a first real use, in plain words."""

from collections.abc import Sequence

from bot.errors import NotFoundError, ProviderError
from bot.ports import Diagnosis
from bot.providers.matrix_account import MatrixAccount
from bot.providers.matrix_settings import MatrixSettings
from bot.target import ProviderName


async def diagnose(
    name: ProviderName, settings: MatrixSettings, account: MatrixAccount
) -> Sequence[Diagnosis]:
    """Try each token, then look at each room with the settings' own."""
    found: list[Diagnosis] = []
    us = await _token(name, settings.token.get_secret_value(), "token", account, found)
    for user, token in settings.tokens.items():
        owner = await _token(name, token.get_secret_value(), f"tokens.{user}", account, found)
        if owner not in {None, user}:
            found[-1] = Diagnosis(
                ok=False,
                what=found[-1].what,
                found=f"it belongs to {owner}",
                mend=f"Put {user}'s own token there.",
            )
    if us is not None:
        found += [await _room(name, room, us, account) for room in settings.rooms]
    return found


async def _token(
    name: ProviderName, token: str, setting: str, account: MatrixAccount, found: list[Diagnosis]
) -> str | None:
    what = f"provider {name}: {setting}"
    try:
        user = await account.user_of(token)
    except (ProviderError, NotFoundError) as error:
        found.append(Diagnosis(ok=False, what=what, found=error.sentence, mend=f"Look at url and {setting}."))
        return None
    found.append(Diagnosis(ok=True, what=what, found=f"signed in as {user}"))
    return user


async def _room(name: ProviderName, room: str, us: str, account: MatrixAccount) -> Diagnosis:
    what = f"provider {name}: room {room}"
    try:
        known = await account.room_id(room)
        others = (await account.power(known, us)).may_redact(us, "")
    except (ProviderError, NotFoundError) as error:
        return Diagnosis(
            ok=False, what=what, found=error.sentence, mend=f"Invite {us} there, and let it join."
        )
    reach = "everybody's messages" if others else "its own messages only, and those of people with a token"
    return Diagnosis(ok=True, what=what, found=f"Recall can remove {reach}")
