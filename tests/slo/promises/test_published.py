"""Every published target, field by field, against an encoding that was written by hand."""

from pathlib import Path

import pytest

from slo.targets import load_targets

PARAMS = {"days": int, "severity": int, "user_visible": lambda _: True, "start": str, "scale": str, "layer": str,
          "priority": str}  # fmt: skip
ROWS = [
    line
    for line in Path(__file__).with_name("published.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def clause_of(text):
    """One clause as {field: value}: form, floor, stretch, and whatever else is named."""
    form, *words = text.split()
    told = {"form": form, "params": {}}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            told |= dict(zip(("floor", "stretch"), map(float, name.split("/")), strict=False))
        elif name in PARAMS:
            told["params"][name] = PARAMS[name](value)
        elif name == "tiers":
            told["tiers"] = tuple(int(tier) for tier in value.split("-"))
        elif name == "mature":
            told["mature"] = tuple(map(float, value.split("/")))
        elif name in ("example", "points"):
            told[name] = True
        else:
            told[name] = float(value) if value.lstrip("-.")[0].isdigit() else value
    return told


def read(line):
    head, _, rest = line.partition(": ")
    profile, row, kpi, window = head.split()
    body, _, own = rest.partition(" | ")
    combine = "any" if " OR " in body else "all"
    clauses = [clause_of(part) for part in body.split(" OR " if combine == "any" else " + ")]
    return profile, int(row), kpi, window, combine, clauses, dict(word.split("=") for word in own.split())


def encoded(clause):
    """A clause of the product in the same words; what is at its default is left out."""
    told = {name: value for name, value in clause.model_dump(exclude_defaults=True).items() if name != "baseline"}
    told["params"] = dict(clause.params)
    if clause.baseline is not None:
        told["baseline"] = clause.baseline.kind
    if clause.mature is not None:
        told["mature"] = (clause.mature.floor, clause.mature.stretch)
    return told


@pytest.mark.parametrize("line", ROWS, ids=lambda line: " ".join(line.split()[:2]))
def test_a_published_target_is_as_encoded_by_hand(line):
    profile, row, kpi, window, combine, clauses, own = read(line)
    target = next(one for one in load_targets().in_force() if one.key == (profile, row))
    assert (target.kpi, target.window, target.combine) == (kpi, window, combine)
    assert [encoded(one) for one in target.clauses] == clauses
    assert (target.pair, target.scope) == (own.get("pair"), own.get("scope", "platform"))
    assert target.due_months == (int(own["due"]) if "due" in own else None)
    assert (target.adopted, target.adopted_by, target.valid_from) == (None, None, None)


def test_all_of_them_are_compared():
    assert len({tuple(line.split()[:2]) for line in ROWS}) == len(ROWS) == 96
