"""Webhooks: POST /hooks/<source>/<path> goes to that source's route, and what it tells is stored at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from collectors.base import Source
from collectors.runner import Runner
from collectors.secrets import starred
from slo.errors import StoreError
from tierline.logs import log
from tierline.serving.guard import Environ, Start, plain


class Hooks:
    """The WSGI application for what stands below /hooks."""

    def __init__(self, runner: Runner, sources: Iterable[Source], most: int) -> None:
        self.runner = runner
        self.sources = {source.name: source for source in sources}
        self.most = most

    @cached_property
    def guarded(self) -> frozenset[str]:
        """Paths whose route asks for its own credential: one without any is refused before its body is read."""
        return frozenset(
            f"/hooks/{source.name}/{path.strip('/')}"
            for source in self.sources.values()
            for path, route in source.routes().items()
            if _refuses(route)
        )

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        _, name, path = [*environ.get("PATH_INFO", "").strip("/").split("/", 2), "", ""][:3]
        source = self.sources.get(name)
        routes = {key.strip("/"): route for key, route in source.routes().items()} if source else {}
        if source is None or path not in routes:
            return plain(start, "404 Not Found", "No such webhook; `tierline plugins NAME` names a source's webhooks.")
        if environ["REQUEST_METHOD"] != "POST":
            return plain(start, "405 Method Not Allowed", "Webhooks are POSTed.", [("Allow", "POST")])
        try:
            body = _body(environ, self.most)
            told = routes[path](body, headers(environ))
            return _stored(start, self.runner.push(source, told))
        except PermissionError:
            return plain(start, "401 Unauthorized", "The webhook's credential is missing or wrong.")
        except OverflowError:
            return plain(start, "413 Content Too Large", f"More than {self.most} bytes.")
        except ValueError as error:
            log.warning("%s: webhook: cannot be read: %s", name, starred(error))
            return plain(start, "400 Bad Request", f"Cannot be read: {starred(error)}")
        except StoreError as error:
            log.error("%s: webhook: %s", name, error)
            return plain(start, "503 Service Unavailable", "The store is not available; send it again.")


def _stored(start: Start, record: Any) -> list[bytes]:
    body = json.dumps({"stored": record.facts, "unchanged": record.unchanged, "set_aside": record.set_aside}).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _refuses(route: Any) -> bool:
    try:
        route(b"", {})
    except PermissionError:
        return True
    except Exception:
        return False
    return False


def _body(environ: Environ, most: int) -> bytes:
    body: bytes = environ["wsgi.input"].read(most + 1)
    if len(body) > most:
        raise OverflowError
    return body


def headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The request's headers, as ``Content-Type``."""
    found = {key[5:].replace("_", "-").title(): str(value) for key, value in environ.items() if key.startswith("HTTP_")}
    return {**found, "Content-Type": environ.get("CONTENT_TYPE", "")}
