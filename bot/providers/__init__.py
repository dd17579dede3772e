"""The world: the vendors, all behind `bot.ports.Provider`.

A provider is found by its `kind` in the settings: our own, and those of other packages that register a
`bot.providers.base.ProviderKind` as an entry point in the group `recall.providers`, named after the kind.
"""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from bot.ports import Clock, Provider
from bot.providers.base import ProviderKind, ProviderSettings
from bot.target import ProviderName

GROUP = "recall.providers"

_OWN = {
    kind: f"bot.providers.{kind}:KIND"
    for kind in ("netmera", "chatwoot", "graph", "slack", "matrix", "http", "manual")
}
_log = logging.getLogger(__name__)


class Kinds(Mapping[str, ProviderKind]):
    """The kinds that can be used, by name. Each is loaded when it is asked for: Netmera's alone takes over a second.

    One that can't be loaded is left out and told of in `broken`, as is a stranger's that takes a known name.
    """

    def __init__(self, points: Iterable[EntryPoint]) -> None:
        """Note where the kinds are."""
        self._points: dict[str, EntryPoint] = {}
        self._loaded: dict[str, ProviderKind] = {}
        self.broken: list[str] = []
        for point in points:
            if point.name in self._points:
                self._tell(point, "exists already and is left out")
            else:
                self._points[point.name] = point

    def __getitem__(self, name: str) -> ProviderKind:
        """Load a kind. Raises KeyError where there is none, or it can't be loaded."""
        if name not in self._loaded:
            kind = self._load(self._points[name])
            if kind is None:
                del self._points[name]
                raise KeyError(name)
            self._loaded[name] = kind
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        """List all that can be loaded, by loading them."""
        return iter([name for name in list(self._points) if name in self])

    def __len__(self) -> int:
        """Count all that can be loaded."""
        return len(list(iter(self)))

    def _load(self, point: EntryPoint) -> ProviderKind | None:
        try:
            loaded = point.load()
        except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything at import
            self._tell(point, f"can't be loaded: {error}")
            return None
        if not isinstance(loaded, ProviderKind):
            self._tell(point, "is no ProviderKind")
            return None
        return loaded

    def _tell(self, point: EntryPoint, why: str) -> None:
        sentence = f"The provider kind {point.name!r} ({point.value}) {why}."
        self.broken.append(sentence)
        _log.warning("%s", sentence)


class Models(Mapping[str, type[ProviderSettings]]):
    """The settings model of each kind, loaded when it is asked for."""

    def __init__(self, known: Mapping[str, ProviderKind]) -> None:
        """Take the kinds."""
        self._kinds = known

    def __getitem__(self, name: str) -> type[ProviderSettings]:
        """Load a kind's model. Raises KeyError where there is none."""
        return self._kinds[name].settings

    def __iter__(self) -> Iterator[str]:
        """List all that can be loaded."""
        return iter(self._kinds)

    def __len__(self) -> int:
        """Count all that can be loaded."""
        return len(self._kinds)


def kinds() -> Kinds:
    """Look where the kinds are: our own, then those of other packages. Loads none of them."""
    own = [EntryPoint(name=kind, value=value, group=GROUP) for kind, value in _OWN.items()]
    return Kinds((*own, *_installed(tuple(sys.path))))


@lru_cache(maxsize=1)
def _installed(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Those of other packages. What is installed does not change while a program runs, and a look takes 10 ms."""
    del path  # where was looked
    return tuple(entry_points(group=GROUP))


def build(name: str, settings: ProviderSettings, clock: Clock, known: Mapping[str, ProviderKind]) -> Provider:
    """Make a provider of checked settings. It connects to nothing before its first call."""
    return known[settings.kind].build(ProviderName(name), settings, clock)
