"""A disk that forgets: what SQLite wrote and had not synced is kept apart, and a power cut may lose, tear or reorder it.

The bytes go to the real files at once, so that every connection sees them (the system's page cache); a journal beside
them knows which of them would have outlived a power cut. Assumed to be durable at once: a file's making and deleting.
"""

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

SECTOR: Final = 512
"""Bytes that a disk writes whole or not at all."""


class Fate(StrEnum):
    """What becomes of the writes that had not been synced when the power went."""

    LOST = "lost"
    KEPT = "kept"
    REORDERED = "reordered"  # some of the writes, whichever the disk had got round to
    TORN = "torn"  # some of the sectors of some of the writes


class What(StrEnum):
    """What SQLite asks of a file."""

    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that was asked of a file."""

    file: str
    what: What
    at: int = 0  # the offset of a write, the new size of a truncation
    data: bytes = b""

    def applied(self, to: bytearray) -> None:
        """Do it to a file's bytes."""
        if self.what is What.TRUNCATE:
            del to[self.at :]
            return
        if len(to) < self.at:
            to.extend(bytes(self.at - len(to)))
        to[self.at : self.at + len(self.data)] = self.data

    def sectors(self) -> Iterable["Deed"]:
        """Split a write where a disk may tear it."""
        begin = self.at
        while begin < self.at + len(self.data):
            end = min((begin // SECTOR + 1) * SECTOR, self.at + len(self.data))
            part = self.data[begin - self.at : end - self.at]
            yield Deed(file=self.file, what=self.what, at=begin, data=part)
            begin = end


class Disk:
    """The journal of everything that was asked of the files, in order."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []
        self._before: dict[str, bytes] = {}
        self._gate = threading.RLock()

    def opened(self, file: str) -> None:
        """Take note of what stood in a file before; that is durable."""
        with self._gate:
            if file not in self._before:
                path = Path(file)
                self._before[file] = path.read_bytes() if path.exists() else b""

    def did(self, deed: Deed) -> None:
        """Note a deed that has just been done."""
        with self._gate:
            self.deeds.append(deed)

    @property
    def syncs(self) -> list[int]:
        """The places in the journal at which something was synced."""
        return [n for n, deed in enumerate(self.deeds) if deed.what is What.SYNC]

    def after_a_power_cut(self, cut: int, fate: Fate, chance: random.Random) -> Mapping[str, bytes | None]:
        """Work out what the files hold when the power goes before deed number `cut`; None: there is no such file."""
        with self._gate:
            durable = {file: bytearray(data) for file, data in self._before.items()}
            waiting: dict[str, list[Deed]] = {file: [] for file in durable}
            gone: set[str] = set()
            for deed in self.deeds[:cut]:
                if deed.what is What.SYNC:
                    for each in waiting[deed.file]:
                        each.applied(durable[deed.file])
                    waiting[deed.file].clear()
                elif deed.what is What.DELETE:
                    durable[deed.file], waiting[deed.file] = bytearray(), []
                    gone.add(deed.file)
                else:
                    gone.discard(deed.file)
                    waiting[deed.file].append(deed)
        for file, deeds in waiting.items():
            for deed in _survivors(deeds, fate, chance):
                deed.applied(durable[file])
        return {file: None if file in gone else bytes(data) for file, data in durable.items()}


def _survivors(deeds: list[Deed], fate: Fate, chance: random.Random) -> Iterable[Deed]:
    match fate:
        case Fate.LOST:
            return []
        case Fate.KEPT:
            return deeds
        case Fate.REORDERED:
            return [each for each in deeds if chance.random() < 0.5]
        case Fate.TORN:
            parts = [part for each in deeds for part in (each.sectors() if each.data else [each])]
            return [each for each in parts if chance.random() < 0.5]
