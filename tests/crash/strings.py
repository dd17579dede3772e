"""The strings that the stage pulls on a running bot: how far its clock is ahead, and whether kill points count yet.

Both processes map one small file, so that the bot sees at once what the stage does, and nothing waits.
"""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

LAYOUT: Final = struct.Struct("<d?")


class Strings:
    """Two values in a file that outlives every process."""

    def __init__(self, file: Path) -> None:
        """Map the file; it is made where there is none."""
        if not file.exists():
            file.write_bytes(bytes(LAYOUT.size))
        with file.open("r+b") as handle:
            self._map = mmap.mmap(handle.fileno(), LAYOUT.size)

    @property
    def ahead(self) -> float:
        """Seconds by which the bot's clock is ahead of the machine's."""
        return float(LAYOUT.unpack_from(self._map)[0])

    @property
    def armed(self) -> bool:
        """Whether kill points count."""
        return bool(LAYOUT.unpack_from(self._map)[1])

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the bot."""
        LAYOUT.pack_into(self._map, 0, self.ahead + seconds, self.armed)

    def arm(self, *, armed: bool = True) -> None:
        """Begin, or cease, to count kill points."""
        LAYOUT.pack_into(self._map, 0, self.ahead, armed)


class AheadClock:
    """The bot's clock: the machine's, moved on by the stage."""

    def __init__(self, strings: Strings) -> None:
        self._strings = strings

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._strings.ahead)
