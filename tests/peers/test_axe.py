"""Every page of the shelf by axe-core, wide and on a phone, light and dark: no violation of WCAG 2.1 AA, nothing on the
console, nobody called but ourselves; nothing scrolls sideways, and a finger finds what it wants."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.peer
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


@pytest.fixture(scope="module")
def axe():
    """axe-core itself."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def violations(page, only):
    """rule: where, of what axe finds."""
    found = page.evaluate("only => axe.run({runOnly: only, resultTypes: ['violations'], preload: false})", only)
    return [
        f"{one['id']}: {node['target'][-1]} {node['any'][:1]}"[:400]
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize(("size", "schemes"), [("wide", ["light", "dark"]), ("phone", ["light"])])
def test_no_page_keeps_anybody_out(visiting, standing, axe, size, schemes):
    """Dark differs in its colours alone, which are a phone's, too: there the contrast is looked at, and nothing else
    again."""
    seen = visiting(standing.address, size=size)
    rules = {"light": {"type": "tag", "values": TAGS}, "dark": {"type": "rule", "values": ["color-contrast"]}}
    found, wrong = {}, {}
    for path in standing.pages():
        seen.open(path)
        wrong[path] = (seen.sideways(), seen.small() if size == "phone" else [], seen.hurt())
        seen.page.evaluate(axe)
        for scheme in schemes:
            seen.page.emulate_media(color_scheme=scheme)
            seen.page.wait_for_timeout(150)
            found[path, scheme] = violations(seen.page, rules[scheme])
            seen.name = f"{size}-{scheme}"
            seen.keep("axe" + path.partition("?")[0].replace("/", "-"))
        assert seen.page.locator("h1").count() == 1, path
        seen.page.emulate_media(color_scheme="light")
    assert {where: broken for where, broken in found.items() if broken} == {}
    assert {path: seen for path, seen in wrong.items() if seen != (0, [], False)} == {}
