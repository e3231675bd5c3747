"""A listener opens, answers and closes."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterable

import pytest

from tests.ports import free_port
from tierline.serving.guard import Environ, Start
from tierline.serving.listeners import Listener


def app(environ: Environ, start: Start) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_closed_listener_has_ended_and_left_its_port(host: str) -> None:
    """Again and again: sockets closed by another thread than the one that waits for them end it with an error, once in
    a while (an error in a thread fails a test)."""
    port = free_port()
    for _ in range(20):
        listener = Listener("web", app, host, port, 2)
        listener.start()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=10) as answer:
            assert answer.read() == b"ok"
        listener.close()
        assert not listener._thread.is_alive()


def test_what_never_listened_closes() -> None:
    port = free_port()
    Listener("web", app, "127.0.0.1", port, 2).close()
    Listener("ops", app, "127.0.0.1", port, 2).close()
