"""The whole simulated world: people, one process of Recall at a time, its disk, its vendors, and Slack."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

import storage.chunks
from bot.errors import RecallError
from bot.recall import Actor, Place, Recall, RecallId, State
from bot.target import ItemState, RepeatClass, TargetRef
from handlers import decisions
from handlers.payloads import Origin
from storage.codec import load
from tests.simulation.disk import Disk
from tests.simulation.house import Process, begun
from tests.simulation.slack import ModelSlack
from tests.simulation.vendor import Vendor
from tests.simulation.virtual import VirtualClock, VirtualLoop
from tests.simulation.weather import Weather

ITEMS_IN_A_CHUNK = 2
STOP_SECONDS = 3.0
"""How long after a Stop was acknowledged a request may still begin."""


class World:
    """Everything there is, with a seed from which all its chances come."""

    def __init__(self, seed: int) -> None:
        self.loop = VirtualLoop()
        asyncio.set_event_loop(self.loop)
        self.clock = VirtualClock(self.loop)
        self.random = Random(seed)
        self.folder = Path(mkdtemp(prefix="recall-simulation-"))
        self._chunk, storage.chunks.CHUNK = storage.chunks.CHUNK, ITEMS_IN_A_CHUNK
        shutil.copyfile(_fresh(), self.folder / "recall.db")
        self.disk = Disk(self.folder / "recall.db", self.loop, self.clock, self.random)
        self.slack = ModelSlack(clock=self.clock, weather=Weather(self.random))
        self.vendors = {
            name: Vendor(
                name=name,
                repeat=repeat,
                clock=self.clock,
                weather=Weather(self.random),
                may_send=self._wrong_to_send,
            )
            for name, repeat in zip("abc", RepeatClass, strict=True)
        }
        self.refs: list[TargetRef] = []
        self.stopped_at: dict[str, float] = {}
        self.finished: set[tuple[str, str]] = set()  # (recall, item) that was noted as done once
        self._clicks = 0
        self._lives = 0
        self._eyes = sqlite3.connect(f"file:{self.disk.path}?mode=ro", uri=True, isolation_level=None)
        self.process: Process = self._begin()

    # Time ---------------------------------------------------------------------------------------------

    def does(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Have something done, however long it takes."""
        return self.loop.run_until_complete(work)

    def passes(self, seconds: float, turns: int = 0) -> None:
        """Let time pass, and then so many turns of the loop: a moment between two moments."""

        async def wait() -> None:
            await asyncio.sleep(seconds)
            for _ in range(turns):
                await asyncio.sleep(0)

        self.does(wait())

    # People -------------------------------------------------------------------------------------------

    def asks(self, who: Actor, ref: TargetRef, channel: str) -> None:
        """Somebody asks for a card; refusals are told to them elsewhere."""

        async def ask() -> None:
            try:
                await self.process.service.propose(who, ref, Place(channel=channel))
            except RecallError:
                return

        self.does(ask())

    def presses(self, who: Actor, verb: str, recall: Recall, *, times: int = 1, channel: str = "C1") -> None:
        """Somebody presses a button; Slack delivers the click `times` times at once."""
        self._clicks += 1
        key = f"click {self._clicks}"
        origin = Origin(actor=who, channel=channel)

        async def ack() -> None:
            return None

        async def press() -> None:
            click = [
                decisions.decide(
                    self.process.desk,
                    ack,  # type: ignore[arg-type]
                    origin=origin,
                    verb=verb,
                    recall=recall.id,
                    key=key,
                )
                for _ in range(times)
            ]
            await asyncio.gather(*click)

        self.does(press())

    # The process --------------------------------------------------------------------------------------

    def crashes(self) -> None:
        """Kill the process at this instant, and start another one on the same file."""
        self.does(self.process.kill())
        self.process = self._begin()

    def close(self) -> None:
        """Put everything away."""
        self.does(self.process.kill())
        self._eyes.close()
        self.loop.close()
        asyncio.set_event_loop(None)
        storage.chunks.CHUNK = self._chunk
        shutil.rmtree(self.folder)

    def _begin(self) -> Process:
        self._lives += 1
        process = begun(self._lives, disk=self.disk, slack=self.slack, vendors=self.vendors, clock=self.clock)
        self.does(process.start())
        return process

    # What the file says -------------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Read the database as it is."""
        return self._eyes.execute(sql, values).fetchall()

    def recalls(self) -> list[Recall]:
        """Read all recalls, in the order in which they were asked for."""
        return [load(Recall, body) for (body,) in self.rows("SELECT body FROM recall ORDER BY rowid")]

    def items(self, recall: RecallId) -> dict[str, ItemState]:
        """Read what is noted of a recall's items."""
        found: dict[str, ItemState] = {}
        for ids, codes in self.rows(
            "SELECT i.ids, c.codes FROM chunk AS c JOIN chunk_items AS i USING (recall, number)"
            " WHERE recall = ? ORDER BY number",
            recall,
        ):
            found.update(zip(_list(ids), map(ItemState, codes), strict=True))
        return found

    def asked_for(self, recall: Recall, state: ItemState) -> dict[str, int]:
        """Count the requests that the vendor got for each of a recall's items that are noted so."""
        things = self.vendors[recall.target.ref.provider].sendings[recall.target.ref.id].things
        noted = self.items(recall.id).items()
        return {item: things[item].requests[recall.id] for item, now in noted if now is state}

    def _wrong_to_send(self, recall: str, item: str) -> str | None:
        rows = self.rows("SELECT body FROM recall WHERE id = ?", recall)
        if not rows:
            return f"{item} is asked for by a recall that nobody knows"
        now = load(Recall, rows[0][0])
        if now.state is not State.RUNNING:
            return f"{item} is asked for while its recall is {now.state}"
        if now.stopping and self.loop.time() > self.stopped_at.get(recall, 1e12) + STOP_SECONDS:
            return f"{item} is asked for long after Stop"
        if (recall, item) in self.finished:
            return f"{item} is asked for again, though it is done"
        return None


def _list(text: str) -> list[str]:
    found: list[str] = json.loads(text)
    return found


@cache
def _fresh() -> Path:
    """Make an empty database once; each world begins with a copy."""
    folder = Path(mkdtemp(prefix="recall-simulation-"))
    loop = VirtualLoop()
    disk = Disk(folder / "fresh.db", loop, VirtualClock(loop), Random(0))
    store, writer = disk.opened()
    writer.close()
    disk.closed(store)
    loop.close()
    return folder / "fresh.db"
