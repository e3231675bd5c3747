"""Registers: what stands at an instant (datasets with an owner, documents kept fresh), kept as what changed when."""

from slo.register.assets import AssetRegister, Standing
from slo.register.base import CLOCK, RegisterKpi
from slo.register.edges import EdgeRegister
from slo.register.entries import EntryRegister
from slo.register.reading import Registers

__all__ = ["CLOCK", "AssetRegister", "EdgeRegister", "EntryRegister", "RegisterKpi", "Registers", "Standing"]
