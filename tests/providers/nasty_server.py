"""A server on loopback that answers with exactly the bytes that a test gives it, and remembers what it was sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

DATE = "Sun, 01 Mar 2026 12:00:00 GMT"

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class NastyServer:
    """`answer` is what each next request gets: bytes, or a function that does what it likes to the connection."""

    answer: bytes | Behaviour = b""
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            while True:
                if callable(self.answer) and getattr(self.answer, "before_reading", False):
                    await self.answer(reader, writer)
                    return
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.lower().split(b"\r\n")
                        if line.startswith(b"content-length:")
                    ),
                    0,
                )
                self.requests.append(head + await reader.readexactly(length))
                if callable(self.answer):
                    await self.answer(reader, writer)
                    return
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()


def http(
    body: bytes | str = b"{}", *, status: str = "200 OK", kind: str = "application/json", **headers: str
) -> bytes:
    """Make an HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@asynccontextmanager
async def nasty() -> AsyncIterator[NastyServer]:
    """Run one."""
    server = NastyServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        server.stop()
        listening.close()
        await asyncio.sleep(0)
