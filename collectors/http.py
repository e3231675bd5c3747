"""The one HTTP session of every collector: timeouts, bounded retries that honour what vendors ask for, a budget of
requests, renewed credentials, clear errors, no secrets.

>>> http = Http("https://airflow.example", secrets=(token,), headers={"Authorization": f"Bearer {token}"}, rate=10)
>>> http.get("/api/v1/dags", {"limit": 100})                                  # decoded JSON
>>> list(http.pages("/api/v1/dags", OffsetPages("dags"), {"order_by": "dag_id"}, key=lambda dag: dag["dag_id"]))
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError, ContentDecodingError
from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError

from collectors.pages import CursorPages, Key, Listing, OffsetPages, Pages, Params
from collectors.patience import (
    LONGEST_WAIT,
    RETRIED_STATUS,
    TIMEOUT,
    Cut,
    Garbled,
    Pace,
    Throttled,
    asked_wait,
    exhausted,
    patience,
    persist,
    throttled,
    timeout,
)
from collectors.secrets import star, starred
from collectors.totals import counted
from slo.errors import PermissionMissing, RetriableError, SourceError

__all__ = ["LONGEST_WAIT", "TIMEOUT", "CursorPages", "Http", "OffsetPages", "Pages", "connection_error", "decode",
           "patience", "raise_for", "shown"]  # fmt: skip

_SHOWN = 160
"""Characters of a broken answer that an error shows."""


def shown(body: bytes | str) -> str:
    """The start of an answer, on one line, for an error message."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    line = " ".join(text.split())
    return starred(line[:_SHOWN] + ("..." if len(line) > _SHOWN else "")) or "an empty body"


def raise_for(
    status: int, url: str, body: bytes | str, remedy: str = "", headers: Mapping[str, str] | None = None
) -> None:
    """Nothing below 400; else the error that says what to do next. ``remedy`` names the right and how to grant it."""
    if status < 400:
        return
    place = f"{starred(url)}: HTTP {status}, {shown(body)}"
    if throttled(status, headers or {}):
        wait = asked_wait(status, headers or {})
        raise Throttled(f"{place}. The rate limit is reached; the next pass goes on. Lower requests_per_second.", wait)
    if status in (401, 403):
        raise PermissionMissing(f"{place}. {remedy or 'Check the credentials and the rights of this account.'}")
    if status in RETRIED_STATUS:
        raise RetriableError(f"{place}. It kept failing over several tries; the next pass tries again.")
    raise SourceError(f"{place}. Check the URL and the version of this system.")


def decode(body: bytes | str, url: str, content_type: str = "") -> Any:
    """The JSON of an answer. A login page, a proxy's HTML or a cut-off answer is an error that shows what came."""
    try:
        return json.loads(body)
    except ValueError:
        kind = content_type.split(";")[0] or "no content type"
        hint = "Is the URL the API's, or does a login page or proxy answer?" if "html" in kind else "Was it cut off?"
        raise Garbled(f"{starred(url)}: expected JSON, got {kind}: {shown(body)} {hint}") from None


def connection_error(url: str, error: Exception) -> SourceError:
    """What a failed connection means, in one line."""
    text = starred(error)
    if "certificate" in text.lower() or "SSLError" in text:
        return SourceError(f"{starred(url)}: the certificate is not trusted ({_reason(text)}). Give the CA's file as "
                           "REQUESTS_CA_BUNDLE, or correct the host name.")  # fmt: skip
    if _broken_off(error):
        return Cut(f"{starred(url)}: the connection broke in the middle of an answer ({_reason(text)}). The next pass "
                   "tries again.")  # fmt: skip
    return RetriableError(f"{starred(url)}: no connection ({_reason(text)}). Check the host, the port and the network.")


def _broken_off(error: Exception) -> bool:
    """Whether an answer had begun. Before that urllib3 itself tried again, and says so."""
    if isinstance(error, ChunkedEncodingError | ContentDecodingError):
        return True
    cause = error.args[0] if isinstance(error, requests.exceptions.ConnectionError) and error.args else error
    return isinstance(cause, ReadTimeoutError | ProtocolError | DecodeError)


def _reason(text: str) -> str:
    """The innermost cause of urllib3's nested texts."""
    for word in ("Caused by ", "Failed to establish a new connection: ", "Failed to resolve "):
        text = text.rsplit(word, 1)[-1]
    return " ".join(text.split())[:_SHOWN].strip("()'\" ")


