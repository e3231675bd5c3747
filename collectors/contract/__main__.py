"""``python -m collectors.contract FOLDER``: what the cases of a folder give now, as their facts files would hold it.
To be checked line by line against the answers before it is kept."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from collectors.contract.case import Case, cases
from collectors.contract.world import World
from slo.errors import TierlineError


def shown(case: Case) -> int:
    """Prints a case's facts; what went wrong goes to stderr. 0 where all is well."""
    with tempfile.TemporaryDirectory() as folder, World(case, Path(folder)) as world:
        record = world.collect()
        lines = [json.dumps(one, ensure_ascii=False) for one in world.facts().values()]
        asides = [f"set aside: {one['error']}" for one in world.store.set_asides()]
        wrong = [f"no answer fits: {one}" for one in world.standin.unmatched] + asides
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    for line in [*wrong, *([record.error] if record.error else [])]:
        sys.stderr.write(f"{case.path}: {line}\n")
    return int(bool(wrong or record.error))


def main(arguments: list[str]) -> int:
    """The exit code: 2 for wrong use, 1 where a case does not run through."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m collectors.contract FOLDER (it holds case.yaml)\n")
        return 2
    try:
        return max((shown(case) for case in cases(Path(arguments[0]))), default=2)
    except TierlineError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
