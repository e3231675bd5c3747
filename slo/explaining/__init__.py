"""What an explanation says beside the facts: the formula with its figures, and by which definition and target."""

from slo.explaining.in_figures import in_figures
from slo.explaining.versions import versions

__all__ = ["in_figures", "versions"]
