"""Errors grouped by what should happen next. Every message names the place, the value and the remedy."""


class TierlineError(Exception):
    """Base of every error that is shown to a person as one message, without a traceback."""


class ConfigError(TierlineError):
    """Settings or arguments are wrong: stop and tell (exit code 2)."""


class FactError(TierlineError):
    """One fact cannot be taken: set it aside, count it, go on with the rest."""


class StoreError(TierlineError):
    """The store cannot be read or written: stop; what was committed stays."""


class SourceError(TierlineError):
    """One source failed for good: others go on (exit code 1)."""


class RetriableError(SourceError):
    """One source failed in a way that may pass (429, 5xx, a timeout): wait and try again."""


class PermissionMissing(SourceError):
    """A source answered that a right is missing; the message names the right and how to grant it."""
