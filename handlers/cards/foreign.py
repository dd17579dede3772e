"""Text that other people wrote: made safe to show, and shown literally.

Campaign names, message texts, people's reasons and vendors' sentences may hold anything. Nothing of it may
notify somebody, format, link, or turn our own words around.
"""

import re
import unicodedata
from typing import Final

GUARD: Final = "\u2060"  # word joiner: invisible; keeps Slack from reading * _ ~ ` :x: > as its own marks
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_DIRECTIONS: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DROPPED: Final = _DIRECTIONS | frozenset(f"{GUARD}\ufeff\u200b")
_BREAKS: Final = frozenset("\u2028\u2029\x85\x0b\x0c")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_EMOJI_CODE: Final = re.compile(r":[^\s:]+:")
_ELLIPSIS: Final = "…"
_LAST_SINGLE: Final = 0xFFFF  # beyond it, UTF-16 needs two units
LINES: Final = 12  # more would push the buttons off a phone's screen


def length(text: str) -> int:
    """Count as Slack's browser code does, in UTF-16 units: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """Shorten to at most `limit` UTF-16 units; what was cut shows as an ellipsis."""
    if length(text) <= limit:
        return text
    kept, room = [], limit - 1
    for each in text:
        room -= 2 if ord(each) > _LAST_SINGLE else 1
        if room < 0:
            break
        kept.append(each)
    return "".join(kept).rstrip() + _ELLIPSIS


def lines(text: str, limit: int) -> str:
    """Clean text of several lines: no control characters, no overrides of direction, at most `limit` long."""
    kept = _clean(text).strip().split("\n")
    shown = kept[:LINES] if len(kept) <= LINES else [*kept[:LINES], _ELLIPSIS]
    return _isolated(clip("\n".join(shown), limit - 2 * (LINES + 1)))


def one_line(text: str, limit: int) -> str:
    """Clean text that has to stand in one line, such as a name."""
    return _isolated(clip(" ".join(_clean(text).split()), limit - 2))


def escape(text: str, limit: int = 600) -> str:
    """Make foreign text safe inside a sentence of ours; the result is at most `limit` long, escapes counted."""
    clean = one_line(text, limit)
    pieces: list[str] = []
    room = limit - 2
    for place, each in enumerate(clean):
        piece = _ENTITIES.get(each, each)
        if _could_act(clean, place):
            piece = f"{GUARD}{piece}{GUARD}"
        room -= length(piece)
        if room < 0:
            return "".join(pieces).rstrip() + _ELLIPSIS + (_END_ISOLATE if clean[0] == _ISOLATE else "")
        pieces.append(piece)
    return "".join(pieces)


def unescape(text: str) -> str:
    """Read `escape` back, for blocks that show text literally anyway."""
    text = text.replace(GUARD, "")
    for plain, entity in reversed(_ENTITIES.items()):
        text = text.replace(entity, plain)
    return text


def _could_act(text: str, place: int) -> bool:
    """Say whether Slack may read this character as a mark of its own; between letters it never does."""
    match text[place]:
        case "`":
            return True
        case "*" | "_" | "~":
            return not (text[place - 1 : place].isalnum() and text[place + 1 : place + 2].isalnum())
        case ":":
            return _EMOJI_CODE.match(text, place) is not None
        case ">":
            return place == 0
    return False


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").translate(_CLEANED)


def _cleaned(each: str) -> str:
    if each in "\n\t" or each in _BREAKS or each == "\r":
        return " " if each == "\t" else "\n"
    if each in _DROPPED or unicodedata.category(each) in {"Cc", "Cs", "Cn", "Co"}:
        return ""
    return each


class _Cleaned(dict[int, str]):
    """Each character's cleaned form, judged when it is first met: texts are long and their characters few."""

    def __missing__(self, code: int) -> str:
        self[code] = clean = _cleaned(chr(code))
        return clean


_CLEANED: Final = _Cleaned()


def _isolated(text: str) -> str:
    """Keep right-to-left text from reordering our words around it."""
    return "\n".join(
        f"{_ISOLATE}{line}{_END_ISOLATE}"
        if not line.isascii() and any(unicodedata.bidirectional(each) in {"R", "AL", "AN"} for each in line)
        else line
        for line in text.split("\n")
    )
