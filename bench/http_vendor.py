"""The practice vendor as somebody would describe it in recall.toml: the `http` provider, no code."""

from bench.house import NAME
from bot.ports import Provider, SystemClock
from bot.providers.http import HttpProvider
from bot.providers.http_settings import HttpSettings


def described(url: str, *, batch: int, concurrency: int) -> Provider:
    """Build the provider from settings, as the bot would."""
    what = "{items}" if batch > 1 else "{item}"
    settings = HttpSettings.model_validate(
        {
            "title": "Practice vendor",
            "noun": "push campaign",
            "batch": batch,
            "concurrency": concurrency,
            "repeat": "A",
            "get": {"url": url + "/campaigns/{id}"},
            "recall": {
                "method": "POST",
                "url": url + "/recall",
                "body": {"items": what},
                "done": {"equals": {"/recalled": True}},
            },
            "fields": {"id": "/id", "name": "/name", "status": "/state", "items": "/items"},
            "status_words": {"sent": "sent"},
        }
    )
    return HttpProvider(NAME, settings, SystemClock())
