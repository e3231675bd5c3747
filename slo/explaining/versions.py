"""By which definition and which version of a target a number was judged: both change, and a number without them cannot
be compared with an older one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slo.kpi import Kpi
from slo.promises.target import Target


def versions(kpi: Kpi, applied: Sequence[tuple[Target, Any, dict[str, Any]]]) -> dict[str, Any]:
    """``applied`` are the targets that held in the window and scope, each with its entry."""
    return {
        "definition": {"kpi": kpi.id, "version": kpi.version},
        "targets": [_target(target, entry) for target, _, entry in applied],
    }


def _target(target: Target, entry: dict[str, Any]) -> dict[str, Any]:
    """Which row, since when this version of it binds (None: ever since), and who promised it when."""
    return {
        "profile": target.profile, "row": target.row, "text": target.text, "status": entry["status"],
        "valid_from": None if target.valid_from is None else target.valid_from.isoformat(),
        "adopted": None if target.adopted is None else target.adopted.isoformat(), "adopted_by": target.adopted_by,
    }  # fmt: skip
