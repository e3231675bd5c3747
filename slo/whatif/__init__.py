"""What if: past windows worked out under another target, tier, calendar or threshold. Nothing of it is stored.

``supposing`` holds what is supposed, ``view`` and ``states`` lay it over what was told, ``bound`` changes a target,
``compare`` judges every window both ways.
"""

from slo.whatif.compare import compare, whole_months
from slo.whatif.supposing import Rule, Supposed

__all__ = ["Rule", "Supposed", "compare", "whole_months"]
