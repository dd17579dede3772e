"""One tree of everything that can go wrong.

The docstring of a class is its default sentence for the person: what happened, and what to do next.
`code` is stable, for logs and metrics. A sentence never holds a secret, a message body or an address.
"""

import inspect


class RecallError(Exception):
    """Something went wrong on our side; nothing was recalled. Please try again."""

    code = "error"

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or inspect.cleandoc(type(self).__doc__ or "").split("\n\n")[0]
        super().__init__(self.sentence)


# What a person may not do, or not now -------------------------------------------------------------------


class NotAllowedError(RecallError):
    """You may not do this: no rule allows it. Ask whoever looks after Recall's settings."""

    code = "not_allowed"


class CannotRecallError(RecallError):
    """This can't be taken back."""

    code = "cannot_recall"


class WindowClosedError(CannotRecallError):
    """The time in which this could be taken back is over."""

    code = "window_closed"


class ChangedError(CannotRecallError):
    """It is no longer what the card showed, so nothing was done. Ask again to see it as it is now."""

    code = "changed"


class NotFoundError(RecallError):
    """Nothing was found under that name, id or link."""

    code = "not_found"


# What a vendor did --------------------------------------------------------------------------------------


class ProviderError(RecallError):
    """The vendor could not do what was asked."""

    code = "provider_error"

    #: True where the request may have taken effect although no clear answer came back.
    maybe_applied = False
    #: True where asking again later can help.
    passing = False


class ProviderDownError(ProviderError):
    """The vendor can't be reached."""

    code = "provider_down"
    passing = True


class ProviderSlowError(ProviderDownError):
    """The vendor did not answer in time."""

    code = "provider_slow"
    maybe_applied = True


class ProviderLostError(ProviderDownError):
    """The connection to the vendor broke before its answer came."""

    code = "provider_lost"
    maybe_applied = True


class ProviderBusyError(ProviderError):
    """The vendor asks to wait before the next request."""

    code = "provider_busy"
    passing = True

    def __init__(self, sentence: str | None = None, *, retry_after: float | None = None) -> None:
        """Keep how long the vendor asks to wait, in seconds (None: it did not say)."""
        super().__init__(sentence)
        self.retry_after = retry_after


class ProviderRefusedError(ProviderError):
    """The vendor said no."""

    code = "provider_refused"


class ProviderConfusingError(ProviderError):
    """The vendor gave an answer that can't be understood."""

    code = "provider_confusing"
    maybe_applied = True


class ProviderOffError(ProviderError):
    """This provider is switched off, because its settings or its server don't fit."""

    code = "provider_off"


# What our own memory did --------------------------------------------------------------------------------


class StorageError(RecallError):
    """Recall could not write to its database. Nothing was kept and nothing was done; please try again."""

    code = "storage"


class StorageFullError(StorageError):
    """The disk of Recall's database is full. Nothing was kept and nothing was done."""

    code = "storage_full"


class StorageLockedError(StorageError):
    """Recall's database is locked by another program. Nothing was kept and nothing was done; please try again."""

    code = "storage_locked"


class StorageReadOnlyError(StorageError):
    """Recall's database is read-only. Nothing was kept and nothing was done."""

    code = "storage_read_only"


class StorageDamagedError(StorageError):
    """Recall's database is damaged. Please restore a backup."""

    code = "storage_damaged"


class StorageNewerError(StorageError):
    """Recall's database was written by a newer version of Recall. Start that version, or restore a backup."""

    code = "storage_newer"


# What the settings say ----------------------------------------------------------------------------------


class SettingsError(RecallError):
    """The settings have mistakes."""

    code = "settings"

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        """Keep one sentence per mistake, each with the key's path."""
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes
