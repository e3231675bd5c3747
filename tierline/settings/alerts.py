"""What of tierline.yaml says when somebody is told at once, of what, and who."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from slo.platform import Alerting
from tierline.settings.model import Model

Alert = Literal["DatasetLate", "RunFailing", "BudgetBurning", "TierlineBlind"]
Tier = Literal[0, 1, 2, 3]
_DEFAULT = Alerting()


class Alerts(Model):
    """What is worth telling at once. Four alerts, each a ticket until you ask to be paged."""

    paging: bool = Field(
        default=False,
        description="`true`: an alert may be a page (tier 0 late or failing, a budget that burns fast). Otherwise each "
        "one is a ticket.",
    )
    tiers: tuple[Tier, ...] = Field(
        default=(0, 1), min_length=1, description="Only what is wrong with assets of these tiers is an alert."
    )
    team: str = Field(
        default=_DEFAULT.team, min_length=1, description="Who is told where no asset's team is: of budgets, of sources."
    )
    budgets: tuple[str, ...] = Field(
        default=_DEFAULT.budgets, description="KPIs whose adopted floors are watched: a budget that burns is an alert."
    )
    off: tuple[Alert, ...] = Field(
        default=(), description="Alerts you don't want: DatasetLate, RunFailing, BudgetBurning, TierlineBlind."
    )
    own_in_precision: bool = Field(
        default=False,
        description="`true`: Tierline's own alerts, once they come back from Alertmanager or a pager, count in "
        "alert_precision and mtta like any other.",
    )

    @field_validator("tiers", "budgets", "off")
    @classmethod
    def _once(cls, value: tuple[str | int, ...]) -> tuple[str | int, ...]:
        for one in value:
            if value.count(one) > 1:
                raise ValueError(f"{one!r} stands twice; keep one of them")
        return value

    def to_platform(self) -> Alerting:
        """What the heart must know of it."""
        return Alerting(
            self.paging, tuple(sorted(self.tiers)), self.team, self.budgets, frozenset(self.off), self.own_in_precision
        )
