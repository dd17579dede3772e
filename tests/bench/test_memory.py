import pytest

from bench.child import ChildError, run_child
from bench.vendor import Vendor


def test_a_recall_in_a_process_of_its_own_tells_what_it_cost() -> None:
    with Vendor() as vendor:
        told = run_child("bench.memory", {"url": vendor.url, "items": 100})
        assert vendor.counts().requests == 5
    assert told["megabytes"] > 10
    assert told["seconds"] > 0


def test_a_part_that_fails_gives_no_figure(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ChildError, match=r"bench\.memory ended with 1 and no figure"):
        run_child("bench.memory", {"url": "http://127.0.0.1:1"})
    assert "KeyError" in capfd.readouterr().err
