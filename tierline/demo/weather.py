"""What makes days good or bad: seasons, bad weeks, the migration and the outage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tierline.demo.chance import local, local_day


@dataclass(frozen=True)
class Weather:
    """The platform's year, laid out backwards from its last day. Shorter worlds have the same events, nearer."""

    last: date
    days: int

    def _ago(self, days: int, share: float) -> date:
        """``days`` before the last day; in a short world that share of its length."""
        return self.last - timedelta(days=days if self.days > days + 20 else int(self.days * share))

    @property
    def first(self) -> date:
        return self.last - timedelta(days=self.days - 1)

    @property
    def start(self) -> datetime:
        """The instant at which the world begins."""
        return local(self.first)

    @property
    def outage(self) -> tuple[datetime, datetime]:
        """The warehouse was down; four of these hours the scheduler too."""
        day = self._ago(47, 0.5)
        return local(day, 9), local(day, 17)

    @property
    def scheduler_down(self) -> tuple[datetime, datetime]:
        day = self._ago(47, 0.5)
        return local(day, 10), local(day, 14)

    @property
    def migration(self) -> tuple[datetime, datetime]:
        """Two weeks in which the finance domain moved to new pipelines."""
        return local(self._ago(124, 0.6)), local(self._ago(110, 0.4))

    @property
    def maintenance(self) -> tuple[datetime, datetime]:
        """An announced maintenance of the finance domain: what fails in it is nobody's fault."""
        day = self._ago(9, 0.2)
        return local(day, 1), local(day, 7)

    @property
    def pause(self) -> tuple[datetime, datetime]:
        """A pipeline is paused for a month (in a short world for a fifth of it)."""
        return local(self._ago(82, 0.7), 11), local(self._ago(52, 0.5), 15, 30)

    @property
    def hourly_since(self) -> datetime:
        """A pipeline goes from daily to hourly."""
        return local(self._ago(16, 0.4), 13)

    @property
    def promoted(self) -> datetime:
        """A pipeline and what it makes become tier 1."""
        return local(self._ago(60, 0.45), 9)

    @property
    def cleanup(self) -> datetime:
        """A day on which metadata and storage were put in order."""
        return local(self._ago(75, 0.3), 10)

    @property
    def classified(self) -> datetime:
        """The end of a drive to classify data and test pipelines."""
        return local(self._ago(40, 0.35), 12)

    @property
    def traced(self) -> datetime:
        """The last domain's lineage is seen from here on."""
        return local(self._ago(95, 0.6), 9)

    @property
    def never(self) -> datetime:
        """Later than anything."""
        return local(self.last + timedelta(days=4000))

    @property
    def full_month(self) -> tuple[int, int]:
        """Year and month in which a commitment was used up: last month."""
        before = self.last.replace(day=1) - timedelta(days=1)
        return before.year, before.month

    def newcomer(self, number: int) -> datetime:
        """When the so manyth of the new pipelines begins: spread over the year, in no order."""
        share = 0.12 + 0.09 * (number * 3 % 10)
        return local(self.last - timedelta(days=int(self.days * share)), 10)

    def is_bad_week(self, day: date) -> bool:
        """About one week in nine."""
        return (self.last - day).days // 7 in {2, 11, 20, 31, 42}

    def of_day(self, day: date) -> float:
        """How much likelier a failure is than usual: better over the year, worse on Mondays, at months' ends, in bad
        weeks, and in the summer of holidays."""
        age = min(1.0, max(0.0, (self.last - day).days / 365))
        factor = 0.8 + 0.5 * age
        factor *= 1.25 if day.weekday() == 0 else 1.0
        factor *= 1.4 if day.day >= 30 or day.day == 1 else 1.0
        factor *= 3.2 if self.is_bad_week(day) else 1.0
        return factor * (1.2 if day.month in (7, 8) else 1.0)

    def at(self, moment: datetime, domain: str) -> float:
        """The factor of an instant, for a pipeline of the domain. 0 is never, 1 usual."""
        if self.outage[0] <= moment < self.outage[1]:
            return 400.0
        factor = self.of_day(local_day(moment))
        moving = domain == "finance" and self.migration[0] <= moment < self.migration[1]
        return factor * 3.0 if moving else factor

    def is_frozen(self, day: date) -> bool:
        """No deployments between the years."""
        return (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 4)
