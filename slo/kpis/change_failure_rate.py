"""Change failure rate: production deployments that failed, of those that have settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from slo.deployments import Deployment, deployment_marks, deployments
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import platform_marks
from slo.measure import Item, Ratio
from slo.store import ChangeRow, Mark
from slo.view import View


class ChangeFailureRate(Kpi):
    id = "change_failure_rate"
    title = "Change failure rate"
    family = "delivery"
    measure = Ratio
    unit = "ratio"
    better = "down"
    definition = (
        "Production deployments that were rolled back, fixed in haste or named by an incident, of those settled."
    )
    formula = "failed deployments / settled deployments"
    not_counted = "deployments that never reached production; those of the last 24 hours, until they fail or settle"
    example = "Of 50 settled deployments 3 were rolled back and 1 is named by two incidents: 4 / 50 = 8 %."
    sentence = "{value} of {whose} deployments failed {when}"
    nouns = ("deployment", "failed deployment")
    shown_beside = {"user_visible_share": ("failures that users saw", "ratio")}
    facts = ("change", "incident", "asset")
    needs = (("change.deployment",), ("change.failure", "change.state", "incident.change"))
    by_asset = False
    complement = True
    version = 3
    defaults = {"user_visible": False}
    choices = {"user_visible": (True, False)}

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        for deployment in deployments(view, start, end, guessing=True):
            item = deployment.item(view)
            self._judge(view, deployment, item, params["user_visible"])
            item.excluded = item.excluded or deployment.exclusion(view, self.id)
            if item.bad and item.excluded is None:
                item.beside = _apart(deployment)
            yield item

    def _judge(self, view: View, deployment: Deployment, item: Item, visible_only: bool) -> None:
        settles = deployment.at + view.platform.settle_deployment
        if deployment.failed and (deployment.user_visible or not visible_only):
            item.bad, item.note = 1, deployment.how
        elif settles > view.as_of:
            item.other, item.excluded, item.until = 1, "unsettled", settles
        else:
            item.good, item.since = 1, max(item.since or settles, settles)

    def looks_ahead(self, view: View) -> timedelta:
        return view.platform.settle_deployment

    def figures(self, reading: Reading) -> Figures:
        """Failures that users saw are kept apart, as a share of the same deployments; so are those guessed."""
        figures, state = super().figures(reading), reading.state
        visible = state.beside.get("user_visible", 0) / state.total if state.total else None
        parts = {**figures.parts, "user_visible_share": visible, "guessed": state.beside.get("guessed", 0)}
        return replace(figures, parts=parts, provisional="unsettled" in state.excluded)

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from platform_marks(self, changes, view)
        yield from deployment_marks(self, changes, view, view.platform.settle_deployment)


def _apart(failed: Deployment) -> dict[str, int] | None:
    """What is counted of a failed one beside the rate: that users saw it, that nobody told it."""
    told = {"user_visible": failed.user_visible, "guessed": not failed.told_failed}
    return {name: 1 for name, holds in told.items() if holds} or None
