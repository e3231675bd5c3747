"""Platform service SLO compliance: requests within the latency and availability objective."""

from __future__ import annotations

from fractions import Fraction

from slo.measure import Item, Ratio
from slo.metering.pairs import OfPairs, Pair, amount
from slo.view import View

REFUSED = "more good than total"
MILLIONTHS = 1_000_000


class ServiceSloCompliance(OfPairs):
    id = "service_slo_compliance"
    title = "Platform service SLO compliance"
    family = "reliability"
    lens = "lagging"
    measure = Ratio
    unit = "ratio"
    better = "up"
    amounts = True
    definition = "Requests (or probe seconds) within the latency and availability objective, of all of them."
    formula = "good / total requests"
    not_counted = (
        "readings without their partner of the same instant, which are unknown; pairs with more good than total"
    )
    example = (
        "9,990 of 10,000 requests at noon and 10 of 100 at night: 10,000 / 10,100 = 99.01 %, not the mean 54.95 %."
    )
    sentence = "{value} of {whose} requests kept their objective {when}"
    nouns = ("request", "bad request")
    needs = (("meter.good",), ("meter.total",))
    part, whole = "good", "total"

    def judge(self, view: View, item: Item, pair: Pair) -> None:
        good, total = _millionths(amount(pair.part)), _millionths(amount(pair.whole))
        if not pair.complete:
            item.unseen, item.note = good + total, self.missing_side(pair)
        elif not 0 <= good <= total:
            item.other, item.excluded = total, REFUSED
        else:
            item.good, item.bad = good, total - good


def _millionths(told: Fraction) -> int:
    return round(told * MILLIONTHS)
