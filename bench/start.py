"""How quickly the command starts: ``tierline --help`` beside a bare Python."""

from __future__ import annotations

import subprocess
import sys
import time

ROUNDS = 10
GOAL_SECONDS = 0.5


def seconds(*arguments: str) -> float:
    """The best of several rounds: what else the machine does only ever adds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    return min(taken)


def main() -> None:
    bare, ours = seconds("-c", "pass"), seconds("-m", "tierline", "--help")
    sys.stdout.write(f"{'bare Python':<28}{bare:>8.3f} s\n")
    sys.stdout.write(f"{'tierline --help':<28}{ours:>8.3f} s   well under {GOAL_SECONDS} s\n")


if __name__ == "__main__":
    main()
