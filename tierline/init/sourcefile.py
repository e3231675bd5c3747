"""A source added to tierline.yaml: what stands there stays as it is, comments, order and all.

Where the sources stand line by line, the new lines are put behind the last of them and nothing else is touched. Where
they stand in another form (one line in braces), ruamel.yaml writes the file anew with its comments. Either way the
result is read again, and is only taken where it says what the file said, and the new source.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from slo.errors import ConfigError
from tierline.settings.yamlfile import parse

HEAD = """\
# What Tierline reads. `tierline check` judges this file, docs/configuration.md lists every setting.
# Secrets are only named here: env:NAME is an environment variable, file:/path a file.
"""


def new_file(timezone: str) -> str:
    """A file of settings without sources."""
    return f"{HEAD}timezone: {timezone}\n"


def with_source(text: str, name: str, section: Mapping[str, Any], file: str) -> str:
    """The file's text with one more source. Raises ConfigError where it cannot be put in; then it is shown."""
    before = parse(text, file).data
    wanted = {**before, "sources": {**(before.get("sources") or {}), name: dict(section)}}
    for written in (_inserted(text, name, section), _rewritten(text, name, section)):
        if written is not None and parse(written, file).data == wanted:
            return written
    lines = block(name, section)
    raise ConfigError(f"{file}: its sources stand in a form that cannot be added to; put these lines there:\n{lines}")


def block(name: str, section: Mapping[str, Any], indent: int = 2) -> str:
    """The source's lines as they stand below ``sources:``."""
    text = yaml.safe_dump({name: dict(section)}, sort_keys=False, allow_unicode=True, width=1_000, indent=indent)
    return "".join(" " * indent + line for line in text.splitlines(keepends=True))


def _inserted(text: str, name: str, section: Mapping[str, Any]) -> str | None:
    """New lines behind the last source, or at the end; None where the sources do not stand line by line."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    found = next((value for key, value in pairs if key.value == "sources"), None)
    if found is None:
        return "".join([*lines, "\nsources:\n", block(name, section)])
    if not isinstance(found, yaml.MappingNode) or found.flow_style or not found.value:
        return None
    indent = found.value[0][0].start_mark.column
    place = _last_line(found) + 1
    while place < len(lines) and _is_own_comment(lines[place], indent):
        place += 1
    return "".join([*lines[:place], block(name, section, indent), *lines[place:]])


def _last_line(node: yaml.Node) -> int:
    """The last line on which something of the node stands, comments behind it not counted."""
    if isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) and not node.flow_style and node.value:
        last = node.value[-1]
        return max(_last_line(part) for part in (last if isinstance(last, tuple) else (last,)))
    mark = node.end_mark
    return int(mark.line - 1 if mark.column == 0 and mark.line > node.start_mark.line else mark.line)


def _is_own_comment(line: str, indent: int) -> bool:
    """Whether the line is a comment of the sources above it, by how far it stands in."""
    bare = line.lstrip(" ")
    return indent > 0 and bare.startswith("#") and len(line) - len(bare) >= indent


def _rewritten(text: str, name: str, section: Mapping[str, Any]) -> str:
    """The whole file written anew, its comments kept."""
    from ruamel.yaml import YAML

    editor = YAML()
    editor.preserve_quotes, editor.width = True, 1_000
    data = editor.load(text)
    if not data.get("sources"):
        data["sources"] = {}
    data["sources"][name] = dict(section)
    stream = io.StringIO()
    editor.dump(data, stream)
    return stream.getvalue()


def write(path: Path, text: str) -> None:
    """The file as a whole or not at all. Raises ConfigError where it cannot be written."""
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        if path.exists():
            draft.chmod(path.stat().st_mode)
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        remedy = "stand in a folder that you may write to, or name another file with --config"
        raise ConfigError(f"{path}: cannot be written: {error.strerror}; {remedy}") from None
