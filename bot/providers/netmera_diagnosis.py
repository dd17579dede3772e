"""Whether a Netmera connection is ready for its first real use, in plain words."""

from collections.abc import Sequence

from bot.errors import ProviderError, ProviderOffError, ProviderRefusedError
from bot.ports import Diagnosis
from bot.providers.base import Urgency
from bot.providers.netmera_account import NetmeraAccount
from bot.providers.netmera_settings import NetmeraSettings
from bot.providers.netmera_tools import Toolbox
from bot.target import ProviderName


async def diagnose(
    name: ProviderName, settings: NetmeraSettings, account: NetmeraAccount
) -> Sequence[Diagnosis]:
    """Look at each thing in turn, and stop where nothing further can be said. Raises nothing."""
    title = settings.title
    what = f"provider {name}"
    try:
        toolbox = await account.toolbox(Urgency.PERSON)
    except ProviderError as error:
        mend = {
            ProviderRefusedError: "Ask for a token with the scopes mcp:read and mcp:write, and put it into token.",
            ProviderOffError: f"Compare url with the address in {title}'s documentation.",
        }.get(type(error), f"Check url, and whether this machine may reach {title}.")
        return [Diagnosis(ok=False, what=f"{what}: sign-in", found=error.sentence, mend=mend)]
    found = [
        Diagnosis(ok=True, what=f"{what}: sign-in", found=f"{title} accepts the token at {settings.url}")
    ]
    found += [_tool(what, toolbox, tool) for tool in _needed(settings)]
    try:
        listed = await account.list(limit=1)
    except ProviderError as error:
        found.append(
            Diagnosis(
                ok=False,
                what=f"{what}: list of campaigns",
                found=error.sentence,
                mend="If other tools work, set the names of fields and arguments in the settings.",
            )
        )
    else:
        count = "a campaign" if listed.campaigns else "no campaign yet"
        found.append(Diagnosis(ok=True, what=f"{what}: list of campaigns", found=f"answered, with {count}"))
    return found


def _needed(settings: NetmeraSettings) -> tuple[str, ...]:
    names = settings.tools
    return (names.list, names.detail, names.recall, names.stop)


def _tool(what: str, toolbox: Toolbox, tool: str) -> Diagnosis:
    names = toolbox.settings.tools
    problem = None if toolbox.has(tool) and tool == names.list else toolbox.problem(tool)
    if problem is None:
        named = "" if tool == names.list else f", the campaign's id as {toolbox.id_argument(tool)}"
        return Diagnosis(ok=True, what=f"{what}: tool {tool}", found=f"offered{named}")
    mend = (
        "See the sentence before: the settings can name what is missing."
        if toolbox.has(tool)
        else "The token may lack the scope mcp:write, or its owner the role for campaigns."
    )
    return Diagnosis(ok=False, what=f"{what}: tool {tool}", found=problem, mend=mend)
