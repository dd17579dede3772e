"""A chunk's items as they stand on disk are like a tuple of them to whoever looks."""

from storage.chunks import StoredItems

THREE = ("item-1", 'with "quotes"\nand a line', "ünï")


def stored() -> StoredItems:
    return StoredItems('["item-1", "with \\"quotes\\"\\nand a line", "\\u00fcn\\u00ef"]', 3)


def test_they_are_counted_iterated_and_taken_by_place_and_by_slice() -> None:
    items = stored()
    assert len(items) == len(THREE)
    assert tuple(items) == THREE
    assert items[1] == THREE[1]
    assert items[1:] == THREE[1:]


def test_they_equal_what_holds_the_same() -> None:
    assert stored() == THREE
    assert stored() == stored()
    assert hash(stored()) == hash(THREE)
    assert stored() != THREE[:2]
