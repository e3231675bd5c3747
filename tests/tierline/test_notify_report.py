"""The reporting day: drafts, closing and report each on their day, once, also after a restart, and whoever is away."""

from __future__ import annotations

import email
import email.policy
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboards.reading.reader import Snapshot
from slo.errors import ConfigError, RetriableError, SourceError, StoreError
from slo.store import Store
from tests.dashboards.report import paper
from tierline.cli import run
from tierline.config import Config, load
from tierline.notify.mail import Mailer
from tierline.reports.memory import Done, begin, remember, remembered
from tierline.reports.sending import Reporting, standing
from tierline.reports.ways import Ways, slug, ways
from tierline.service import Service

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
DRAFTS, CLOSING = datetime(2026, 11, 3, 8, tzinfo=UTC), datetime(2026, 11, 6, 8, tzinfo=UTC)
YAML = """
store: sqlite:///x.db
report:
  folder: reports
  formats: [json, pdf]
  page: https://t.example
  post: {slack: 'env:HOOK'}
  mail:
    host: 127.0.0.1
    port: PORT
    user: tierline
    password: env:PASSWORD
    sender: tierline@example.com
    to: [lead@example.com]
    drafts: {finance: [finance@example.com]}
"""


class Work:
    """Closes nothing and draws a document made by hand; ``fails``: what closing raises, one a time."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.fails: list[Exception] = []
        self.drawn = 0

    def is_closed(self, engine: Any, period: str) -> bool:
        return period in self.closed

    def close(self, engine: Any, config: Config, period: str, now: datetime) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.closed.append(period)

    def report(self, engine: Any, config: Config, period: str, now: datetime) -> dict[str, Any]:
        self.drawn += 1
        assert period in self.closed
        return paper.document()

    def draft(self, engine: Any, config: Config, period: str, domain: str, now: datetime) -> dict[str, Any]:
        return paper.document()

    def domains(self, engine: Any, now: datetime) -> list[str]:
        return ["finance", "orders/eu"]


class Office:
    """A store, a clock that is set by hand, real peers, and the reporting day over them."""

    def __init__(self, folder: Path, slack: Any, smtp: Any) -> None:
        (folder / "tierline.yaml").write_text(YAML.replace("PORT", str(smtp.port)))
        secrets = {"HOOK": slack.url + "/services/canary", "PASSWORD": "canary-password"}
        self.config = load(str(folder / "tierline.yaml"), secrets)
        self.folder, self.slack, self.smtp, self.work = folder / "reports", slack, smtp, Work()
        self.store = Store(f"sqlite:///{folder}/x.db")
        self.store.migrate()
        self.at, self.snapshot = START, Snapshot(as_of=START)
        found = ways(self.config)
        self.ways = replace(found, mailer=Mailer(found.mailer.settings, smtp.trusting) if found.mailer else None)
        self.restart()
        self.tick(START)

    def restart(self) -> None:
        self.reporting = Reporting(
            self.store, self.config, lambda: None, self.ways, lambda: self.snapshot, lambda: self.at,  # type: ignore
            self.work,  # type: ignore[arg-type]
        )  # fmt: skip

    def tick(self, at: datetime) -> tuple[list[str], list[list[str]], list[str]]:
        """Looks at this moment; the files, the mails' addresses and the messages so far."""
        self.at = at
        self.reporting.tick()
        files = sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*.*"))
        return files, [to for _, to, _ in self.smtp.got], [told["text"] for _, told, _ in self.slack.got]


@pytest.fixture
def office(tmp_path: Path, slack: Any, smtp: Any) -> Iterator[Office]:
    made = Office(tmp_path, slack, smtp)
    yield made
    made.store.close()


DRAFTED = ["2026-10/draft-2026-10-finance.json", "2026-10/draft-2026-10-finance.pdf",
           "2026-10/draft-2026-10-orders-eu.json", "2026-10/draft-2026-10-orders-eu.pdf"]  # fmt: skip
