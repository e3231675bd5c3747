"""The digest's day: when it is due, that it is sent once, also after a restart, and what a dead receiver does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dashboards.reading.reader import Snapshot
from slo.errors import RetriableError, SourceError, StoreError
from slo.store import Store
from tierline.cli import run
from tierline.config import Config, load
from tierline.notify.blocks import blocks
from tierline.notify.daily import Daily, Memory, remember, remembered
from tierline.notify.faults import Busy, Refused
from tierline.notify.message import Message
from tierline.service import Service

MONDAY = datetime(2026, 11, 16, 8, 30, tzinfo=UTC)
YAML = "store: sqlite:///x.db\ndigest: {slack: 'env:HOOK', at: '08:30', page: 'https://t.example'}\n"


class Inbox:
    """A receiver; ``fails``: what is raised instead, one a message."""

    title = "inbox"

    def __init__(self) -> None:
        self.got: list[tuple[str, list[dict[str, Any]]]] = []
        self.fails: list[Exception] = []

    def deliver(self, message: Message) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.got.append((message.text, message.blocks))

    def check(self) -> str:
        return "there"


class Day:
    """A store, a clock that is set by hand, and the digest over them."""

    def __init__(self, folder: Path, text: str = YAML) -> None:
        (folder / "tierline.yaml").write_text(text)
        self.config: Config = load(str(folder / "tierline.yaml"), {"HOOK": "https://hooks.example/canary"})
        self.store = Store(f"sqlite:///{folder}/x.db")
        self.store.migrate()
        self.at = MONDAY
        self.inbox = Inbox()
        self.snapshot = Snapshot(as_of=MONDAY, results=[result("missed")])
        self.restart()

    def restart(self) -> None:
        self.daily = Daily(self.store, self.config, self.inbox, lambda: self.snapshot, lambda: self.at)

    def tick(self, at: datetime | None = None) -> int:
        """Looks at this moment, with an evaluation of then; messages so far."""
        if at is not None:
            self.at, self.snapshot = at, replace(self.snapshot, as_of=at)
        self.daily.tick()
        return len(self.inbox.got)


def result(status: str) -> dict[str, Any]:
    return {
        "kpi": "mttr", "title": "Mean time to restore", "window": {"name": "28d"}, "scope": {}, "status": status,
        "value": 60.0, "unit": "seconds", "targets": [], "series": [], "measure": "Samples",
    }  # fmt: skip


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    made = Day(tmp_path)
    yield made
    made.store.close()


def test_it_is_sent_when_its_time_has_come_and_once(day: Day) -> None:
    assert day.tick(MONDAY - timedelta(seconds=1)) == 0
    assert day.tick(MONDAY) == 1
    assert day.tick(MONDAY + timedelta(hours=9)) == 1
    assert day.tick(MONDAY + timedelta(days=1)) == 2
    assert day.inbox.got[0][0].startswith("1 of 1 judged KPI missed a target in the last 28 days (as of 16 November")
    assert day.inbox.got[0][0].endswith("https://t.example")


def test_a_restart_does_not_send_it_again(day: Day) -> None:
    assert day.tick(MONDAY) == 1
    day.restart()
    assert day.tick(MONDAY + timedelta(minutes=1)) == 1


def test_a_kill_while_sending_does_not_send_it_again(day: Day) -> None:
    remember(day.store, Memory(day="2026-11-16", state="sending", at=MONDAY.isoformat()))
    assert day.tick(MONDAY + timedelta(minutes=1)) == 0


def test_it_waits_for_an_evaluation_of_the_day_but_not_for_ever(day: Day) -> None:
    day.snapshot = replace(day.snapshot, as_of=MONDAY - timedelta(minutes=2))
    day.at = MONDAY + timedelta(minutes=59)
    assert day.tick() == 0
    day.at = MONDAY + timedelta(hours=1)
    assert day.tick() == 1
    assert "as of 16 November 2026, 08:28 UTC" in day.inbox.got[0][0]


def test_after_a_start_it_waits_until_every_source_was_read(day: Day) -> None:
    """The evaluation that a start finds in the store is of before; so is a source that nobody has read since."""
    nine = MONDAY + timedelta(hours=9)
    day.at, day.snapshot = nine, replace(day.snapshot, as_of=nine - timedelta(minutes=11))
    day.restart()
    assert day.tick() == 0
    day.snapshot = replace(day.snapshot, as_of=nine, sources=[{"name": "airflow", "awaited": True}])
    assert day.tick() == 0
    day.snapshot = replace(day.snapshot, sources=[{"name": "airflow", "awaited": False}])
    assert day.tick() == 1


def test_a_source_that_stays_behind_does_not_hold_it_up(day: Day) -> None:
    day.snapshot = replace(
        day.snapshot, sources=[{"name": "airflow", "awaited": True, "blind": "stale", "last_attempt": MONDAY}]
    )
    assert day.tick(MONDAY) == 0
    assert day.tick(MONDAY + timedelta(minutes=10)) == 1
    assert "✕ airflow has not been read for longer than it should" in day.inbox.got[0][0]


def test_business_days_only_or_daily(tmp_path: Path) -> None:
    saturday = MONDAY + timedelta(days=5)
    for words, sent in ((YAML, 0), (YAML.replace("at:", "days: daily, at:"), 1)):
        folder = tmp_path / str(sent)
        folder.mkdir()
        day = Day(folder, words)
        assert day.tick(saturday) == sent
        day.store.close()


def test_the_time_is_the_platforms(tmp_path: Path) -> None:
    day = Day(tmp_path, "timezone: Europe/Berlin\n" + YAML)
    assert day.tick(MONDAY - timedelta(hours=1, seconds=1)) == 0
    assert day.tick(MONDAY - timedelta(hours=1)) == 1
    day.store.close()


def test_a_dead_receiver_is_tried_again_and_said_once(day: Day, caplog: pytest.LogCaptureFixture) -> None:
    day.inbox.fails = [RetriableError("Slack: no connection (refused)")] * 2
    assert day.tick(MONDAY) == 0
    assert day.tick(MONDAY + timedelta(minutes=14)) == 0
    assert len(day.inbox.fails) == 1
    assert day.tick(MONDAY + timedelta(minutes=15)) == 0
    assert remembered(day.store).state == "failed"
    assert day.tick(MONDAY + timedelta(minutes=30)) == 1
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [
        "digest: Slack: no connection (refused)"
    ]
    assert (remembered(day.store).state, remembered(day.store).error) == ("sent", "")


def test_a_receiver_that_asks_to_wait_is_left_alone_as_long(day: Day) -> None:
    day.inbox.fails = [Busy("Slack answered 429; it asks to wait", 3600)]
    assert day.tick(MONDAY) == 0
    assert day.tick(MONDAY + timedelta(minutes=59)) == 0
    assert day.tick(MONDAY + timedelta(minutes=60)) == 1


@pytest.mark.parametrize("fault", [Refused("Slack answered 403; make a new token"), KeyError("canary")])
def test_one_that_was_refused_is_sent_once_that_is_mended(day: Day, fault: Exception) -> None:
    day.inbox.fails = [fault]
    assert day.tick(MONDAY) == 0
    assert (remembered(day.store).state, "canary" in remembered(day.store).error) == ("failed", False)
    assert day.tick(MONDAY + timedelta(minutes=14)) == 0
    assert day.tick(MONDAY + timedelta(minutes=15)) == 1


def test_what_was_refused_is_sent_later_though_the_store_was_away_then(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    day.inbox.fails = [Busy("Slack answered 429; it asks to wait", 30)]
    with monkeypatch.context() as away:

        def failing(store: Store, memory: Memory, key: str) -> None:
            if memory.state == "failed":
                raise StoreError("the store is away")
            remember(store, memory, key)

        away.setattr("tierline.notify.daily.remember", failing)
        with pytest.raises(StoreError):
            day.tick(MONDAY)
    assert remembered(day.store).state == "sending"
    assert day.tick(MONDAY + timedelta(minutes=1)) == 0
    assert remembered(day.store).state == "failed"
    assert day.tick(MONDAY + timedelta(minutes=15)) == 1
    assert remembered(day.store).state == "sent"


def test_what_may_have_arrived_is_not_repeated(day: Day) -> None:
    day.inbox.fails = [SourceError("Slack: no answer; the message may have arrived")]
    assert [day.tick(MONDAY + timedelta(hours=hours)) for hours in (0, 1, 12)] == [0, 0, 0]
    assert day.tick(MONDAY + timedelta(days=1)) == 1


def test_it_compares_with_the_last_one_that_was_told(day: Day) -> None:
    assert day.tick(MONDAY) == 1
    day.snapshot = replace(day.snapshot, results=[result("met")])
    day.inbox.fails = [SourceError("lost")]
    assert day.tick(MONDAY + timedelta(days=1)) == 1
    assert day.tick(MONDAY + timedelta(days=2)) == 2
    assert "● Mean time to restore keeps its target again" in day.inbox.got[1][0]


def test_an_old_evaluation_says_so_and_is_not_calm(day: Day) -> None:
    """None came for two hours; the digest waits one hour for it."""
    day.snapshot = Snapshot(as_of=MONDAY - timedelta(hours=1), watch={"alerts": [], "silenced": []})
    day.at = MONDAY + timedelta(hours=1)
    assert day.tick() == 1
    text, laid_out = day.inbox.got[0]
    old = "The newest evaluation is as of 2026-11-16 07:30 UTC: nothing since then has been judged."
    says = f"{old} Team platform, ticket."
    assert text.splitlines()[0].startswith("1 alert is open; no target could be judged") and "Nothing needs" not in text
    assert f"\n\nOpen alerts\n  △ {says}\n    https://t.example/sources\n\n" in text
    assert laid_out[1]["text"]["text"] == f"*Open alerts*\n△ {says} <https://t.example/sources|open>"


def test_the_blocks_hold_no_mention_and_no_link_but_the_own() -> None:
    digest = {"title": "1 of 1", "as_of": MONDAY.isoformat(), "attention": ["▲ <!channel> a & b"], "changes": [],
              "sources": [], "alerts": [], "silenced": [], "page": "https://t.example/?a=1&b=2"}  # fmt: skip
    assert blocks(digest, "UTC") == [
        {"type": "header", "text": {"type": "plain_text", "text": "1 of 1"}},
        {"type": "section", "text": {"type": "mrkdwn",
                                     "text": "*Needs attention*\n▲ &lt;!channel&gt; a &amp; b"}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "as of 16 November 2026, 08:30 UTC · "
                                          "<https://t.example/?a=1&amp;b=2|open the page>"}]},
    ]  # fmt: skip


def test_the_command_shows_it_without_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    (tmp_path / "tierline.yaml").write_text("store: sqlite:///x.db\n")
    assert run(["digest", "--dry-run", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["title"] == "No target could be judged in the last 28 days"
    assert (told["attention"], told["sources"], told["page"]) == ([], [], "http://127.0.0.1:8050")
    assert run(["digest"]) == 2
    assert "no receiver is configured; add `digest: {slack: env:SLACK_WEBHOOK_URL}`" in capsys.readouterr().err


@pytest.fixture
def configured(slack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This folder's settings name Slack as the receiver."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    monkeypatch.setenv("HOOK", slack.url + "/services/canary-webhook")
    (tmp_path / "tierline.yaml").write_text(YAML)


@pytest.mark.usefixtures("configured")
def test_one_line_is_sent_to_try_it_and_a_check_sends_none(slack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--connect", "--format", "json"]) == 0
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["source"], finding["ok"], slack.got) == ("digest", True, [])
    assert run(["digest", "--test"]) == 0
    assert [told["text"] for _, told, _ in slack.got] == ["Tierline's digest comes here."]
    assert "canary" not in capsys.readouterr().err


@pytest.mark.usefixtures("configured")
def test_a_digest_sent_by_hand_is_todays(slack: Any, capsys: pytest.CaptureFixture[str]) -> None:
    slack.answers = [(503, "", {}), (200, "ok", {})]
    assert run(["digest"]) == 1
    assert "error: Slack answered 503; it may work later" in capsys.readouterr().err
    assert run(["digest"]) == 0
    assert "sent to Slack, incoming webhook" in capsys.readouterr().err
    assert [told["text"].splitlines()[0].partition(" (")[0] for _, told, _ in slack.got] == [
        "No target could be judged in the last 28 days"
    ] * 2
    with Store("sqlite:///x.db") as store:
        assert remembered(store).state == "sent"


@pytest.mark.parametrize("there", [True, False])
def test_the_service_sends_it_by_itself_and_goes_on_where_nobody_is_there(
    there: bool, slack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread of the service, a look a tenth of a second; the time of the digest has come whenever this runs."""
    monkeypatch.setattr("tierline.service.LOOK", timedelta(seconds=0.1))
    slack.answers = [(200, "ok", {})] if there else [(500, "", {})]
    text = YAML.replace("08:30", "00:00").replace("at:", "days: daily, at:")
    (tmp_path / "tierline.yaml").write_text(text.replace("sqlite:///x.db", f"sqlite:///{tmp_path}/x.db"))
    config = load(str(tmp_path / "tierline.yaml"), {"HOOK": slack.url + "/services/canary-webhook"})
    with Store(config.store_url) as store:
        store.migrate()
        service = Service(config, store, role="collect")
        service.start()
        deadline = time.monotonic() + 60
        while remembered(store).state not in ("sent", "failed") and time.monotonic() < deadline:
            service.stop.wait(0.1)
        assert (remembered(store).state, len(slack.got)) == ("sent" if there else "failed", 1)
        assert service._healthy() is None
        service.snapshots.refresh()
        (shown,) = service.snapshots.holder().receivers
        assert (shown["ok"], shown["state"]) == (there, "sent" if there else "failed")
        service.close()


def test_a_dry_run_compares_with_what_the_first_receiver_was_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    monkeypatch.setenv("HOOK", "https://hooks.example/canary")
    (tmp_path / "tierline.yaml").write_text("store: sqlite:///x.db\nnotify: [{name: chat, slack: 'env:HOOK'}]\n")
    monkeypatch.setattr("tierline.opening.open_engine", lambda *asked: SimpleNamespace(evaluate=lambda moment: None))
    monkeypatch.setattr("tierline.notify.daily.compose", lambda snapshot, before, *rest: {"before": before})
    with Store("sqlite:///x.db") as store:
        store.migrate()
        remember(store, Memory(day="2026-11-16", state="sent", statuses={"mttr": "missed"}), "digest chat")
    assert run(["digest", "--dry-run", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"before": {"mttr": "missed"}}
    assert run(["digest", "--dry-run", "--test"]) == 2
    assert "say either --dry-run (nothing is sent) or --test (one line is)" in capsys.readouterr().err
