from datetime import timedelta

from bot.ports import Gate, Move, Tally
from bot.recall import Recall, RecallId
from bot.target import ProviderName
from storage import open_store
from tests.builders import T0, FixedClock

PUSH = ProviderName("push")


def _nothing_follows(_recall: Recall, _tally: Tally) -> tuple[Move, ...]:
    return ()


async def test_a_vendors_word_to_wait_outlives_the_process(url: str) -> None:
    word = Gate(until=T0 + timedelta(minutes=5), why="Netmera asks to wait.")
    store = await open_store(url, clock=FixedClock())
    await store.reckon(RecallId("r1"), (), _nothing_follows, gate=(PUSH, word))
    await store.close()

    store = await open_store(url, clock=FixedClock())
    kept, over = await store.gate(PUSH, T0), await store.gate(PUSH, word.until)
    await store.close()

    assert (kept, over) == (word, None)