REPORTED = ["2026-10/tierline-2026-10.json", "2026-10/tierline-2026-10.pdf"]


def test_drafts_then_the_report_each_on_its_day_and_once(office: Office) -> None:
    assert office.tick(DRAFTS - timedelta(seconds=1)) == ([], [], [])
    files, mails, posts = office.tick(DRAFTS)
    assert (files, mails) == (DRAFTED, [["finance@example.com"]])
    assert posts == [
        "Drafts of 2026-10 are ready\nClosed on 6 November 2026, 08:00 UTC; until then disputed by "
        '`tierline dispute 2026-10 KPI --domain DOMAIN --text "why"`\nhttps://t.example/reports'
    ]
    assert office.tick(CLOSING - timedelta(seconds=1)) == (files, mails, posts)
    assert office.work.closed == []
    files, mails, posts = office.tick(CLOSING)
    assert (office.work.closed, office.work.drawn) == (["2026-10"], 1)
    assert files == sorted(DRAFTED + REPORTED)
    assert (mails[1:], len(posts)) == ([["lead@example.com"]], 2)
    office.restart()
    assert office.tick(CLOSING + timedelta(days=3)) == (files, mails, posts)


def test_the_mail_is_the_first_page_with_the_files(office: Office) -> None:
    office.tick(DRAFTS)
    office.tick(CLOSING)
    draft, report = (email.message_from_bytes(one, policy=email.policy.default) for _, _, one in office.smtp.got)
    assert (draft["Subject"], report["Subject"]) == (
        "Draft: report of October 2026, the platform", "Report of October 2026, the platform",
    )  # fmt: skip
    text = report.get_body(("plain",)).get_content().replace("\r", "")
    assert text.startswith("In October 2026 the platform kept 21 of 27 judged promises\nClosed on 6 November 2026.\n")
    assert "\nMissed                    6        5           7\n" in text
    assert "- Tier 1 kept 97.1 % of its runs; promised are 99 %. orders_hourly failed 31 of 48 times; 11" in text
    assert text.rstrip().endswith("https://t.example/reports")
    assert "Until then a line can be disputed" in draft.get_body(("html",)).get_content()
    attached = {one.get_filename(): one.get_content() for one in report.iter_attachments()}
    assert sorted(attached) == ["tierline-2026-10.json", "tierline-2026-10.pdf"]
    assert attached["tierline-2026-10.pdf"] == (office.folder / "2026-10" / "tierline-2026-10.pdf").read_bytes()


def test_the_channel_gets_the_count_the_misses_and_a_link(office: Office) -> None:
    office.tick(DRAFTS)
    office.tick(CLOSING)
    _, told, _ = office.slack.got[-1]
    assert [block["type"] for block in told["blocks"]] == ["header", "section", "section", "context"]
    assert told["blocks"][2]["text"]["text"] == "▲ Tier 1 kept 97.1 % of its runs; promised are 99 %"
    assert "<https://t.example/reports|open the reports>" in told["blocks"][3]["elements"][0]["text"]


