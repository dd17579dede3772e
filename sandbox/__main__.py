"""`python -m sandbox`: the practice world alone, for a bot that is started separately."""

import argparse
import asyncio
import sys

from sandbox.world import World


async def serve(port: int) -> None:
    """Serve until interrupted, and say on standard output where a bot finds everything."""
    async with await World.start(port=port) as world:
        lines = (
            f"Page: {world.url}",
            f"SLACK_API_URL={world.slack.api_url}",
            f"SLACK_BOT_TOKEN={world.slack.BOT_TOKEN}",
            f"SLACK_APP_TOKEN={world.slack.APP_TOKEN}",
            f"Netmera: url = {world.netmera.url}, token = {world.netmera.token}",
        )
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the page's port; 0 takes a free one")
    try:
        asyncio.run(serve(parser.parse_args().port))
    except KeyboardInterrupt:
        sys.stdout.write("Stopped.\n")
