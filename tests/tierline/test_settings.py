"""tierline.yaml: every error at once, each with file, line, place, value and remedy."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from slo.errors import ConfigError
from slo.platform import SupportHours
from tierline.config import Config, load
from tierline.settings.out import Report
from tierline.settings.problems import SettingsError

ALERTS = "sources:\n  alerts:\n    type: alertmanager\n    url: http://127.0.0.1:9093\n"


def written(folder: Path, text: str) -> str:
    path = folder / "tierline.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def loaded(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    return load(written(folder, text), environ or {})


def problems(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[tuple[int, str, str, str]]:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, text, environ).complete()
    assert {problem.file for problem in caught.value.problems} <= {str(folder / "tierline.yaml")}
    return [(one.line, one.place, one.message, one.remedy) for one in caught.value.problems]


def test_every_error_at_once(tmp_path: Path) -> None:
    text = """\
timezone: Europe/Berln
profle: staff_platform
support_hours: {start: 17:00, end: 09:00}
rules:
  - match: "x/*"
    tier: 7
    team: a
    team: b
  - tier: 1
assets:
  a/b: {freshness: {deadline: 7:00}}
"""
    assert problems(tmp_path, text) == [
        (1, "timezone", "'Europe/Berln': no such time zone", "write an IANA name such as Europe/Berlin or UTC"),
        (2, "profle", "unknown setting", "did you mean `profile`?"),
        (3, "support_hours", "end must be after start", "support around midnight: split it over the days"),
        (6, "rules[0].tier", "7: input should be 0, 1, 2 or 3", ""),
        (8, "rules[0].team", "stands twice", "keep one of them"),
        (
            9, "rules[1].match", "missing",
            "add `match: ...` (Pattern over asset names, `*` and `?` as in a shell: `airflow-prod/finance_*`)",
        ),
        (11, "assets.a/b.freshness.deadline", "'7:00': no time of day", "write hours and minutes as 07:00"),
    ]  # fmt: skip


def test_the_message_names_file_line_place_and_remedy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, "\nprofle: x\n")
    assert str(caught.value) == f"{tmp_path}/tierline.yaml:2: profle: unknown setting; did you mean `profile`?"


def test_sources_are_judged_by_their_own_models(tmp_path: Path) -> None:
    text = """\
sources:
  alerts:
    type: alertmanager
    ulr: http://127.0.0.1:9093
    restart_grace: soon
  b b: {type: alertmanagr}
  config: {type: alertmanager, url: "http://127.0.0.1:9093"}
  nothing: {}
