"""KPIs of one's own: declared in a YAML file and fed by figures (``declared``), or written in Python and found by the
entry point ``tierline.kpis`` (``installed``). ``faults`` says what a KPI still owes its readers."""

from slo.own.declaration import Declaration
from slo.own.declared import declared
from slo.own.faults import faults
from slo.own.installed import broken, installed

__all__ = ["Declaration", "broken", "declared", "faults", "installed"]
