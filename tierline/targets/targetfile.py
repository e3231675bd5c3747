"""A file of targets with one row's version written into it: comments, order and every other row stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from slo.errors import ConfigError

HEAD = """# What this platform has adopted of the profile {profile}. `tierline adopt` writes here; edit it as you like.
# A row says what differs from the published one; valid_from: the first day on which this version binds.
profile: {profile}
targets:
"""


def with_version(text: str, profile: str, version: Mapping[str, Any], name: str) -> str:
    """The text with a version of a row: in the place of the one with the same row and day, else after the last row.

    Raises ConfigError where the file is not written in a way that a row could be added to.
    """
    if not text.strip():
        return HEAD.format(profile=profile) + _block(version, 2)
    lines = text.splitlines(keepends=True)
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    rows = _rows(text, name)
    if rows is None:
        return "".join(lines) + "targets:\n" + _block(version, 2)
    same = [node for node in rows.value if _is(node, version)]
    at = same[0] if same else rows.value[-1]
    block = _block(version, max(at.start_mark.column - 2, 0))
    first, after = at.start_mark.line, _last_line(at) + 1
    kept = lines[:first] if same else lines[:after]
    return "".join([*kept, *([] if same else ["\n"] if _spaced(lines, rows) else []), block, *lines[after:]])


def _rows(text: str, name: str) -> yaml.SequenceNode | None:
    """The list of targets; None where the file has none yet."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    found = [value for key, value in root.value if key.value == "targets"] if isinstance(root, yaml.MappingNode) else []
    if not found:
        return None
    rows = found[0]
    if not isinstance(rows, yaml.SequenceNode) or rows.flow_style or not rows.value:
        raise ConfigError(f"{name}: targets: cannot be added to; write them as a list of `- row: 1` lines")
    return rows


def _is(node: yaml.Node, version: Mapping[str, Any]) -> bool:
    told = {key.value: value.value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
    day = version.get("valid_from")
    return told.get("row") == str(version["row"]) and told.get("valid_from") == (None if day is None else str(day))


def _last_line(node: yaml.Node) -> int:
    """The last line on which something of the node stands: a block's own end lies behind the comments after it."""
    if isinstance(node, yaml.ScalarNode) or getattr(node, "flow_style", False):
        return int(node.end_mark.line)
    parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
    return max((_last_line(part) for part in parts), default=int(node.start_mark.line))


def _spaced(lines: list[str], rows: yaml.SequenceNode) -> bool:
    """Whether the rows stand apart from each other by an empty line."""
    return len(rows.value) > 1 and not lines[rows.value[-1].start_mark.line - 1].strip()


def _block(version: Mapping[str, Any], indent: int) -> str:
    plain = {key: _plain(value) for key, value in version.items()}
    told = _dumped(plain, flow=None)
    told = _dumped(plain, flow=False) if told.startswith("- {") else told
    return "".join(f"{' ' * indent}{line}\n" for line in told.splitlines())


class _Plain(yaml.SafeDumper):
    """A date that stands twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _dumped(version: Mapping[str, Any], flow: bool | None) -> str:
    """One row; ``flow`` None: what holds nothing else on one line."""
    told = yaml.dump([version], Dumper=_Plain, sort_keys=False, default_flow_style=flow, allow_unicode=True, width=110)
    return str(told)


def _plain(value: Any) -> Any:
    return value if isinstance(value, date | str | int | float | type(None)) else list(value)
