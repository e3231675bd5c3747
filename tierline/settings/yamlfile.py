"""YAML read with its places: plain data, and the line of every key and value, so that an error can name it.

Scalars follow YAML 1.2, not 1.1: ``NO`` is a country, ``17:00`` is a time, ``on`` is a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from slo.errors import ConfigError

Place = tuple[str | int, ...]
MOST_NODES = 200_000
"""A file of settings is far smaller; aliases that multiply each other are not."""


@dataclass
class Document:
    """Plain data and the 1-based line of each place in it; ``repeated`` lists keys that stand twice."""

    name: str
    data: Any
    lines: dict[Place, int] = field(default_factory=dict)
    repeated: list[Place] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it that stands in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


_WORDS = (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("merge", r"^<<$", "<"),
)
for _tag, _pattern, _first in _WORDS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def _int(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(node.value)


_Loader.add_constructor("tag:yaml.org,2002:int", _int)


class _Walk:
    """Nodes to data, noting lines as it goes."""

    def __init__(self, loader: _Loader, document: Document) -> None:
        self.loader = loader
        self.document = document
        self.count = 0

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.count += 1
        if self.count > MOST_NODES or len(place) > 50:
            raise ConfigError(f"{self.document.name}: too large or nested too deep for a file of settings")
        self.document.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, index)) for index, item in enumerate(node.value)]
        return self.loader.construct_object(node, deep=True)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str | int, Any]:
        own = {id(key) for key, _ in node.value}
        self.loader.flatten_mapping(node)
        result: dict[str | int, Any] = {}
        written: set[str | int] = set()
        for key_node, value_node in node.value:
            key = self._key(key_node)
            inner = (*place, key)
            if id(key_node) in own and key in written:
                self.document.repeated.append(inner)
            if id(key_node) in own:
                written.add(key)
            self.document.lines[inner] = key_node.start_mark.line + 1
            result[key] = self.value(value_node, inner)
        return result

    def _key(self, node: yaml.Node) -> str | int:
        if not isinstance(node, yaml.ScalarNode):
            raise ConfigError(f"{self.document.name}:{node.start_mark.line + 1}: a key must be a word")
        return str(node.value)


def parse(text: str, name: str) -> Document:
    """The document of a text. Raises ConfigError naming file and line where it is no YAML."""
    document = Document(name, {})
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            document.data = {} if node is None else _Walk(loader, document).value(node, ())
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise ConfigError(_syntax(name, error)) from None
    if not isinstance(document.data, dict):
        raise ConfigError(f"{name}:1: expected settings as `name: value` lines, found {type(document.data).__name__}")
    return document


def _syntax(name: str, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    line = mark.line + 1 if mark else 1
    return f"{name}:{line}: not valid YAML: {problem}; check the indentation, quotes and colons near this line"


def read(path: Path) -> Document:
    """The document of a file. Raises ConfigError where it cannot be read."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; name another file with --config") from None
