"""The stories' practice world, for tests that pull the plug on it."""

from tests.stories.conftest import quiet, world

__all__ = ["quiet", "world"]
