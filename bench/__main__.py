"""What Tierline costs, each figure beside its goal: ``python -m bench [help|store|refresh|scrape|pages]...``."""

from __future__ import annotations

import importlib
import sys
import time

PARTS = ("help", "store", "refresh", "scrape", "pages")
MODULES = {"help": "bench.start", "store": "bench.store", "refresh": "bench.refresh", "scrape": "bench.scrape",
           "pages": "bench.pages"}  # fmt: skip


def main(wanted: list[str]) -> int:
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        sys.stderr.write(f"error: {unknown[0]!r} is no part of the bench; there are {', '.join(PARTS)}\n")
        return 2
    for part in wanted or PARTS:
        began = time.perf_counter()
        sys.argv = [f"bench {part}"]
        sys.stdout.write(f"== {part}\n")
        sys.stdout.flush()
        importlib.import_module(MODULES[part]).main()
        sys.stdout.write(f"({time.perf_counter() - began:.0f} s)\n\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