"""
    found = problems(tmp_path, text)
    assert (4, "sources.alerts.ulr", "unknown setting", "did you mean `url`?") in found
    assert (6, "sources.b b.type", "'alertmanagr' is no kind of source", "did you mean `alertmanager`?") in found
    named = "use letters, digits, - _ . and no reserved name"
    assert (6, "sources.b b", "'b b' cannot name a source", named) in found
    assert (7, "sources.config", "'config' cannot name a source", named) in found
    grace = next(one for one in found if one[1] == "sources.alerts.restart_grace")
    assert grace[0] == 5 and grace[2].startswith("'soon': ") and grace[3] == "write 5m, 2h, 1d, or a number of seconds"
    nothing = next(one for one in found if one[1] == "sources.nothing.type")
    assert nothing[2] == "missing" and "alertmanager" in nothing[3]
    assert len(found) == 6


def test_a_secret_in_clear_is_refused_and_not_printed(tmp_path: Path) -> None:
    found = problems(tmp_path, ALERTS + "    webhook_token: hunter2hunter2\n")
    assert found == [
        (
            5, "sources.alerts.webhook_token", "a secret stands here in clear",
            "write `env:NAME` or `file:/path` and keep the value there",
        )
    ]  # fmt: skip


def test_a_missing_variable_is_named(tmp_path: Path) -> None:
    found = problems(tmp_path, ALERTS + "    webhook_token: env:HOOK_TOKEN\n")
    message = "the environment variable HOOK_TOKEN is not set"
    assert found == [(5, "sources.alerts.webhook_token", message, "set it before starting Tierline")]


def test_what_is_stored_is_shown_without_the_sources_secrets(tmp_path: Path) -> None:
    """In a shell without the variable: a source can be described, not read. Any other mistake is told at once."""
    config = loaded(tmp_path, ALERTS + "    webhook_token: env:HOOK_TOKEN\n")
    assert config.to_platform().source_names == ("alerts", "inferred")
    assert config.configured[0].settings.webhook_token.get_secret_value() == ""
    with pytest.raises(SettingsError, match="the environment variable HOOK_TOKEN is not set"):
        config.sources(lambda: datetime.now(UTC))
    with pytest.raises(SettingsError) as caught:
        loaded(tmp_path, ALERTS + "    webhook_token: env:HOOK_TOKEN\n    colour: red\n")
    assert [one.place for one in caught.value.problems] == ["sources.alerts.colour"]


def test_a_secret_from_the_environment(tmp_path: Path) -> None:
    config = loaded(tmp_path, ALERTS + "    webhook_token: env:HOOK_TOKEN\n", {"HOOK_TOKEN": "hunter2hunter2"})
    assert config.configured[0].settings.webhook_token.get_secret_value() == "hunter2hunter2"
    assert "hunter2" not in repr(config)


def test_a_secret_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2hunter2\n")
    config = loaded(tmp_path, ALERTS + f"    webhook_token: file:{tmp_path}/secret\n")
    assert config.configured[0].settings.webhook_token.get_secret_value() == "hunter2hunter2"


def test_a_secret_file_that_is_not_there(tmp_path: Path) -> None:
    found = problems(tmp_path, ALERTS + f"    webhook_token: file:{tmp_path}/none\n")
    message = f"the file {tmp_path}/none cannot be read (No such file or directory)"
    assert found == [(5, "sources.alerts.webhook_token", message, "name a file that Tierline may read")]


def test_a_reference_where_no_secret_is_expected(tmp_path: Path) -> None:
    found = problems(tmp_path, "sources:\n  alerts:\n    type: alertmanager\n    url: env:URL\n", {"URL": "http://x"})
    assert found == [
        (
            4, "sources.alerts.url", "'env:URL': no secret is expected here",
            "env: and file: work for secrets only; write the value",
        )
    ]  # fmt: skip


def test_the_web_asks_for_authentication_beyond_loopback(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "web: {host: 0.0.0.0}\n")
    assert found[:2] == (1, "web")
    assert found[2].startswith("host 0.0.0.0 can be reached from other machines")
    assert "tokens: [env:TIERLINE_WEB_TOKEN]" in found[3]
    assert loaded(tmp_path, "web: {host: 0.0.0.0, tokens: [env:T]}\n", {"T": "abc"}).settings.web.authenticated
    proxied = "web: {host: 10.0.0.1, trusted_proxy: {networks: [10.0.0.0/8]}}\n"
    assert loaded(tmp_path, proxied).settings.web.authenticated
    assert not loaded(tmp_path, "web: {host: localhost}\n").settings.web.authenticated


def test_ops_is_opened_by_saying_so(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "ops: {host: 0.0.0.0}\n")
    assert "add `open: true`" in found[3]
    assert loaded(tmp_path, "ops: {host: 0.0.0.0, open: true}\n").settings.ops.open


def test_the_kpis_exposed_by_asset_must_be_there(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "ops:\n  metrics:\n    assets: [mttr, pipeline_sucess_rate]\n")
    place, message = "ops.metrics.assets[1]", "'pipeline_sucess_rate' is no KPI"
    assert found == (3, place, message, "did you mean `pipeline_success_rate`?")
    config = loaded(tmp_path, "ops: {metrics: {assets: [mttr], cap: 500}}\n")
    assert config.to_platform().asset_kpis == ("mttr",)
    assert config.settings.ops.metrics.cap == 500


def test_what_is_alerted_on(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "alerts:\n  budgets: [mttr]\n")
    assert found[:3] == (2, "alerts.budgets[0]", "'mttr' is no KPI with an error budget")
    (found,) = problems(tmp_path, "alerts: {tiers: [1, 1]}\n")
    assert found[1:] == ("alerts.tiers", "1 stands twice", "keep one of them")
    alerting = loaded(tmp_path, "alerts: {tiers: [1, 0], off: [RunFailing], paging: true}\n").to_platform().alerting
    assert (alerting.tiers, alerting.off, alerting.severity("page")) == ((0, 1), {"RunFailing"}, "page")
    assert loaded(tmp_path, "").to_platform().alerting.severity("page") == "ticket"


def test_ports(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").settings.ops_port == 8051
    moved = loaded(tmp_path, "", {"TIERLINE_PORT": "9000"}).settings
    assert (moved.web.port, moved.ops_port) == (9000, 9001)
    (found,) = problems(tmp_path, "web: {port: 80}\n", {"TIERLINE_PORT": "ninety"})
    assert found[1] == "web.port" and found[2].startswith("'ninety': ")


def test_the_store(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").store_url == "sqlite:///var/tierline.db"
    assert loaded(tmp_path, "store: env:DB\n", {"DB": "postgresql://u:pw@h/d"}).store_url == "postgresql://u:pw@h/d"
    override = loaded(tmp_path, "store: sqlite:///a.db\n", {"TIERLINE_STORE": "sqlite:///b.db"})
    assert override.store_url == "sqlite:///b.db"
    (clear,) = problems(tmp_path, "store: postgresql://u:hunter2@h/d\n")
    assert clear == (1, "store", "a password stands here in clear", "write `env:NAME` and keep the URL there")
    (other,) = problems(tmp_path, "store: mysql://h/d\n")
    assert other[2] == "mysql://h/d: a store is sqlite:///FILE or postgresql+psycopg://..."


def test_no_file_is_needed_where_the_store_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load(None, {"TIERLINE_STORE": "sqlite:///x.db"})
    assert (config.store_url, config.path, config.to_platform().sources) == ("sqlite:///x.db", None, ())
    with pytest.raises(ConfigError, match=r"neither tierline\.yaml nor config/tierline\.yaml"):
        load(None, {})


def test_where_the_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "tierline.yaml").write_text("currency: EUR\n")
    assert load(None, {}).settings.currency == "EUR"
    (tmp_path / "tierline.yaml").write_text("currency: CHF\n")
    assert load(None, {}).settings.currency == "CHF"
    (tmp_path / "other.yaml").write_text("currency: INR\n")
    assert load("other.yaml", {}).settings.currency == "INR"
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read: No such file or directory"):
        load("none.yaml", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\n", r":2: not valid YAML: .*; check the indentation"),
        ("- a\n", r":1: expected settings as `name: value` lines, found list"),
        ("? [a, b]\n: c\n", r":1: a key must be a word"),
        ("a: &x {b: *x}\n", "nested too deep"),
    ],
)
def test_what_is_no_settings_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        loaded(tmp_path, text)


def test_yaml_words_are_what_they_look_like(tmp_path: Path) -> None:
    """YAML 1.1 reads NO as false and 17:30 as 1050; here they are a country and a time."""
    settings = loaded(tmp_path, "holidays: {country: NO}\nsupport_hours: {start: 08:30, end: 17:30}\n").settings
    assert settings.holidays.country == "NO"
    assert (settings.support_hours.start, settings.support_hours.end) == (time(8, 30), time(17, 30))


def test_the_platform(tmp_path: Path) -> None:
    text = """\
