"""What stands beside a value on its page."""

from __future__ import annotations

from typing import Any

from dashboards.parts import cards


def beside(result: dict[str, Any]) -> dict[str, str]:
    """Term -> text of the definition list."""
    return {pair.children[0].children: pair.children[1].children for pair in cards.facts_of(result).children}


def test_the_starts_of_incidents_are_told_apart(fake: Any) -> None:
    mttd = fake.result("mttd")
    assert "starts" not in beside(mttd)
    assert (
        beside({**mttd, "starts": {"told": 5, "derived": 2, "none": 1}})["starts"] == "5 told, 2 derived, 1 not known"
    )
    assert beside({**mttd, "starts": {"told": 5, "derived": 0, "none": 0}})["starts"] == "5 told"
    assert "starts" not in beside({**mttd, "starts": {"told": 0, "derived": 0, "none": 0}})
