"""What the practice Graph answers when it does not do what it was asked: its form of errors, and ill days on request."""

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from sandbox.vendors.faults import Faults, Kind


async def weather(faults: Faults, what: str) -> web.Response | None:
    """What an ill Graph answers; None when it is well."""
    if slow := faults.take(Kind.SLOW, what):
        await asyncio.sleep(slow.seconds)
    if limited := faults.take(Kind.RATE_LIMITED, what):
        headers = {"Retry-After": f"{limited.seconds:g}"} if limited.seconds else {}
        return error(
            429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.", headers
        )
    if faults.take(Kind.SERVER_ERROR, what):
        return error(503, "ServiceNotAvailable", "The service is temporarily unavailable.")
    if faults.take(Kind.FORBIDDEN, what):
        return error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    if faults.take(Kind.HTML, what):
        return web.Response(
            text="<html><body>Sign in to your account</body></html>", content_type="text/html"
        )
    if bad := faults.take(Kind.ERROR, what):
        code, _, text = bad.text.partition(": ")
        return error(400, code, text)
    return None


def nobody(mailbox: str) -> web.Response:
    """There is no such mailbox."""
    return error(404, "ResourceNotFound", f"Resource '{mailbox}' does not exist.")


def error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Graph's form of an error."""
    inner = {"request-id": "practice", "date": "2026-01-01T00:00:00"}
    body = {"error": {"code": code, "message": message, "innerError": inner}}
    return web.Response(
        status=status, text=json.dumps(body), content_type="application/json", headers=headers
    )
