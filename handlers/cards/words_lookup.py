"""What is said of vendors that were asked and had nothing to say: too slow, silent, or a plain no."""

from collections.abc import Sequence

from bot.found import Found
from handlers.cards.kit import escape


def still_looking(vendors: Sequence[str]) -> str:
    """Say which vendors are slow, where nothing was found yet."""
    return f"{_listed(vendors)} {'take' if len(vendors) > 1 else 'takes'} long to answer, and Recall is still asking. To look for something else, press Search."


def lacking(found: Found) -> list[str]:
    """Say who is missing from a look-up: what those said that refuse, and who did not answer."""
    told = [f"Something may be missing here: {escape(each, 300)}" for each in found.refusing]
    if found.silent:
        told.append(
            f"{_listed(found.silent)} did not answer just now, so something may be missing here. Try again in a moment."
        )
    return told


def _listed(vendors: Sequence[str]) -> str:
    listed = [escape(each, 60) for each in vendors]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
