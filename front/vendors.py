"""Makes the providers that the settings name."""

import logging

from bot.errors import RecallError
from bot.ports import Clock, Provider
from bot.providers import build, kinds
from bot.providers.base import ProviderSettings
from bot.settings import Settings
from bot.target import ProviderName

log = logging.getLogger(__name__)


def make_providers(settings: Settings, clock: Clock) -> dict[ProviderName, Provider | RecallError]:
    """Make the configured providers. One that can't be made is left out with its error; the others work on."""
    made: dict[ProviderName, Provider | RecallError] = {}
    known = kinds()
    for name, each in settings.providers.items():
        assert isinstance(each.own, ProviderSettings)  # the models of all kinds are
        try:
            made[name] = build(name, each.own, clock, known)
        except RecallError as error:
            log.exception("provider %s is switched off", name)
            made[name] = error
    return made