class Http:
    """A session on one base URL. ``remedy``: what to grant where the answer is 401 or 403. ``rate``: requests a second
    at most. ``renew``: new headers where the answer is one of ``renew_on`` (an expired token), asked for once a
    request. ``accept``: statuses of 400 and above whose body the caller reads as an answer."""

    def __init__(
        self,
        base: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        secrets: Sequence[str | SecretStr | None] = (),
        remedy: str = "",
        timeout: tuple[float, float] | None = None,
        retries: int = 5,
        rate: float | None = None,
        renew: Callable[[], Mapping[str, str]] | None = None,
        renew_on: Sequence[int] = (401,),
        accept: Sequence[int] = (),
    ) -> None:
        star(*secrets, *(auth[1:] if auth else ()))
        self.base = base.rstrip("/") + "/"
        self.remedy = remedy
        self.timeout = timeout
        self.pace = Pace(rate)
        self.renew, self.renew_on = renew, renew_on
        self.accept = accept
        self.session = requests.Session()
        self.session.headers.update({"Accept": "application/json", "User-Agent": "tierline", **(headers or {})})
        if auth:
            self.session.auth = auth
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=patience(retries)))

    def request(self, method: str, path: str, params: Params | None = None, body: Any = None) -> requests.Response:
        """One answer below 400; ``path`` may be a whole URL. Raises PermissionMissing, RetriableError, SourceError."""
        return persist(lambda: self._answer(method, path, params, body))

    def get(self, path: str, params: Params | None = None) -> Any:
        """The decoded JSON of a GET."""
        return persist(lambda: _json(self._answer("GET", path, params, None)))

    def post(self, path: str, body: Any, params: Params | None = None) -> Any:
        """The decoded JSON of a POST with a JSON body."""
        return persist(lambda: _json(self._answer("POST", path, params, body)))

    def pages(self, path: str, pages: Pages, params: Params | None = None, key: Key | None = None) -> Iterator[Any]:
        """The items of every page, in order; with ``key`` each record once, however the pages shift."""
        listing = Listing(urljoin(self.base, path.lstrip("/")), key)
        sent: dict[str, Any] | None = pages.first()
        while sent is not None:
            listing.ask(sent)
            answer = self._page(listing, path, {**(params or {}), **sent}, pages.items)[1]
            items = answer[pages.items]
            yield from listing.new(items)
            sent = pages.following(sent, answer, len(items))
        told = pages.counted(answer) if isinstance(pages, OffsetPages) else None
        if told is not None:
            counted(told, listing.came)

    def linked(self, path: str, params: Params | None = None, key: Key | None = None) -> Iterator[Any]:
        """The items of every page of a list answer that names its next page in the Link header (GitHub, GitLab)."""
        listing = Listing(urljoin(self.base, path.lstrip("/")), key)
        url: str | None = path
        while url:
            listing.ask(url)
            answer, items = self._page(listing, url, params, None)
            yield from listing.new(items)
            url, params = answer.links.get("next", {}).get("url"), None

    def _page(
        self, listing: Listing, path: str, params: Params | None, items: str | None
    ) -> tuple[requests.Response, Any]:
        """One page and its JSON, asked for again where it is one that came before."""

        def ask() -> tuple[requests.Response, Any]:
            answer = self._answer("GET", path, params, None)
            told = _json(answer)
            listing.check(told if items is None else told[items])
            return answer, told

        return persist(ask)

    def _answer(self, method: str, path: str, params: Params | None, body: Any) -> requests.Response:
        """One answer below 400, with a renewed credential where the old one has expired."""
        answer = self._send(method, path, params, body)
        if self.renew and answer.status_code in self.renew_on and not throttled(answer.status_code, answer.headers):
            headers = self.renew()
            star(*(value.rsplit(" ", 1)[-1] for name, value in headers.items() if _credential(name)))
            self.session.headers.update(headers)
            answer = self._send(method, path, params, body)
        if answer.status_code not in self.accept:
            raise_for(answer.status_code, answer.url, answer.content, self.remedy, answer.headers)
        return answer

    def _send(self, method: str, path: str, params: Params | None, body: Any) -> requests.Response:
        url = urljoin(self.base, path.lstrip("/"))
        self.pace.wait()
        try:
            answer = self.session.request(method, url, params=params, json=body, timeout=self.timeout or timeout())
        except requests.exceptions.InvalidURL as error:
            raise SourceError(f"{starred(url)}: not a URL ({starred(error)}). Write https://host/path.") from None
        except requests.exceptions.RequestException as error:
            raise connection_error(url, error) from None
        if answer.status_code < 400 and exhausted(answer.headers):
            self.pace.spent(asked_wait(answer.status_code, answer.headers) or 0.0)
        return answer


def _credential(header: str) -> bool:
    return any(word in header.lower() for word in ("authorization", "token", "key"))


def _json(answer: requests.Response) -> Any:
    return decode(answer.content, answer.url, answer.headers.get("Content-Type", ""))
