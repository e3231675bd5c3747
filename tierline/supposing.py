"""What ``tierline whatif`` is told to suppose: options as the heart's rules and settings, each with its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectors.spans import span
from slo.calendars import load_holidays
from slo.errors import ConfigError
from slo.kpi import Kpi
from slo.platform import SupportHours
from slo.whatif import Rule, Supposed
from tierline.config import HOLIDAY_YEARS
from tierline.settings import zone

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OBJECTIVES = {"dataset_update": "freshness_objective", "check_result": "quality_objective"}
"""Kind of fact -> the asset's own objective over it."""
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_COUNTRY = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")
_HOURS = re.compile(rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?\s+(\d\d:\d\d)-(\d\d:\d\d)")


@dataclass
class Told:
    """Gathers what is supposed, and says it."""

    kpi: Kpi
    rules: list[Rule] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def rule(self, option: str, text: str, name: str, read: Callable[[str, str], Any]) -> None:
        """GLOB=VALUE for a field of assets."""
        glob, equals, value = text.rpartition("=")
        if not equals or not glob.strip() or not value.strip():
            raise ConfigError(f"{option} {text}: write a name or pattern, = and the value, as 'shop/*=1'")
        found = read(f"{option} {glob}={value.strip()}", value.strip())
        self.rules.append(Rule(option, glob.strip(), name, found))
        self.words.append(f"{name.replace('_', ' ')} {value.strip()} for {glob.strip()}")

    def setting(self, name: str, value: Any, words: str) -> None:
        self.settings[name] = value
        self.words.append(words)


def supposed(kpi: Kpi, asked: dict[str, Any]) -> tuple[Supposed, list[str]]:
    """What is supposed, and the words for it. Raises ConfigError naming option, value and remedy."""
    told = Told(kpi)
    for text in asked["tier_of"]:
        told.rule("--tier-of", text, "tier", _tier)
    for text in asked["freshness"]:
        _rests_on(kpi, "--freshness", "freshness")
        told.rule("--freshness", text, "freshness", _freshness)
    for text in asked["objective"]:
        told.rule("--objective", text, _objective_of(kpi), _share)
    _settings(told, asked)
    floor, stretch = (_bound(kpi, f"--{name}", asked[name]) for name in ("floor", "stretch"))
    if not (told.rules or told.settings) and floor is None and stretch is None:
        raise ConfigError("whatif: say what changes, as --floor 0.99 or --tier-of 'shop/*=1'; --help lists all")
    return Supposed(tuple(told.rules), told.settings, floor, stretch), told.words


def _settings(told: Told, asked: dict[str, Any]) -> None:
    if asked["timezone"] is not None:
        told.setting("timezone", _zone(asked["timezone"]), f"time zone {asked['timezone']}")
    if asked["holidays"]:
        days = frozenset(day for text in asked["holidays"] for day in _holidays(text))
        told.setting("holidays", days, f"holidays {', '.join(asked['holidays'])}")
    if asked["support_hours"] is not None:
        told.setting("support_hours", _hours(asked["support_hours"]), f"support hours {asked['support_hours']}")
    if asked["grace"] is not None:
        grace = _span(f"--grace {asked['grace']}", asked["grace"]).total_seconds()
        told.setting("grace_seconds", grace, f"grace {asked['grace']}, where an asset has none of its own")
    if asked["settle_deployment"] is not None:
        settles = _span(f"--settle-deployment {asked['settle_deployment']}", asked["settle_deployment"])
        told.setting("settle_deployment", settles, f"deployments settle after {asked['settle_deployment']}")


def _rests_on(kpi: Kpi, option: str, name: str) -> None:
    if name not in (*kpi.asset_fields, kpi.expects):
        raise ConfigError(f"{option}: {kpi.id} does not rest on the {name} of assets")


def _objective_of(kpi: Kpi) -> str:
    """Datasets have two objectives: of their freshness, and of their checks."""
    found = next((OBJECTIVES[kind] for kind in kpi.facts if kind in OBJECTIVES), None)
    if found is None:
        raise ConfigError(f"--objective: {kpi.id} does not rest on an objective of its assets")
    return found


def _tier(place: str, text: str) -> int:
    if text not in ("0", "1", "2", "3"):
        raise ConfigError(f"{place}: a tier is 0, 1, 2 or 3")
    return int(text)


def _freshness(place: str, text: str) -> dict[str, Any]:
    """Seconds or a span: a maximum age; a time of day: a daily deadline in the platform's zone."""
    if _CLOCK.fullmatch(text):
        return {"deadline": text, "days": "daily"}
    return {"max_age_seconds": _span(place, text).total_seconds()}


def _span(place: str, text: str) -> timedelta:
    found = span(f"{text}s" if re.fullmatch(r"\d+(\.\d+)?", text) else text)
    if not isinstance(found, timedelta):
        raise ConfigError(f"{place}: write seconds, or a span such as 90s, 15m, 2h, 1d")
    return found


def _share(place: str, text: str) -> float:
    number = _number(place, text)
    if not 0 < number <= 1:
        raise ConfigError(f"{place}: a share lies above 0 and not above 1; write 0.99 or 99%")
    return number


def _number(place: str, text: str) -> float:
    figure = text.removesuffix("%").strip()
    try:
        return float(figure) / 100 if text.endswith("%") else float(figure)
    except ValueError:
        raise ConfigError(f"{place}: is no number; write one in the KPI's own unit") from None


def _bound(kpi: Kpi, option: str, text: str | None) -> float | None:
    """A bound in the KPI's own unit: 0.99 or 99%, 7200 or 2h."""
    if text is None:
        return None
    place = f"{option} {text}"
    if kpi.unit == "seconds":
        return _span(place, text).total_seconds()
    number = _number(place, text)
    if kpi.unit == "ratio" and number > 1 and kpi.better != "band":
        raise ConfigError(f"{place}: {kpi.id} is a ratio from 0 to 1; write {number / 100:g} or {number:g}%")
    return number


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone(text))
    except ValueError as error:
        raise ConfigError(f"--timezone {text}: {error}") from None


def _holidays(text: str) -> Iterable[date]:
    """A date, a country (DE, DE-BE), or a file with a date a line."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return [_day("--holidays", text)]
    country = _COUNTRY.fullmatch(text)
    if country and not Path(text).exists():
        try:
            return load_holidays(country[1], country[2], HOLIDAY_YEARS)
        except ConfigError as error:
            raise ConfigError(f"--holidays {text}: {str(error).removeprefix('holidays: ')}") from None
    if not Path(text).is_file():
        raise ConfigError(f"--holidays {text}: write a date (2026-12-24), a country (DE, DE-BE) or a file of dates")
    return _file(Path(text))


def _file(path: Path) -> Sequence[date]:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    found = [(at, line.partition("#")[0].strip()) for at, line in lines]
    return [_day(f"--holidays {path}:{at}", text) for at, text in found if text]


def _day(place: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{place}: {text!r} is no date; write one as 2026-12-24") from None


def _hours(text: str) -> SupportHours:
    found = _HOURS.fullmatch(text.strip().lower())
    if not found or not all(_CLOCK.fullmatch(clock) for clock in found.group(3, 4)):
        raise ConfigError(f"--support-hours {text}: write days and hours, as 'mon-fri 09:00-17:00'")
    first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
    days = tuple(sorted((first + step) % 7 for step in range((last - first) % 7 + 1)))
    start, end = (time.fromisoformat(clock) for clock in found.group(3, 4))
    return SupportHours(days, start, end)
