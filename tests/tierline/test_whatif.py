"""What ``whatif`` is told to suppose: every option read, every mistake one message with place, value and remedy."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from slo.errors import ConfigError
from slo.platform import SupportHours
from slo.shelf import get_kpi
from slo.whatif import Rule
from tierline.printed.whatif import sentence
from tierline.supposing import supposed

NOTHING: dict[str, Any] = {
    "floor": None, "stretch": None, "tier_of": (), "freshness": (), "objective": (), "grace": None,
    "settle_deployment": None, "timezone": None, "holidays": (), "support_hours": None,
}  # fmt: skip


def told(kpi: str = "pipeline_success_rate", **options: Any) -> Any:
    return supposed(get_kpi(kpi), NOTHING | options)


def test_bounds_are_read_in_the_kpis_unit() -> None:
    assert told(floor="99%", stretch="0.995")[0].floor == 0.99
    assert told("mttr", floor="2h")[0].floor == 7200
    assert told("mttr", floor="90")[0].floor == 90
    assert told("deployment_frequency", floor="3")[0].floor == 3


def test_rules_of_assets() -> None:
    what, words = told("freshness_slo_attainment", tier_of=("shop/*=1",), freshness=("a=2h", "b=07:00"))
    assert what.rules == (
        Rule("--tier-of", "shop/*", "tier", 1),
        Rule("--freshness", "a", "freshness", {"max_age_seconds": 7200.0}),
        Rule("--freshness", "b", "freshness", {"deadline": "07:00", "days": "daily"}),
    )
    assert words == ["tier 1 for shop/*", "freshness 2h for a", "freshness 07:00 for b"]


def test_an_objective_is_the_one_that_the_kpi_rests_on() -> None:
    assert told("dataset_sla_attainment", objective=("a=95%",))[0].rules[0].field == "freshness_objective"
    assert told("dq_slo_attainment", objective=("a=0.95",))[0].rules[0].field == "quality_objective"


def test_settings_of_the_platform(tmp_path: Path) -> None:
    (tmp_path / "days.txt").write_text("2026-12-24\n# a comment\n\n2026-12-31  # half a day\n", encoding="utf-8")
    what, _ = told(grace="10m", settle_deployment="48h", support_hours="Sat-Mon 08:00-18:30",
                   holidays=("2026-01-06", str(tmp_path / "days.txt")), timezone="Europe/Berlin")  # fmt: skip
    settings = dict(what.settings)
    assert str(settings.pop("timezone")) == "Europe/Berlin"
    assert settings == {
        "grace_seconds": 600.0, "settle_deployment": timedelta(hours=48),
        "holidays": {date(2026, 1, 6), date(2026, 12, 24), date(2026, 12, 31)},
        "support_hours": SupportHours((0, 5, 6), time(8), time(18, 30)),
    }  # fmt: skip


def test_a_country_brings_its_holidays() -> None:
    assert date(2026, 10, 3) in told(holidays=("DE",))[0].settings["holidays"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "whatif: say what changes, as --floor 0.99 or --tier-of 'shop/*=1'; --help lists all"),
        ({"floor": "99"}, "--floor 99: pipeline_success_rate is a ratio from 0 to 1; write 0.99 or 99%"),
        ({"floor": "much"}, "--floor much: is no number; write one in the KPI's own unit"),
        ({"tier_of": ("a=7",)}, "--tier-of a=7: a tier is 0, 1, 2 or 3"),
        ({"tier_of": ("a",)}, "--tier-of a: write a name or pattern, = and the value, as 'shop/*=1'"),
        ({"freshness": ("a=1h",)}, "--freshness: pipeline_success_rate does not rest on the freshness of assets"),
        ({"objective": ("a=1",)}, "--objective: pipeline_success_rate does not rest on an objective of its assets"),
        ({"grace": "soon"}, "--grace soon: write seconds, or a span such as 90s, 15m, 2h, 1d"),
        ({"timezone": "Mars"}, "--timezone Mars: no such time zone; write an IANA name such as Europe/Berlin or UTC"),
        (
            {"holidays": ("tomorrow",)},
            "--holidays tomorrow: write a date (2026-12-24), a country (DE, DE-BE) or a file",
        ),
        ({"holidays": ("XX",)}, "--holidays XX: XX is not known; write an ISO 3166 code"),
        ({"support_hours": "always"}, "--support-hours always: write days and hours, as 'mon-fri 09:00-17:00'"),
    ],
)
def test_mistakes_name_place_and_remedy(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        told(**options)
    assert str(caught.value).startswith(message)


def test_a_wrong_line_of_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "days.txt"
    path.write_text("2026-12-24\n24.12.2026\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"days.txt:2: '24.12.2026' is no date; write one as 2026-12-24"):
        told(holidays=(str(path),))


def test_months_without_a_verdict_are_said_apart() -> None:
    kept = {"as_is": 3, "what_if": 4, "of": 6, "decided": 5}
    windows = [{"window": {"name": f"2026-{month:02}"}} for month in range(5, 11)]
    assert sentence({"kept": kept, "windows": windows}) == (
        "The target would have been met in 4 of 6 months (as is: 3). 1 of them has no verdict."
    )
    quarters = [{"window": {"name": "2026-Q3"}}]
    assert sentence({"kept": {"as_is": 0, "what_if": 1, "of": 1, "decided": 1}, "windows": quarters}) == (
        "The target would have been met in 1 of 1 window (as is: 0)."
    )
