"""Whether a connection to Microsoft 365 is ready for its first real use, in plain words."""

from collections.abc import Sequence

from bot.errors import ProviderError, ProviderOffError, ProviderRefusedError, RecallError
from bot.ports import Diagnosis
from bot.providers.base import Urgency
from bot.providers.graph_line import GraphLine
from bot.providers.graph_settings import GraphSettings
from bot.target import ProviderName


async def diagnose(name: ProviderName, settings: GraphSettings, line: GraphLine) -> Sequence[Diagnosis]:
    """Look at the sign-in, and with one person's token at the mailbox. Raises nothing."""
    what = f"provider {name}: sign-in"
    try:
        await line.sign_in()
    except ProviderError as error:
        renewed = "Sign in as the mailbox's owner again and put the new refresh_token into the settings."
        app = "Compare tenant, client_id and client_secret with the app's registration."
        mend = {
            ProviderRefusedError: renewed if settings.refresh_token else app,
            ProviderOffError: "Check cloud, or root and authority.",
        }.get(type(error), "Check cloud, and whether this machine may reach it.")
        return [Diagnosis(ok=False, what=what, found=error.sentence, mend=mend)]
    if not settings.delegated:
        found = f"{settings.title} gave an app's token. The mailboxes are those in [people]"
        return [Diagnosis(ok=True, what=what, found=found)]
    mailbox = (settings.mailbox or "").casefold()
    try:
        async for _ in line.mails(mailbox, Urgency.PERSON, pages=1, top="1", select="subject"):
            pass
    except RecallError as error:
        mend = "Ask for a new token with the permission Mail.ReadWrite."
        return [Diagnosis(ok=False, what=what, found=error.sentence, mend=mend)]
    return [Diagnosis(ok=True, what=what, found=f"{settings.title} accepts the token; Sent Items answered")]
