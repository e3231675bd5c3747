"""Sources that are read whole, as a file is: once a pass, and not at all while nothing changed."""

from __future__ import annotations

from collectors.base import Period


class OncePerPass:
    """Says which of a pass's periods such a source answers: the latest one, with everything; in a later pass only where
    something changed; and a pass back into history (``--full``, ``--since``) by its first period that is history."""

    def __init__(self) -> None:
        self._read = False

    def due(self, period: Period, unchanged: bool) -> bool:
        """Whether to read now. ``unchanged``: all is as the last pass left it."""
        read = not (period.incremental and unchanged) if period.latest else not self._read
        self._read = read if period.latest else True
        return read
