"""A chunk in hand: what is handed out, and what is written of it."""

from collections.abc import Sequence

from bot.hand import Hand
from bot.ports import Chunk, ItemId
from bot.recall import RecallId
from bot.target import ItemState

FRESH = bytes([ItemState.PENDING]) * 4


def in_hand(codes: bytes) -> Hand:
    items = tuple(ItemId(f"item-{n}") for n in range(len(codes)))
    chunk = Chunk(recall=RecallId("r1"), number=0, items=items, codes=codes, fence=1)
    return Hand(chunk, intended=True)


def taken(hand: Hand, size: int) -> Sequence[int]:
    duty = hand.take(size)
    assert duty is not None
    return duty[1]


def test_a_fresh_chunk_is_handed_out_in_order_and_to_its_end() -> None:
    hand = in_hand(FRESH)
    pieces = [hand.chunk.pick(taken(hand, 3)), hand.chunk.pick(taken(hand, 3))]
    assert [list(each) for each in pieces] == [["item-0", "item-1", "item-2"], ["item-3"]]
    assert hand.take(3) is None


def test_a_batch_that_went_alike_is_written_in_its_places_only() -> None:
    hand = in_hand(FRESH)
    hand.take(1)
    numbers = taken(hand, 2)
    hand.settle_alike(numbers, ItemState.DONE)
    states = [ItemState.INTENT, ItemState.DONE, ItemState.DONE, ItemState.INTENT]
    assert hand.written(back=False).codes == bytes(states)


def test_places_that_are_no_neighbours_are_written_one_by_one() -> None:
    hand = in_hand(bytes([ItemState.PENDING, ItemState.DONE, ItemState.PENDING]))
    numbers = taken(hand, 2)
    assert list(hand.chunk.pick(numbers)) == ["item-0", "item-2"]
    hand.settle_alike(numbers, ItemState.ACCEPTED)
    states = [ItemState.ACCEPTED, ItemState.DONE, ItemState.ACCEPTED]
    assert hand.written(back=False).codes == bytes(states)


def test_items_in_doubt_that_are_asked_for_again_are_handed_out_as_doubtful() -> None:
    hand = in_hand(FRESH)
    numbers = taken(hand, 2)
    hand.again(numbers, doubtful=True)
    again = hand.take(2)
    assert again is not None
    assert (again[0], list(again[1]), again[2]) == (hand, [0, 1], True)
