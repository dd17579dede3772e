"""What failed answers mean, how long to wait, and what a sentence may hold; and asking again."""

from datetime import UTC, datetime

import pytest

from bot.errors import (
    ProviderBusyError,
    ProviderConfusingError,
    ProviderDownError,
    ProviderError,
    ProviderOffError,
    ProviderRefusedError,
    ProviderSlowError,
)
from bot.providers.base import ReadRetry, redacted, refusal_for_status, retry_after_seconds

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17),
        (" 0.5 ", 0.5),
        ("0", 0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2027 12:00:00 GMT", 86_400),
        ("999999999", 86_400),
        ("-1", None),
        ("soon", None),
        ("1e9", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_every_form(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "error", "passing", "maybe"),
    [
        (301, ProviderConfusingError, False, True),
        (400, ProviderRefusedError, False, False),
        (401, ProviderRefusedError, False, False),
        (403, ProviderRefusedError, False, False),
        (404, ProviderOffError, False, False),
        (408, ProviderSlowError, True, True),
        (429, ProviderBusyError, True, False),
        (500, ProviderDownError, True, True),
        (502, ProviderDownError, True, True),
        (503, ProviderDownError, True, True),
        (504, ProviderSlowError, True, True),
    ],
)
def test_each_status_has_its_meaning(
    status: int, error: type[ProviderError], passing: bool, maybe: bool
) -> None:
    found = refusal_for_status("Netmera", status)
    assert type(found) is error
    assert (found.passing, found.maybe_applied) == (passing, maybe)
    assert found.sentence.endswith(".")


def test_unavailable_with_a_time_is_busy() -> None:
    found = refusal_for_status("Netmera", 503, retry_after=9)
    assert isinstance(found, ProviderBusyError)
    assert found.retry_after == 9


def test_a_sentence_holds_no_secret_address_or_control_character() -> None:
    said = redacted("key s3cret,\x00 Bearer abcdefghijkl\r\n mail ann@shop.example \ud800", ["s3cret", ""])
    assert said == "key …, … mail … ?"
    assert len(redacted("x" * 9_999)) == 300


class Reads:
    """A read that fails as it is told, before it works."""

    def __init__(self, *errors: ProviderError) -> None:
        self.errors = list(errors)
        self.waits: list[float] = []
        self.calls = 0

    async def read(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "read"

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)


async def test_passing_trouble_is_tried_again_with_jitter() -> None:
    reads = Reads(ProviderDownError(), ProviderDownError())
    retry = ReadRetry(base=0.1, chance=lambda: 0.5, pause=reads.pause)
    assert await retry(reads.read) == "read"
    assert reads.waits == [0.1, 0.2]


async def test_attempts_end() -> None:
    reads = Reads(*[ProviderDownError() for _ in range(9)])
    with pytest.raises(ProviderDownError):
        await ReadRetry(attempts=3, pause=reads.pause)(reads.read)
    assert reads.calls == 3


@pytest.mark.parametrize(
    "error", [ProviderSlowError(), ProviderRefusedError(), ProviderConfusingError(), ProviderOffError()]
)
async def test_what_asking_again_can_not_help_is_raised_at_once(error: ProviderError) -> None:
    reads = Reads(error)
    with pytest.raises(type(error)):
        await ReadRetry(pause=reads.pause)(reads.read)
    assert reads.calls == 1


async def test_the_vendors_wait_is_kept_if_it_fits() -> None:
    reads = Reads(ProviderBusyError(retry_after=4))
    assert await ReadRetry(budget=10, pause=reads.pause)(reads.read) == "read"
    assert reads.waits == [4]
    late = Reads(ProviderBusyError(retry_after=40))
    with pytest.raises(ProviderBusyError):
        await ReadRetry(budget=10, pause=late.pause)(late.read)
    assert late.calls == 1
