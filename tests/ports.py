"""Ports for what tests start."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack

LOWEST, HIGHEST = 12_000, 30_000
"""Below those that the system gives to outgoing connections: one of these could take the port, and whoever asks again
and again for a port of theirs on which nobody listens is at last connected to himself."""


def free_port(beside: int = 0) -> int:
    """A loopback port on which nobody listens, nor on so many after it."""
    while True:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST - beside)
        with ExitStack() as stack:
            try:
                for one in range(port, port + beside + 1):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", one))
            except OSError:
                continue
            return port
