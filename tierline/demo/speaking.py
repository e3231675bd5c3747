"""The demo platform's systems in a process of their own: they speak on one core, the collectors read on another."""

from __future__ import annotations

import contextlib
import multiprocessing
import shutil
import signal
from datetime import datetime
from multiprocessing.connection import Connection

from tierline.commands import now
from tierline.demo.platform import start_servers
from tierline.demo.world import World


def speak(pipe: Connection, at: datetime, days: int, folder: str) -> None:
    """The child: starts the servers, tells their addresses, ends when its parent closes the pipe or is gone, however
    it went; then it removes the demo's folder."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    servers = start_servers(World(at, days=days), now)
    with contextlib.suppress(EOFError, OSError):
        pipe.send(servers.urls)
        pipe.recv()
    servers.stop()
    shutil.rmtree(folder, ignore_errors=True)


class Speakers:
    """The systems that speak HTTP. ``urls``: source's name -> address."""

    def __init__(self, at: datetime, days: int, folder: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=speak, args=(theirs, at, days, folder))
        self._process.start()
        theirs.close()
        self._urls: dict[str, str] | None = None

    @property
    def urls(self) -> dict[str, str]:
        """The addresses; waits until the systems are up."""
        if self._urls is None:
            self._urls = self._pipe.recv()
        return self._urls

    def stop(self) -> None:
        """Ends them; what is left to remove then goes on without us."""
        self._pipe.close()
        self._process.join(1)
