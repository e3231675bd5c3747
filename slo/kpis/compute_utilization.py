"""Compute utilization efficiency: how much of the provisioned compute was busy."""

from __future__ import annotations

from slo.metering.utilization import Utilization


class ComputeUtilization(Utilization):
    id = "compute_utilization"
    title = "Compute utilization efficiency"
    family = "cost"
    lens = "lagging"
    better = "up"
    definition = "Busy compute, of the compute provisioned; a larger warehouse weighs more."
    formula = "busy seconds / provisioned seconds"
    not_counted = "readings without their partner of the same instant, which are unknown"
    example = (
        "A small warehouse busy 900 of 1,000 seconds and a large one 1,000 of 9,000: 1,900 / 10,000 = 19 %. "
        "The mean of both shares would say 50.6 %."
    )
    sentence = "{who} used {value} of its provisioned compute {when}"
    needs = (("meter.busy_seconds",), ("meter.provisioned_seconds",))
    part, whole = "busy_seconds", "provisioned_seconds"
