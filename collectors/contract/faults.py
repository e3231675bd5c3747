"""What goes wrong between a source and its server, as changes to one reply of the stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from collectors.contract.case import Case
from collectors.contract.standin import Asked, Disturb, Reply, answer_for

PAGING = frozenset((
    "after", "cursor", "limit", "next_page_token", "next_token", "nextPageToken", "offset", "page", "page_limit",
    "page_offset", "page_token", "pageToken", "partition", "skip", "startAt",
))  # fmt: skip
"""Parameters that turn pages: requests that differ in nothing else read one listing."""
Change = Callable[[Reply, Reply], Reply]
"""(this reply, the reply before it) -> what comes instead."""


@dataclass(frozen=True)
class Fault:
    """One fault. ``lasting``: whoever asks the same again meets it again. ``of_pages``: it happens to a further page of
    a listing only. ``of_json``: a text that is cut short or replaced cannot be told from a whole one."""

    name: str
    change: Change
    lasting: bool = False
    of_pages: bool = False
    of_json: bool = False
    silent: bool = False
    gone: bool = False


def _status(status: int, **headers: str) -> Change:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda reply, before: Reply(status, named, f"HTTP {status}: made by the fault suite".encode())


def _manner(manner: str) -> Change:
    return lambda reply, before: replace(reply, manner=manner)


def _truncated(reply: Reply, before: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) * 2 // 3])


def _html(reply: Reply, before: Reply) -> Reply:
    return Reply(200, {"Content-Type": "text/html"}, b"<!doctype html><title>Sign in</title><p>Please sign in.</p>")


def _again(reply: Reply, before: Reply) -> Reply:
    return before


def _clock_ahead(reply: Reply, before: Reply) -> Reply:
    ahead = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    return Reply(429, {"Date": ahead, "Retry-After": ahead}, b"slow down")


FAULTS = (
    Fault("429 with Retry-After", _status(429, Retry_After="7")),
    Fault("429 without Retry-After", _status(429)),
    Fault("429 for ever", _status(429), lasting=True),
    Fault("500", _status(500)),
    Fault("500 for ever", _status(500), lasting=True),
    Fault("no answer", _manner("silent"), silent=True),
    Fault("cut in the middle", _manner("cut")),
    Fault("cut in the middle for ever", _manner("cut"), lasting=True),
    Fault("truncated JSON", _truncated, of_json=True),
    Fault("truncated JSON for ever", _truncated, lasting=True, of_json=True),
    Fault("HTML", _html, of_json=True),
    Fault("HTML for ever", _html, lasting=True, of_json=True),
    Fault("a page repeated", _again, of_pages=True),
    Fault("a page repeated for ever", _again, lasting=True, of_pages=True),
    Fault("a page missing (404)", _status(404), lasting=True, gone=True),
    Fault("a page missing (410)", _status(410), lasting=True, gone=True),
    Fault("the token expires", _status(401)),
    Fault("the token is refused", _status(401), lasting=True),
    Fault("the server's clock is ahead", _clock_ahead),
)


def positions(fault: Fault, case: Case, asked: Sequence[Asked], replies: Sequence[Reply]) -> list[int]:
    """Where in an undisturbed exchange the fault is put: at the first, middle and last answer it can happen to;
    the requests are counted from 1."""
    answers = {str(answer_for(case, one)): at for at, one in reversed(list(enumerate(asked, 1)))}
    able = [at for at in sorted(answers.values()) if _applies(fault, case, asked, replies, at)]
    return sorted({able[0], able[len(able) // 2], able[-1]}) if able else []


def _applies(fault: Fault, case: Case, asked: Sequence[Asked], replies: Sequence[Reply], at: int) -> bool:
    request, reply = asked[at - 1], replies[at - 1]
    if fault.of_pages and not (at > 1 and one_listing(request, asked[at - 2]) and reply.body != replies[at - 2].body):
        return False
    if fault.of_json and reply.body[:1] not in (b"{", b"["):
        return False
    answer = answer_for(case, request)
    gone = reply.status in (404, 410) or (answer is not None and answer.may_be_gone)
    return not (fault.gone and gone)


def one_listing(request: Asked, before: Asked) -> bool:
    """Whether two requests read pages of one listing."""
    return (request.method, request.path) == (before.method, before.path) and (
        _fixed(request.query) == _fixed(before.query) and _fixed(request.body) == _fixed(before.body)
    )


def _fixed(value: Any) -> Any:
    """Parameters without what turns pages, however deep (variables of GraphQL)."""
    return {k: _fixed(v) for k, v in value.items() if k not in PAGING} if isinstance(value, dict) else value


def disturbing(fault: Fault, case: Case, target: Asked) -> Disturb:
    """The fault at every request that the answer to ``target`` fits, whatever times it asks for: what one period loses
    must not come back in another. Who asks the very same again is well served, unless the fault lasts."""
    answer, met = answer_for(case, target), set[str]()
    before = Reply(404)

    def disturb(number: int, request: Asked, reply: Reply) -> Reply:
        nonlocal before
        if answer_for(case, request) is not answer:
            before = reply
        elif fault.lasting or str(request) not in met:
            met.add(str(request))
            return fault.change(reply, before)
        return reply

    return disturb


def echoing(status: int) -> Disturb:
    """Every request is refused by an answer that shows what was sent, credentials and all, as careless servers do."""

    def disturb(number: int, request: Asked, reply: Reply) -> Reply:
        sent = {"headers": request.headers, "query": request.query, "body": request.body}
        return Reply(status, {"Content-Type": "application/json"}, json.dumps({"refused": sent}).encode())

    return disturb
