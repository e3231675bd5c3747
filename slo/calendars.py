"""Local days, business days and support hours, right across the days on which the clock is changed.

A local day is 23, 24 or 25 hours long. A business day is 24 hours of the time line with weekends and holidays cut out.
Instants are aware datetimes in UTC; zones are ``zoneinfo.ZoneInfo``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from slo.errors import ConfigError
from slo.intervals import Interval, overlap_seconds
from slo.platform import SupportHours

DAY = timedelta(days=1)
BUSINESS_DAY_SECONDS = 86_400.0
NO_HOLIDAYS: frozenset[date] = frozenset()


def day_of(instant: datetime, tz: ZoneInfo) -> date:
    """The local day that an instant belongs to."""
    return instant.astimezone(tz).date()


def occurrences(local: datetime, tz: ZoneInfo) -> list[datetime]:
    """The instants at which the clocks of a zone show a (naive) local time: none in the gap of spring, two in the
    overlap of autumn, else one."""
    first = local.replace(tzinfo=tz, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=tz, fold=1).astimezone(UTC)
    if first == second:
        return [first]
    return [first, second] if first < second else []


def at_local(local: datetime, tz: ZoneInfo) -> datetime:
    """The instant of a (naive) local time: the first one where it is shown twice, the next real one where it is
    skipped."""
    found = occurrences(local, tz)
    return found[0] if found else _end_of_gap(local, tz)


def _end_of_gap(local: datetime, tz: ZoneInfo) -> datetime:
    """The instant at which the clock jumped over a local time, found by halving."""
    before = local.replace(tzinfo=tz, fold=1).astimezone(UTC)
    after = local.replace(tzinfo=tz, fold=0).astimezone(UTC)
    offset = before.astimezone(tz).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(tz).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


@lru_cache(maxsize=65_536)
def day_start(day: date, tz: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC."""
    return at_local(datetime.combine(day, time.min), tz)


def day_span(day: date, tz: ZoneInfo) -> Interval:
    """The local day as a half-open stretch [start, end) in UTC."""
    return day_start(day, tz), day_start(day + DAY, tz)


def days_between(first: date, last: date) -> Iterable[date]:
    """The days from first to last, both included."""
    return (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))


def is_business_day(day: date, holidays: frozenset[date] = NO_HOLIDAYS) -> bool:
    """Monday to Friday, and no holiday."""
    return day.weekday() < 5 and day not in holidays


def business_seconds(start: datetime, end: datetime, tz: ZoneInfo, holidays: frozenset[date] = NO_HOLIDAYS) -> float:
    """Seconds from start to end with weekends and holidays cut out; negative where end lies before start."""
    return _between(start, end, tz, holidays, None)


def business_days(start: datetime, end: datetime, tz: ZoneInfo, holidays: frozenset[date] = NO_HOLIDAYS) -> float:
    """The same in days of 24 hours: Friday 16:00 to Monday 10:00 is 0.75."""
    return business_seconds(start, end, tz, holidays) / BUSINESS_DAY_SECONDS


def business_after(
    start: datetime, seconds: float, limit: datetime, tz: ZoneInfo, holidays: frozenset[date] = NO_HOLIDAYS
) -> datetime:
    """The instant from which on more than so many business seconds have gone by since the start; at most the limit.
    What runs out as a weekend begins has gone by when the weekend ends."""
    left, at = timedelta(seconds=seconds), start
    while at < limit:
        day = day_of(at, tz)
        until = day_start(day + DAY, tz)
        if is_business_day(day, holidays):
            if left < until - at:
                return min(at + left, limit)
            left -= until - at
        at = until
    return limit


def support_seconds(
    start: datetime, end: datetime, tz: ZoneInfo, hours: SupportHours, holidays: frozenset[date] = NO_HOLIDAYS
) -> float:
    """Seconds from start to end that lie in support hours; negative where end lies before start."""
    return _between(start, end, tz, holidays, hours)


def load_holidays(country: str | None, subdivision: str | None, years: Iterable[int]) -> frozenset[date]:
    """The public holidays of a country (and a part of it) in the years; none without a country.

    Raises ConfigError where the country or the part is not known.
    """
    if not country:
        return NO_HOLIDAYS
    import holidays  # heavy: loaded only where a calendar is configured

    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=sorted(set(years))))
    except NotImplementedError:  # that library's word for a place it does not know
        place = country if subdivision is None else f"{country}, subdivision {subdivision}"
        raise ConfigError(
            f"holidays: {place} is not known; write an ISO 3166 code such as country: DE, subdivision: BE"
        ) from None


def _between(
    start: datetime, end: datetime, tz: ZoneInfo, holidays: frozenset[date], hours: SupportHours | None
) -> float:
    """Seconds worked from start to end: whole years and days from prefix sums, however long the span."""
    if end < start:
        return -_between(end, start, tz, holidays, hours)
    years = range(day_of(start, tz).year, day_of(end, tz).year)
    whole = sum(_prefix(year, tz, holidays, hours)[-1] for year in years)
    return whole + _in_year(end, tz, holidays, hours) - _in_year(start, tz, holidays, hours)


def _in_year(instant: datetime, tz: ZoneInfo, holidays: frozenset[date], hours: SupportHours | None) -> float:
    """Seconds worked from the start of the instant's own local year up to it."""
    day = day_of(instant, tz)
    today = overlap_seconds(_spans(day, tz, holidays, hours), day_start(day, tz), instant)
    return _prefix(day.year, tz, holidays, hours)[day.timetuple().tm_yday - 1] + today


@lru_cache(maxsize=4096)
def _prefix(year: int, tz: ZoneInfo, holidays: frozenset[date], hours: SupportHours | None) -> list[float]:
    """Seconds worked from the start of a year to the start of each of its days, and to its end."""
    days = days_between(date(year, 1, 1), date(year, 12, 31))
    lengths = (sum((end - start).total_seconds() for start, end in _spans(day, tz, holidays, hours)) for day in days)
    return list(accumulate(lengths, initial=0.0))


def _spans(day: date, tz: ZoneInfo, holidays: frozenset[date], hours: SupportHours | None) -> list[Interval]:
    """The worked stretches of one local day."""
    if hours is None:
        return [day_span(day, tz)] if is_business_day(day, holidays) else []
    start = at_local(datetime.combine(day, hours.start), tz)
    end = at_local(datetime.combine(day, hours.end), tz)
    if hours.start < hours.end:
        return [(start, end)] if _supported(day, hours, holidays) else []
    # A shift over midnight (22:00-06:00), or until midnight (end 00:00): its night belongs to the day it began.
    spans = [(day_start(day, tz), end)] if _supported(day - DAY, hours, holidays) else []
    return spans + ([(start, day_start(day + DAY, tz))] if _supported(day, hours, holidays) else [])


def _supported(day: date, hours: SupportHours, holidays: frozenset[date]) -> bool:
    return day.weekday() in hours.weekdays and day not in holidays
