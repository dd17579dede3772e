"""Screens in the practice shops' windows, and the panel by hand of the vendor that runs them: it has no API."""

from dataclasses import dataclass, replace
from typing import Any

from sandbox.feed import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What one screen shows; `text` is empty after somebody took it down in the vendor's panel."""

    id: str
    shop: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """The form in which the page reads it."""
        return {"id": self.id, "shop": self.shop, "text": self.text}


SEED = (
    Poster(id="harbour", shop="Harbour Street", text="Spring sale: everything 50% off"),
    Poster(id="station", shop="Central Station", text="Spring sale: everything 50% off"),
)


class Posters:
    """All screens; every change is told to the feed, so that pages redraw."""

    def __init__(self, *, feed: Feed) -> None:
        self._feed = feed
        self._posters = {one.id: one for one in SEED}

    def take_down(self, poster: str) -> None:
        """What a person does in the vendor's panel; KeyError for a screen that is not there."""
        self._posters[poster] = replace(self._posters[poster], text="")
        self._feed.changed()

    def snapshot(self) -> list[dict[str, Any]]:
        """All screens as the page reads them."""
        return [one.as_json() for one in self._posters.values()]