timezone: Europe/Berlin
currency: EUR
settle_deployment: 6h
guess_failures_within: 90m
rates: {USD: {2026-01-01: 0.9, 2026-07-01: 0.92}}
holidays: {country: DE, add: [2026-12-24], remove: [2026-05-01]}
support_hours: {days: [sun, mon], start: 08:00, end: 20:00}
profile: lead_platform
rules: [{match: "*", tier: 2}]
sources:
  alerts: {type: alertmanager, url: "http://127.0.0.1:9093", interval: 2m, environment: staging}
"""
    platform = loaded(tmp_path, text).to_platform()
    assert platform.timezone.key == "Europe/Berlin"
    assert (platform.settle_deployment, platform.guess_failures_within) == (timedelta(hours=6), timedelta(minutes=90))
    assert platform.rates == {"USD": {date(2026, 1, 1): 0.9, date(2026, 7, 1): 0.92}}
    assert date(2026, 10, 3) in platform.holidays and date(2026, 12, 24) in platform.holidays
    assert date(2026, 5, 1) not in platform.holidays
    assert platform.support_hours == SupportHours((0, 6), time(8), time(20))
    assert (platform.currency, platform.profile, platform.mature) == ("EUR", "lead_platform", False)
    assert platform.source_names == ("config", "alerts", "inferred")
    config, alerts, _ = platform.sources
    assert config.tells == {"asset": ("tier",)}
    assert (alerts.interval, alerts.environment) == (timedelta(minutes=2), "staging")
    assert "alert" in alerts.tells


def test_the_example_is_valid_and_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    example = Path(__file__).parents[2] / "config" / "tierline.yaml"
    config = load(str(example), {})
    assert config.configured == () and config.settings.assets == {} and config.settings.rules == ()
    assert config.to_platform().sources == ()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"reporting_day": 3}, "at most 2 with reporting_day 3"),
        ({"mail": {"host": "h", "sender": "a@b.example"}}, "nobody would get anything"),
        ({"mail": {"host": "h", "sender": "A <a@b.example>", "to": ["c@d.example"]}}, "is no mail address"),
        ({"mail": {"host": "h", "sender": "a@b.example", "to": ["c@d.example\r\nBcc: e@f"]}}, "is no mail address"),
        (
            {"mail": {"host": "h", "sender": "a@b", "to": ["c@d"], "user": "u", "password": "p", "security": "none"}},
            "a password would be sent in clear",
        ),
        ({"mail": {"host": "h", "sender": "a@b", "to": ["c@d"], "user": "u"}}, "user and password belong together"),
        ({"post": {}}, "say either slack"),
    ],
)
def test_a_report_that_could_not_be_sent_is_refused(told: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Report.model_validate(told)


def test_the_report_has_its_days_by_default() -> None:
    default = Report()
    assert (default.reporting_day, default.dispute_days, default.periods) == (5, 3, ("month",))
