"""Logging of a service: one neat line an event on stderr, times in UTC, secrets starred."""

from __future__ import annotations

import logging
import sys
import time

from collectors.secrets import starred

log = logging.getLogger("tierline")
QUIET = ("waitress", "waitress.queue", "werkzeug", "urllib3", "dash")
"""Libraries of which only errors are of interest."""


class _OneLine(logging.Formatter):
    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        return time.gmtime(seconds)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return starred(" ".join(text.split("\n")))

    def formatException(self, ei: object) -> str:
        error = ei[1] if isinstance(ei, tuple) else ei
        return f"({type(error).__name__}: {error})"


def start(level: int = logging.INFO) -> None:
    """Sets the format up, once."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(asctime)sZ %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
