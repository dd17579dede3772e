"""Work that takes long before a recall's first request goes out, such as reading a list: cut short once it is in vain."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

BEAT = 0.5
"""Seconds between two looks at whether the work is still wanted."""


async def while_wanted(
    wanted: Callable[[], Awaitable[bool]], work: Coroutine[Any, Any, Result]
) -> Result | None:
    """Do the work, and end it as soon as nobody wants it any more: None then. Raises what the work raises."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        while not (await asyncio.wait({task}, timeout=BEAT))[0]:
            if not await wanted():
                return None
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
