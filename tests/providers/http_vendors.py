"""The vendors of docs/http.md as they are written there, connected to practice vendors instead of the real hosts."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.providers.http import HttpProvider
from bot.providers.http_settings import HttpSettings
from bot.target import ProviderName
from sandbox.clock import SandboxClock
from sandbox.vendors.bulletin import BulletinBoard
from sandbox.vendors.engagelab import EngageLab
from sandbox.vendors.feishu import Feishu
from sandbox.vendors.rest import RestVendor

PAGE = Path(__file__).parents[2] / "docs" / "http.md"
ENVIRONMENT: Mapping[str, str] = {
    "BOARD_KEY": BulletinBoard.KEY,
    "ENGAGELAB_AUTH": EngageLab.AUTH,
    "FEISHU_APP_ID": Feishu.APP_ID,
    "FEISHU_APP_SECRET": Feishu.APP_SECRET,
}
HOSTS: Mapping[str, str] = {
    "board": "https://api.board.example.com",
    "engagelab": "https://pushapi-sgp.engagelab.com",
    "feishu": "https://open.feishu.cn",
}


def written(name: str, vendor: RestVendor) -> str:
    """The TOML of an example, with the practice vendor's address and its credentials from the environment."""
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (block,) = (each for each in blocks if f"[providers.{name}]" in each)
    return str(block).replace(HOSTS[name], vendor.url)


def settings(name: str, vendor: RestVendor, **changes: Any) -> HttpSettings:
    text = written(name, vendor)
    for variable, value in ENVIRONMENT.items():
        text = text.replace(f"${{{variable}}}", value)
    table = tomllib.loads(text)["providers"][name]
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(table.get(key), dict):
            table[key] |= value
        elif value is None:
            table.pop(key)
        else:
            table[key] = value
    return HttpSettings.model_validate(table)


def provider(name: str, vendor: RestVendor, clock: SandboxClock, **changes: Any) -> HttpProvider:
    return HttpProvider(ProviderName(name), settings(name, vendor, timeout=5, **changes), clock)