def test_a_fault_that_nobody_foresaw_is_said_and_holds_nothing_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing may be done twice, and is tried again; a mail may have arrived, and is not."""
    office.tick(DRAFTS)
    office.work.fails = [ZeroDivisionError("canary")]
    monkeypatch.setattr(Mailer, "send", lambda *_: {}["canary"])
    office.tick(CLOSING)
    assert office.work.closed == []
    files, mails, posts = office.tick(CLOSING + timedelta(minutes=15))
    assert (office.work.closed, files[-2:], len(posts)) == (["2026-10"], REPORTED, 2)
    mail = next(one for one in standing(office.store, office.ways) if "address" in one["title"])
    assert (mail["ok"], mail["state"]) == (False, "failed")
    assert mail["error"].endswith("look whether it arrived, else send it by `tierline report 2026-10 --send`")
    assert "unexpected KeyError" in mail["error"]
    office.tick(CLOSING + timedelta(minutes=45))
    assert len(office.smtp.got) == len(mails) == 1


def test_one_dead_way_holds_no_other_up(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.tick(DRAFTS)
    office.slack.answers = [(503, "", {}), (503, "", {}), (200, "ok", {})]
    office.tick(CLOSING)
    assert len(office.smtp.got) == 2
    assert [one["ok"] for one in standing(office.store, office.ways)] == [True, True, False]
    office.tick(CLOSING + timedelta(minutes=14))
    assert len(office.slack.got) == 2
    office.tick(CLOSING + timedelta(minutes=15))
    office.tick(CLOSING + timedelta(minutes=30))
    office.tick(CLOSING + timedelta(minutes=45))
    assert (len(office.slack.got), len(office.smtp.got)) == (4, 2)
    assert [one["state"] for one in standing(office.store, office.ways)] == ["sent"] * 3
    said = [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]
    assert said == ["2026-10 report post: Slack answered 503; it may work later"]


def test_a_way_that_refuses_gets_the_report_once_it_was_mended(office: Office) -> None:
    office.tick(DRAFTS)
    office.slack.answers = [(404, "no_service", {}), (200, "ok", {})]
    for minutes in (0, 14, 15, 30):
        office.tick(CLOSING + timedelta(minutes=minutes))
    assert (len(office.slack.got), len(office.smtp.got)) == (3, 2)
    assert [one["state"] for one in standing(office.store, office.ways)] == ["sent"] * 3


def test_a_mail_that_may_have_arrived_is_not_repeated(office: Office) -> None:
    office.tick(DRAFTS)
    office.smtp.says = None
    office.tick(CLOSING)
    office.smtp.says = "250 OK"
    office.tick(CLOSING + timedelta(hours=5))
    assert len(office.smtp.got) == 2
    told = {one["title"]: one for one in standing(office.store, office.ways)}
    assert "it may have arrived" in told["mail by 127.0.0.1, 1 address"]["error"]


def test_a_kill_while_sending_sends_no_second_mail(office: Office) -> None:
    remember(office.store, "2026-10 report mail", Done("sending", CLOSING.isoformat()))
    remember(office.store, "2026-10 report folder", Done("sending", CLOSING.isoformat()))
    files, mails, posts = office.tick(CLOSING)
    assert (files, mails, len(posts)) == (REPORTED, [], 1)


def test_a_closing_that_is_disturbed_is_tried_again_and_nothing_goes_out_before(office: Office) -> None:
    office.work.fails = [StoreError("2026-10: other facts came in while it was closed; run it again")]
    assert office.tick(CLOSING)[1:] == ([], [])
    assert office.tick(CLOSING + timedelta(minutes=15))[1] == [["lead@example.com"]]


def test_a_period_of_which_nothing_is_known_is_left_to_people(office: Office) -> None:
    office.work.fails = [ConfigError("2026-10: nothing is known of it"), AssertionError("asked twice")]
    office.tick(CLOSING)
    assert office.tick(CLOSING + timedelta(days=1)) == ([], [], [])


def test_what_was_due_before_the_first_start_is_left_to_people(tmp_path: Path, slack: Any, smtp: Any) -> None:
    """Installed on 6 November after the hour: October is not closed unasked; November is."""
    with Store(f"sqlite:///{tmp_path}/x.db") as store:
        store.migrate()
        begin(store, CLOSING)
    late = Office(tmp_path, slack, smtp)
    assert late.tick(CLOSING + timedelta(hours=1)) == ([], [], [])
    late.tick(datetime(2026, 12, 7, 8, tzinfo=UTC))
    assert late.work.closed == ["2026-11"]
    late.store.close()


def test_what_a_long_silence_left_out_is_made_up_for(office: Office) -> None:
    office.tick(datetime(2027, 1, 20, 8, tzinfo=UTC))
    assert office.work.closed == ["2026-10", "2026-11", "2026-12"]


def test_after_a_start_the_sources_are_read_first(office: Office) -> None:
    office.at = CLOSING + timedelta(hours=2)
    office.snapshot = Snapshot(as_of=START, sources=[{"name": "airflow", "awaited": True}])
    office.restart()
    assert office.tick(office.at)[1] == []
    assert office.tick(office.at + timedelta(minutes=10))[1] == [["lead@example.com"]]


def test_sent_by_hand_it_counts_as_sent(office: Office) -> None:
    office.work.closed = ["2026-10"]
    told = dict(office.reporting.send("2026-10", START))
    assert told == {"the folder reports": None, "mail by 127.0.0.1, 1 address": None, "Slack, incoming webhook": None}
    assert office.tick(CLOSING)[1] == [["lead@example.com"]]
    assert remembered(office.store).tasks["2026-10 report mail"].state == "sent"  # type: ignore[union-attr]
    office.smtp.says = "554 no"
    found = dict(office.reporting.send("2026-10", START))
    assert isinstance(found["mail by 127.0.0.1, 1 address"], SourceError)
    assert not isinstance(found["mail by 127.0.0.1, 1 address"], RetriableError)


@pytest.mark.parametrize(("name", "file"), [("a/../../etc", "a-..-..-etc"), ("فريق", "فريق"), ("***", "unnamed")])
def test_a_domains_name_is_no_path(name: str, file: str) -> None:
    assert slug(name) == file


def test_without_ways_nothing_is_drawn(office: Office) -> None:
    office.ways = Ways(None, None, None, office.config)
    office.restart()
    assert office.tick(CLOSING) == ([], [], [])
    assert (office.work.closed, office.work.drawn) == (["2026-10"], 0)


def test_the_service_does_it_by_itself_and_shows_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of the service on the reporting day: the clock stands at that hour, and a look is a tenth of a
    second."""
    monkeypatch.setattr("tierline.service.LOOK", timedelta(seconds=0.05))
    monkeypatch.setattr("tierline.service.now", lambda: CLOSING)
    monkeypatch.setattr("tierline.reports.sending.Work", lambda: office.work)
    office.smtp.says = "451 come again"  # nobody takes the mail: the others have it all the same
    service = Service(office.config, office.store, role="collect")
    service.snapshots.holder.replace(office.snapshot)
    reporting = service._reporting()
    service.leader.leads.set()
    thread = threading.Thread(target=reporting)
    thread.start()
    deadline = time.monotonic() + 30
    while "2026-10 report post" not in remembered(office.store).tasks and time.monotonic() < deadline:  # type: ignore
        time.sleep(0.05)
    service.stop.set()
    thread.join()
    service.snapshots.refresh()
    shown = {one["title"]: one["state"] for one in service.snapshots.holder().receivers}
    assert shown == {
        "the folder reports": "sent", "mail by 127.0.0.1, 1 address": "failed", "Slack, incoming webhook": "sent",
    }  # fmt: skip
    (coming,) = service.snapshots.holder().reporting
    assert (coming["period"], coming["draft"], coming["report"]) == (
        "2026-11", "2026-12-02T08:00:00+00:00", "2026-12-07T08:00:00+00:00",
    )  # fmt: skip


def test_the_command_sends_by_every_way(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOOK", office.slack.url + "/services/canary")
    monkeypatch.setenv("PASSWORD", "canary-password")
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    monkeypatch.setattr("tierline.reports.sending.Work", lambda: office.work)
    monkeypatch.setattr("tierline.reports.ways.Mailer", lambda settings: Mailer(settings, office.smtp.trusting))
    office.work.closed = ["2026-10"]
    office.slack.answers = [(404, "no_service", {})]
    assert run(["report", "2026-10", "--send"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[:2] == ["sent: the folder reports", "sent: mail by 127.0.0.1, 1 address"]
    assert said[2].startswith("error: Slack, incoming webhook: Slack answered 404, no_service; the webhook was removed")
    assert run(["report", "2026-10", "--send", "--team", "core"]) == 2
    assert "leave the other options out" in capsys.readouterr().err
