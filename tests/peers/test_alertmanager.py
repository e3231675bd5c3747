"""The alertmanager source against the real pair: a rule of a real Prometheus fires, a real Alertmanager delivers."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from collectors.base import Period, Raw
from collectors.sources.alertmanager import Alertmanager
from slo import interchange

pytestmark = pytest.mark.peer


class Hook:
    """What tierline serve does with a delivery: hands body and headers to the source's route, answers 401 or 200."""

    def __init__(self, source: Alertmanager) -> None:
        self.route = source.routes()["alerts"]
        self.told: list[dict[str, Any]] = []
        self.refused: list[str] = []

    def handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    hook.told += hook.route(body, dict(self.headers.items()))
                    self.send_response(200)
                except PermissionError as error:
                    hook.refused.append(str(error))
                    self.send_response(401)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return Handler


def polled(one: Alertmanager) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    raws = list(one.fetch(Period(now - timedelta(minutes=1), now, incremental=True, latest=True)))
    return [fact for raw in raws if isinstance(raw, Raw) for fact in one.parse(raw)]


def active_at(prometheus: str) -> datetime:
    """When Prometheus says that its alert began, to the millisecond."""
    with urllib.request.urlopen(f"{prometheus}/api/v1/alerts") as answer:
        [alert] = json.load(answer)["data"]["alerts"]
    text: str = alert["activeAt"]
    moment = interchange.instant(text)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def newest(tellings: list[dict[str, Any]]) -> dict[str, Any]:
    """Of several tellings the one with the latest revised_at, as the store takes it."""
    return max(tellings, key=lambda fact: interchange.instant(fact["revised_at"]))


def test_an_alert_that_fires_and_resolves(
    start_alertmanager: Callable[[str, str], str], watch_datasets: Callable[[str], str], exporter: Any,
    serve: Callable[..., Any], wait_until: Callable[..., None],
) -> None:  # fmt: skip
    settings = {"webhook_token": "t0ken-of-the-hook", "asset": "dwh/{dataset}", "restart_grace": 0}
    hook = Hook(Alertmanager("am", Alertmanager.Settings.model_validate(settings), lambda: datetime.now(UTC)))
    exporter.values = {'dataset_age_seconds{dataset="orders"}': 7200.0, 'dataset_age_seconds{dataset="lines"}': 60.0}
    with serve(hook.handler()) as port:
        url = start_alertmanager(f"http://127.0.0.1:{port}/hooks/am/alerts", "t0ken-of-the-hook")
        prometheus = watch_datasets(url)
        wait_until(lambda: len(hook.told) >= 2, "the alert is delivered, and delivered again")
        began = active_at(prometheus)
        poller = Alertmanager(
            "am", Alertmanager.Settings.model_validate({**settings, "url": url}), lambda: datetime.now(UTC)
        )
        listed = polled(poller)
        exporter.values['dataset_age_seconds{dataset="orders"}'] = 30.0
        wait_until(lambda: any(fact["resolved_at"] for fact in hook.told), "the alert's end is delivered")
        wait_until(lambda: "[]" in urllib.request.urlopen(f"{url}/api/v2/alerts").read().decode(), "nothing is listed")
        gone = polled(poller)
    told = [*hook.told, *listed, *gone]
    assert {fact["id"] for fact in told} == {f"{told[0]['dedup_key']}/{told[0]['fired_at']}"}
    assert {(fact["rule"], fact["asset"], fact["label"]) for fact in told} == {
        ("DatasetStale", "dwh/orders", "actionable")
    }
    assert interchange.instant(told[0]["fired_at"]) == began
    [end] = {fact["resolved_at"] for fact in hook.told if fact["resolved_at"]}
    assert began < interchange.instant(end) < datetime.now(UTC)
    assert [fact["resolved_at"] for fact in listed] == [None]
    assert len(gone) == 1 and interchange.instant(gone[0]["resolved_at"]) > interchange.instant(end)
    assert newest([*hook.told, *listed])["resolved_at"] == newest(told[::-1])["resolved_at"] == end
    assert newest([*listed, *gone]) == gone[0]  # without a webhook the poll's moment stands
    assert all(interchange.parse({**fact, "source": "am"}).moment == began for fact in told)
    assert told[0]["url"].endswith("/graph?g0.expr=dataset_age_seconds+%3E+3600&g0.tab=1")
    assert hook.refused == []


def test_a_delivery_with_a_wrong_credential_is_refused(
    start_alertmanager: Callable[[str, str], str], watch_datasets: Callable[[str], str], exporter: Any,
    serve: Callable[..., Any], wait_until: Callable[..., None],
) -> None:  # fmt: skip
    made = Alertmanager.Settings.model_validate({"webhook_token": "t0ken-of-the-hook"})
    hook = Hook(Alertmanager("am", made, lambda: datetime.now(UTC)))
    exporter.values = {'dataset_age_seconds{dataset="orders"}': 7200.0}
    with serve(hook.handler()) as port:
        watch_datasets(start_alertmanager(f"http://127.0.0.1:{port}/hooks/am/alerts", "another-token"))
        wait_until(lambda: bool(hook.refused), "a delivery is refused")
    assert hook.told == []
    assert "t0ken" not in hook.refused[0]


def test_check_names_the_real_version(start_alertmanager: Callable[[str, str], str]) -> None:
    url = start_alertmanager("http://127.0.0.1:9/", "x")
    one = Alertmanager("am", Alertmanager.Settings.model_validate({"url": url}), lambda: datetime.now(UTC))
    assert [line.ok for line in one.check()] == [True, True]
    assert one.check()[1].what.endswith(", 0 alerts now")
    assert polled(one) == []
