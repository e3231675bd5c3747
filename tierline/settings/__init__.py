"""What stands in tierline.yaml, as models. Every field says in its description what it does: the reference in docs/ and
the JSON Schema are made from here. Beside them what a file is read with: its places, secrets and problems.

Reading it as a whole: tierline/config.
"""

from __future__ import annotations

from tierline.settings.assets import Freshness, Rule, Told
from tierline.settings.days import Holidays, Hours
from tierline.settings.ops import Ops
from tierline.settings.web import TrustedProxy, Web
from tierline.settings.whole import Settings
from tierline.settings.zones import zone

__all__ = ["Freshness", "Holidays", "Hours", "Ops", "Rule", "Settings", "Told", "TrustedProxy", "Web", "zone"]
