"""The one HTTP session of every collector: timeouts, bounded retries that honour Retry-After, clear errors, no secrets.

>>> http = Http("https://airflow.example", secrets=(token,), headers={"Authorization": f"Bearer {token}"})
>>> http.get("/api/v1/dags", {"limit": 100})                                  # decoded JSON
>>> list(http.pages("/api/v1/dags", OffsetPages("dags"), {"order_by": "dag_id"}))
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urljoin

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

from collectors.secrets import star, starred
from slo.errors import PermissionMissing, RetriableError, SourceError

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, seconds without a byte."""
RETRIED_STATUS = (429, 500, 502, 503, 504)
LONGEST_WAIT = 120.0
"""Seconds at most between two tries, whatever Retry-After asks for: a pass must come to an end."""
_SHOWN = 160
"""Characters of a broken answer that an error shows."""

Params = Mapping[str, Any]


class Patience(Retry):
    """urllib3's retries with our bounds; also given to vendors' clients that speak urllib3."""

    def parse_retry_after(self, retry_after: str) -> float:
        """Seconds to wait, from seconds or an HTTP date; 0 (so the own backoff) where it is neither."""
        try:
            return min(super().parse_retry_after(retry_after), LONGEST_WAIT)
        except InvalidHeader:
            return 0.0


def patience(total: int = 5) -> Patience:
    """Retries on 429, 5xx and connection errors: 0, 1, 2, 4 ... seconds apart with jitter. A certificate error is
    not retried. POST is retried too: collectors only ever read."""
    return Patience(
        total=total, connect=min(3, total), read=total, status=total, other=0, redirect=5, allowed_methods=None,
        status_forcelist=RETRIED_STATUS, backoff_factor=0.5, backoff_jitter=0.5, backoff_max=30,
        raise_on_status=False, respect_retry_after_header=True,
    )  # fmt: skip


def shown(body: bytes | str) -> str:
    """The start of an answer, on one line, for an error message."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    line = " ".join(text.split())
    return starred(line[:_SHOWN] + ("..." if len(line) > _SHOWN else "")) or "an empty body"


def raise_for(status: int, url: str, body: bytes | str, remedy: str = "") -> None:
    """Nothing below 400; else the error that says what to do next. ``remedy`` names the right and how to grant it."""
    if status < 400:
        return
    place = f"{starred(url)}: HTTP {status}, {shown(body)}"
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
        raise SourceError(f"{starred(url)}: expected JSON, got {kind}: {shown(body)} {hint}") from None


def connection_error(url: str, error: Exception) -> SourceError:
    """What a failed connection means, in one line."""
    text = starred(error)
    if "certificate" in text.lower() or "SSLError" in text:
        return SourceError(f"{starred(url)}: the certificate is not trusted ({_reason(text)}). Give the CA's file as "
                           "REQUESTS_CA_BUNDLE, or correct the host name.")  # fmt: skip
    return RetriableError(f"{starred(url)}: no connection ({_reason(text)}). Check the host, the port and the network.")


def _reason(text: str) -> str:
    """The innermost cause of urllib3's nested texts."""
    for word in ("Caused by ", "Failed to establish a new connection: ", "Failed to resolve "):
        text = text.rsplit(word, 1)[-1]
    return " ".join(text.split())[:_SHOWN].strip("()'\" ")


class Pages(Protocol):
    """How a vendor pages: the parameters of the first page, then those of the next from an answer, None at the end."""

    items: str

    def first(self) -> dict[str, Any]: ...

    def following(self, sent: Params, answer: Any, count: int) -> dict[str, Any] | None: ...


class OffsetPages:
    """``limit`` and ``offset``; the end is told by a total, never by a short page (servers cap the limit silently)."""

    def __init__(self, items: str, limit: int = 100, total: str = "total_entries") -> None:
        self.items, self.limit, self.total = items, limit, total

    def first(self) -> dict[str, Any]:
        return {"limit": self.limit, "offset": 0}

    def following(self, sent: Params, answer: Any, count: int) -> dict[str, Any] | None:
        offset = sent["offset"] + count
        return {**sent, "offset": offset} if count and offset < answer[self.total] else None


class CursorPages:
    """A cursor in the answer; empty for the first page, null or missing at the end."""

    def __init__(self, items: str, limit: int = 100, send: str = "cursor", read: str = "next_cursor") -> None:
        self.items, self.limit, self.send, self.read = items, limit, send, read

    def first(self) -> dict[str, Any]:
        return {"limit": self.limit, self.send: ""}

    def following(self, sent: Params, answer: Any, count: int) -> dict[str, Any] | None:
        return {**sent, self.send: answer[self.read]} if answer.get(self.read) else None


class Http:
    """A session on one base URL. ``remedy``: what to grant where the answer is 401 or 403."""

    def __init__(
        self,
        base: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        secrets: Sequence[str | SecretStr | None] = (),
        remedy: str = "",
        timeout: tuple[float, float] = TIMEOUT,
        retries: int = 5,
    ) -> None:
        star(*secrets, *(auth[1:] if auth else ()))
        self.base = base.rstrip("/") + "/"
        self.remedy = remedy
        self.timeout = timeout
        self.session = requests.Session()
        self.session.headers.update({"Accept": "application/json", "User-Agent": "tierline", **(headers or {})})
        if auth:
            self.session.auth = auth
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=patience(retries)))

    def request(self, method: str, path: str, params: Params | None = None, body: Any = None) -> requests.Response:
        """One answer below 400; ``path`` may be a whole URL. Raises PermissionMissing, RetriableError, SourceError."""
        url = urljoin(self.base, path.lstrip("/"))
        try:
            answer = self.session.request(method, url, params=params, json=body, timeout=self.timeout)
        except requests.exceptions.InvalidURL as error:
            raise SourceError(f"{starred(url)}: not a URL ({starred(error)}). Write https://host/path.") from None
        except requests.exceptions.RequestException as error:
            raise connection_error(url, error) from None
        raise_for(answer.status_code, answer.url, answer.content, self.remedy)
        return answer

    def get(self, path: str, params: Params | None = None) -> Any:
        """The decoded JSON of a GET."""
        answer = self.request("GET", path, params)
        return decode(answer.content, answer.url, answer.headers.get("Content-Type", ""))

    def post(self, path: str, body: Any, params: Params | None = None) -> Any:
        """The decoded JSON of a POST with a JSON body."""
        answer = self.request("POST", path, params, body)
        return decode(answer.content, answer.url, answer.headers.get("Content-Type", ""))

    def pages(self, path: str, pages: Pages, params: Params | None = None) -> Iterator[Any]:
        """The items of every page, in order."""
        sent: dict[str, Any] | None = pages.first()
        while sent is not None:
            answer = self.get(path, {**(params or {}), **sent})
            items = answer[pages.items]
            yield from items
            sent = pages.following(sent, answer, len(items))

    def linked(self, path: str, params: Params | None = None) -> Iterator[Any]:
        """The items of every page of a list answer that names its next page in the Link header (GitHub, GitLab)."""
        url: str | None = path
        while url:
            answer = self.request("GET", url, params)
            yield from decode(answer.content, answer.url, answer.headers.get("Content-Type", ""))
            url, params = answer.links.get("next", {}).get("url"), None
