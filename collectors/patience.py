"""How long Tierline waits for a vendor, and how often it asks: the budget of a source, the rate headers of an answer,
the retries of what may pass. Also for vendors' clients that speak urllib3 (Airflow's).

Everything that waits does so in ``pause``; a test replaces it with ``hurried``.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from urllib3.util.retry import Retry

from slo.errors import RetriableError, SourceError

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, seconds without a byte."""
RETRIED_STATUS = (429, 500, 502, 503, 504)
LONGEST_WAIT = 120.0
"""Seconds at most between two tries, whatever a vendor asks for: a pass must come to an end."""
TRIES = 3
"""So often an answer is asked for that came broken, or that was refused for the rate's sake."""
_EPOCH = 1e9
"""A reset above this is a second of the epoch (GitHub), below it seconds to wait (PagerDuty, Datadog)."""

T = TypeVar("T")


class Garbled(SourceError):
    """An answer came that is not what was asked for: HTML, JSON that was cut off, the page before once more."""


class Cut(RetriableError):
    """The connection broke in the middle of an answer."""


class Throttled(RetriableError):
    """Refused for the rate's sake; ``wait`` seconds were asked for."""

    def __init__(self, message: str, wait: float | None) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass
class _Manners:
    sleep: Callable[[float], Any]
    timeout: tuple[float, float]


_manners = _Manners(lambda seconds: time.sleep(seconds), TIMEOUT)


@contextmanager
def hurried(sleep: Callable[[float], Any], timeout: tuple[float, float] = TIMEOUT) -> Iterator[None]:
    """For tests: ``sleep`` is called instead of waiting, and silence is a timeout after so many seconds."""
    before = (_manners.sleep, _manners.timeout)
    _manners.sleep, _manners.timeout = sleep, timeout
    try:
        yield
    finally:
        _manners.sleep, _manners.timeout = before


def pause(seconds: float) -> None:
    """Waits; the one place where a collector does."""
    _manners.sleep(seconds)


def timeout() -> tuple[float, float]:
    """Seconds to connect, seconds without a byte."""
    return _manners.timeout


class Pace:
    """A budget of requests a second: ``wait`` comes back when the next request may be sent. None: no budget."""

    def __init__(self, rate: float | None) -> None:
        self.window = max(1.0, 1 / rate) if rate else 0.0
        """Seconds in which as many requests may be sent as the budget allows; longer than one only below one."""
        self._sent: deque[float] = deque(maxlen=max(1, int(rate))) if rate else deque(maxlen=0)
        self._closed_until = 0.0
        self._lock = Lock()

    def wait(self) -> None:
        """Waits until a request may be sent, and counts it."""
        with self._lock:
            now = time.monotonic()
            full = len(self._sent) == self._sent.maxlen and bool(self._sent)
            at = max(now, self._closed_until, self._sent[0] + self.window if full else now)
            self._sent.append(at)
        if at > now:
            pause(at - now)

    def spent(self, seconds: float) -> None:
        """The vendor says that nothing is left: no request before so many seconds are over."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)


def asked_wait(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds a vendor asks to wait, at most LONGEST_WAIT; None where it asks for nothing. Retry-After always counts;
    the moment its rate window is renewed only where the rate is what stopped us, for some tell it in every answer."""
    named = {name.lower(): value for name, value in headers.items()}
    told = [named.get("retry-after")]
    if status == 429 or exhausted(named):
        told += [named.get("ratelimit-reset"), named.get("x-ratelimit-reset")]
    waits = [seconds_asked(value) for value in told if value is not None]
    return next((min(wait, LONGEST_WAIT) for wait in waits if wait is not None), None)


def exhausted(headers: Mapping[str, str]) -> bool:
    """Whether the answer says that no request is left in this window (PagerDuty, GitHub, Jira, GitLab)."""
    named = {name.lower(): value.strip() for name, value in headers.items()}
    return "0" in (named.get("x-ratelimit-remaining"), named.get("ratelimit-remaining"))


def throttled(status: int, headers: Mapping[str, str]) -> bool:
    """A 403 that is no missing right but a limit: GitHub's, with nothing left or with Retry-After."""
    return status == 403 and (exhausted(headers) or any(name.lower() == "retry-after" for name in headers))


def seconds_asked(text: str) -> float | None:
    """Seconds from now: a number of them, a second of the epoch, an HTTP date or an ISO date; None for neither."""
    try:
        number = float(text)
    except ValueError:
        moment = _moment(text)
        return None if moment is None else max(0.0, moment.timestamp() - time.time())
    return max(0.0, number - time.time() if number > _EPOCH else number)


def _moment(text: str) -> datetime | None:
    """The instant of an HTTP date or ISO date with an offset."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text.strip())
        except (ValueError, TypeError, OverflowError):
            continue
        if moment.tzinfo is not None:
            return moment
    return None


class Patience(Retry):
    """urllib3's retries with our bounds and the vendors' headers."""

    def get_retry_after(self, response: Any) -> float | None:
        """Seconds the answer asks to wait, from any vendor's header."""
        return asked_wait(response.status, response.headers)

    def sleep_for_retry(self, response: Any) -> bool:
        """Waits as asked; False where nothing is asked, so that the own backoff holds."""
        wait = self.get_retry_after(response)
        if wait:
            pause(wait)
        return bool(wait)

    def _sleep_backoff(self) -> None:
        wait = self.get_backoff_time()
        if wait > 0:
            pause(wait)


def patience(total: int = 5) -> Patience:
    """Retries on 429, 5xx and connection errors: 0, 1, 2, 4 ... seconds apart with jitter. A certificate error is
    not retried. POST is retried too: collectors only ever read."""
    return Patience(
        total=total, connect=min(3, total), read=total, status=total, other=0, redirect=5, allowed_methods=None,
        status_forcelist=RETRIED_STATUS, backoff_factor=0.5, backoff_jitter=0.5, backoff_max=30,
        raise_on_status=False, respect_retry_after_header=True,
    )  # fmt: skip


def persist(ask: Callable[[], T]) -> T:
    """The answer of ``ask``, asked for again a few times where it comes broken or is refused for the rate's sake."""
    tries = Retrying(
        retry=retry_if_exception_type((Garbled, Cut, Throttled)), stop=stop_after_attempt(TRIES), wait=_between,
        sleep=pause, reraise=True,
    )  # fmt: skip
    return tries(ask)


def _between(state: RetryCallState) -> float:
    """What the vendor asked for, else 1, 2, 4 ... seconds; a minute where it named a limit and no time (GitHub)."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Throttled):
        return 60.0 if error.wait is None else error.wait
    return float(2 ** (state.attempt_number - 1))
