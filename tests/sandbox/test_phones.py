"""What customers see on their lock screens."""

from datetime import UTC, datetime

from sandbox.feed import Feed
from sandbox.phones import Notification, Phones

SALE = Notification(
    campaign="cmp-1", app="Fern & Field", text="50% off", image=None, at=datetime(2026, 5, 1, 9, tzinfo=UTC)
)


def test_a_delivered_notification_is_shown_once() -> None:
    phones = Phones(feed=Feed())
    phones.deliver("mia", SALE)
    phones.deliver("mia", SALE)
    assert [one["campaign"] for one in phones.snapshot()[0]["notifications"]] == ["cmp-1"]


def test_a_withdrawn_notification_is_gone_from_every_phone_that_is_online() -> None:
    phones = Phones(feed=Feed())
    phones.deliver("mia", SALE)
    phones.deliver("noah", SALE)
    phones.withdraw("cmp-1")
    assert phones.showing("cmp-1") == []


def test_an_offline_phone_shows_it_until_it_comes_back() -> None:
    phones = Phones(feed=Feed())
    phones.deliver("omar", SALE)
    phones.set_online("omar", online=False)
    phones.withdraw("cmp-1")
    assert phones.showing("cmp-1") == ["omar"]
    assert phones["omar"].as_json()["waiting"] is True
    phones.set_online("omar", online=True)
    assert phones.showing("cmp-1") == []


def test_a_phone_that_was_offline_gets_what_it_missed() -> None:
    phones = Phones(feed=Feed())
    phones.set_online("lena", online=False)
    phones.deliver("lena", SALE)
    assert not phones["lena"].shows("cmp-1")
    phones.set_online("lena", online=True)
    assert phones["lena"].shows("cmp-1")


def test_only_changes_ring_the_bell() -> None:
    feed = Feed()
    phones = Phones(feed=feed)
    phones.deliver("mia", SALE)
    rung = feed.version
    phones.deliver("mia", SALE)
    phones.withdraw("cmp-2")
    phones.set_online("mia", online=True)
    assert feed.version == rung
