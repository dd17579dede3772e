"""The bot's own HTTP server: `/healthz`, vendors' webhooks, and in HTTP mode Slack's signed requests on `/slack/events`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot.errors import NotAllowedError, NotFoundError, ProviderConfusingError, RecallError
from bot.ports import Letter

SLACK_PATH = "/slack/events"
VENDOR_PATHS = ("/vendors/{provider}/webhook", "/vendors/{provider}/webhook/{token}")
LARGEST_REQUEST = 4 * 1024 * 1024
PROBE_SECONDS = 1.0
PATIENCE = 1.5
"""Seconds that requests in hand may take once nothing more is listened to."""

LONGEST_STAMP = 12
"""Digits of a time stamp: seconds since 1970 have ten."""

log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[str | None]]
"""Looks at one part, now; None when it is well, else a sentence that says what is wrong."""

Hear = Callable[[str, Letter], Awaitable[None]]
"""Takes what a vendor sent to a provider's address. Raises a RecallError where it was not kept."""


class Server:
    """Answers on `[server] host` and `port`. `app` is None in Socket Mode; else `secret` is what Slack signs with."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        probes: Mapping[str, Probe],
        app: AsyncApp | None,
        hear: Hear | None = None,
        secret: str = "",
    ) -> None:
        self._host = host
        self._wanted = port
        self._probes = probes
        self._hear = hear
        self._app = app
        self._signatures = SignatureVerifier(secret) if app else None
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Begin to listen. Raises OSError when the port is taken."""
        site = web.Application(client_max_size=LARGEST_REQUEST)
        site.router.add_get("/healthz", self._health)
        for path in VENDOR_PATHS if self._hear else ():
            site.router.add_post(path, self._vendor)
        if self._app is not None:
            site.router.add_post(SLACK_PATH, self._slack)
        self._runner = web.AppRunner(site, access_log=None, handle_signals=False, shutdown_timeout=PATIENCE)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._wanted).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self, seconds: float = 2 * PATIENCE) -> None:
        """Answer what is in hand, at most this long, and listen no more."""
        if self._runner is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._runner.cleanup()

    async def _health(self, request: web.Request) -> web.Response:
        del request
        found = await asyncio.gather(*(_probed(each) for each in self._probes.values()))
        parts = {name: why or "well" for name, why in zip(self._probes, found, strict=True)}
        well = not any(found)
        return web.json_response({"well": well, "parts": parts}, status=200 if well else 503)

    async def _vendor(self, request: web.Request) -> web.Response:
        """Take what a vendor sends by itself; it is kept when this answers 200."""
        assert self._hear is not None
        named = request.match_info
        letter = Letter(
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            token=named.get("token", ""),
        )
        try:
            await self._hear(named["provider"], letter)
        except RecallError as error:
            log.warning("a vendor's webhook for %.32r was refused: %s", named["provider"], error.code)
            return web.Response(status=_status(error))
        return web.Response(status=200)

    async def _slack(self, request: web.Request) -> web.Response:
        assert self._app is not None
        # Bolt takes a body apart before it looks at the signature, and fails where either makes no sense.
        if not self._signed(request.headers, await request.read()):
            return web.Response(status=401)
        try:
            asked = await to_bolt_request(request)
        except Exception as error:  # noqa: BLE001 - whatever a parser raises
            log.warning("a signed request can't be read: %s", type(error).__name__)
            return web.Response(status=400)
        return await to_aiohttp_response(await self._app.async_dispatch(asked))

    def _signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        stamp = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        if not (
            stamp.isascii() and stamp.isdecimal() and len(stamp) <= LONGEST_STAMP and signature.isascii()
        ):
            return False
        assert self._signatures is not None
        try:
            return self._signatures.is_valid(body, stamp, signature)
        except UnicodeDecodeError:
            return False


def _status(error: RecallError) -> int:
    answers = {NotFoundError: 404, NotAllowedError: 401, ProviderConfusingError: 400}
    return answers.get(type(error), 503)


async def _probed(probe: Probe) -> str | None:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await probe()
    except TimeoutError:
        return f"No answer within {PROBE_SECONDS:.0f} second."
    except Exception as error:  # noqa: BLE001 - whatever a part does, health has to say so rather than fail
        return f"{type(error).__name__}"
