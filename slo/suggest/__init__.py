"""Proposals from what is known already, each with its reason in one sentence and the evidence as points. Nothing is
decided by them: a person edits the sheet, and what then stands in it is applied.

One file a kind under ``slo/suggest/``, holding one subclass of :class:`Suggestion`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, ClassVar

from slo.lineage.impact import Impact
from slo.view import View

Row = dict[str, Any]
Owned = Callable[[str, str | None], tuple[str, str] | None]
"""(asset, kind) -> the team that a CODEOWNERS file names, and the sentence that says so."""
Month = Callable[[Sequence[str], str], Sequence[Mapping[str, Any]]]
"""(KPI ids, window) -> their results."""


def _nobody(asset: str, kind: str | None) -> None:
    return None


def _nothing(kpis: Sequence[str], window: str) -> Sequence[Mapping[str, Any]]:
    return ()


@dataclass(frozen=True)
class Given:
    """What suggestions may look at."""

    view: View
    owned: Owned = _nobody
    results: Month = _nothing

    @cached_property
    def impact(self) -> Impact:
        return Impact(self.view)


class Suggestion(ABC):
    """One kind of proposals."""

    name: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    """Of the sheet, in this order; what a person may edit stands right after what it is about."""
    title: ClassVar[str]
    """What is proposed, in a few words."""
    connect: ClassVar[str]
    """What there is to do where nothing can be proposed."""
    use: ClassVar[str]
    """What to do with the sheet once it is edited; {file} stands for its name."""

    @abstractmethod
    def rows(self, given: Given) -> list[Row]:
        """The proposals, those with the best evidence first; every column of ``columns`` is there."""


ABOUT_ASSETS = ("reason", "evidence", "current", "current_source")
"""The columns that follow a proposal about an asset."""
APPLY = "Delete the lines or empty the cells that you don't want, then `tierline assets apply {file}`."


def about(given: Given, asset: str, field: str, fields: Row, reason: str, evidence: float) -> Row:
    """A proposal about an asset, beside what holds now of a field and who says so."""
    told = given.view.history(asset).told(given.view.as_of).get(field)
    current = {"current": told.value if told else None, "current_source": told.source if told else None}
    return {"asset": asset, **fields, "reason": reason, "evidence": evidence, **current}


def ranked(rows: list[Row]) -> list[Row]:
    """The best evidence first; ties by name."""
    return sorted(rows, key=lambda row: (-row["evidence"], row["asset"]))


def sentence(parts: Sequence[str]) -> str:
    """``2 exposures downstream, 14 assets downstream and the tag critical``, as a sentence."""
    said = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return f"{said[:1].upper()}{said[1:]}."


@cache
def shelf() -> Mapping[str, Suggestion]:
    """Every kind of proposals by its name."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    kinds = [
        item()
        for module in modules
        for item in vars(module).values()
        if inspect.isclass(item) and issubclass(item, Suggestion) and item.__module__ == module.__name__
    ]
    return {kind.name: kind for kind in kinds}
