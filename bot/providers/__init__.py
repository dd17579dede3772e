"""The world: the vendors, all behind `bot.ports.Provider`.

A provider is found by its `kind` in the settings: our own, and those of other packages that register a
`bot.providers.base.ProviderKind` as an entry point in the group `recall.providers`, named after the kind.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The kinds that can be used, and a sentence for each that can't."""

    kinds: Mapping[str, ProviderKind]
    broken: tuple[str, ...]


def find() -> Found:
    """Look for all kinds. One that can't be loaded, or takes a known name, is told of and left out."""
    kinds: dict[str, ProviderKind] = {}
    broken: list[str] = []
    own = [EntryPoint(name=kind, value=value, group=GROUP) for kind, value in _OWN.items()]
    for point in (*own, *entry_points(group=GROUP)):
        try:
            loaded = point.load()
        except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything at import
            broken.append(f"The provider kind {point.name!r} ({point.value}) can't be loaded: {error}")
            continue
        if not isinstance(loaded, ProviderKind):
            broken.append(f"The provider kind {point.name!r} ({point.value}) is no ProviderKind.")
        elif point.name in kinds:
            broken.append(f"The provider kind {point.name!r} ({point.value}) exists already and is left out.")
        else:
            kinds[point.name] = loaded
    return Found(kinds=kinds, broken=tuple(broken))


def kinds() -> Mapping[str, ProviderKind]:
    """Give the kinds that can be used, by name; those that can't are logged."""
    found = find()
    for sentence in found.broken:
        _log.warning("%s", sentence)
    return found.kinds


def build(name: str, settings: ProviderSettings, clock: Clock, known: Mapping[str, ProviderKind]) -> Provider:
    """Make a provider of checked settings. It connects to nothing before its first call."""
    return known[settings.kind].build(ProviderName(name), settings, clock)
