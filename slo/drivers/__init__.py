"""Drivers: what moved a KPI's value against the window before, split over a dimension into mix and rate.

``groups`` parts the states, ``amounts`` reads off each part its share of the value, ``effects`` is the arithmetic,
``telling`` the answer as one dict.
"""

from slo.drivers.parts import Parts
from slo.drivers.telling import DIMENSIONS, drivers, made_of

__all__ = ["DIMENSIONS", "Parts", "drivers", "made_of"]
