"""What Tierline infers from facts, told as facts of the source "inferred": trusted last, listed like any other telling.

One file a derivation under ``slo/derive/``, holding one subclass of :class:`Derivation`. Nothing is inferred for a
store without configured sources: what was imported is taken as it stands.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from typing import Any, ClassVar

from slo.facts import INFERRED, KINDS, Fact
from slo.interchange import parse
from slo.store import Store
from slo.view import View


class Derivation(ABC):
    """One thing that is inferred."""

    name: ClassVar[str]
    """Begins the ids of its facts."""
    reads: ClassVar[tuple[str, ...]]
    """Fact kinds whose changes ask for it anew."""
    tells: ClassVar[tuple[str, ...]]
    """Fact kinds it tells: asset, correction, exclusion ..."""
    after: ClassVar[tuple[str, ...]] = ()
    """Names of derivations whose facts it rests on: they are worked out before it."""
    version: ClassVar[int] = 1
    """Raised when the same facts give something else than before."""

    @abstractmethod
    def facts(self, view: View, standing: Mapping[str, Fact]) -> Iterator[dict[str, Any]]:
        """The whole of what it infers at ``view.as_of``, the end of the step: interchange objects without source, ids
        of its own.

        ``standing``: what it told before, by that id: what has settled is yielded again as it was. What is no longer
        yielded is withdrawn. The view shows inferences of before laid over the facts: ``Store.fact_original`` tells
        what was collected, and ``Told.source`` who told an asset's field."""


@cache
def shelf() -> tuple[Derivation, ...]:
    """Every derivation, by file name; one that rests on another after it."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    found: dict[str, Derivation] = {
        item.name: item()
        for module in modules
        for item in vars(module).values()
        if inspect.isclass(item) and issubclass(item, Derivation) and item.__module__ == module.__name__
    }
    order = TopologicalSorter({name: one.after for name, one in found.items()})
    return tuple(found[name] for name in order.static_order())


def derive(view: View, derivations: tuple[Derivation, ...] | None = None) -> int:
    """Brings what is inferred up to the view; the number of facts that changed. Only what changed facts or a new
    version ask for is worked out; call it before the changes are dropped."""
    if INFERRED not in view.platform.source_names:
        return 0
    found = 0
    for one in derivations or shelf():
        if _asked(view.store, one, view.store.changed_kinds()):  # what an earlier one told is a change, too
            found += _derive(through_the_step(view), one)
    return found


def through_the_step(view: View) -> View:
    """A fresh view at the end of the step: what was collected since the step began is known as well, though no figure
    is told of it yet. Its change is heard of once, so it must be seen now."""
    return View(view.store, view.platform, view.as_of + view.platform.step)


def _asked(store: Store, one: Derivation, changed: set[str]) -> bool:
    return bool(changed & set(one.reads)) or store.meta(_key(one)) != str(one.version)


def _key(one: Derivation) -> str:
    return f"derivation:{one.name}"


def _derive(view: View, one: Derivation) -> int:
    prefix = f"{one.name}/"
    told = _standing(view.store, one)
    standing = {fact.id.removeprefix(prefix): fact for fact in told.values()}
    wanted = [parse({**found, "source": INFERRED, "id": prefix + found["id"]}) for found in one.facts(view, standing)]
    kept = {(fact.kind_of_fact, fact.id) for fact in wanted}
    counts = view.store.upsert([*wanted, *(_gone(fact) for key, fact in told.items() if key not in kept)])
    with view.store.write() as tx:
        tx.set_meta(_key(one), str(one.version))
    return counts.stored + counts.superseded


def _standing(store: Store, one: Derivation) -> dict[tuple[str, str], Fact]:
    found = [fact for kind in one.tells for fact in store.read(kind, {"source": INFERRED}, order_by=None)]
    return {(fact.kind_of_fact, fact.id): fact for fact in found if fact.id.startswith(f"{one.name}/")}


def _gone(fact: Fact) -> Fact:
    """A withdrawal without a time of its own: as if it had never been told."""
    asset = {"asset": fact.asset} if fact.kind_of_fact == "asset" else {}  # type: ignore[attr-defined]
    return KINDS[fact.kind_of_fact](source=INFERRED, id=fact.id, deleted=True, **asset)
