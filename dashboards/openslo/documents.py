"""OpenSLO files read: documents by kind and name, each a tree that knows which of its parts nobody has asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from dashboards.openslo.losses import Ledger
from slo.errors import ConfigError

VERSION = "openslo/v1"
KINDS = ("Service", "DataSource", "SLI", "SLO", "AlertPolicy", "AlertCondition", "AlertNotificationTarget")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Part:
    """A mapping of a document with its path. What is never asked for is told by ``unread``."""

    def __init__(self, data: Any, path: str = "") -> None:
        self.path = path
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}
        self._read: set[str] = set()
        self._parts: dict[str, list[Part]] = {}

    def at(self, name: str) -> str:
        """The path of what stands under a name."""
        return f"{self.path}.{name}" if self.path else name

    def value(self, name: str) -> Any:
        """What stands under a name; None where nothing does."""
        self._read.add(name)
        return self.data.get(name)

    def text(self, name: str) -> str | None:
        """What stands under a name as one line of text; None where nothing does, or what is no text."""
        told = self.data.get(name)
        if isinstance(told, dict | list) or told in (None, ""):
            return None
        return " ".join(str(self.value(name)).split())

    def has(self, name: str) -> bool:
        return self.data.get(name) is not None

    def part(self, name: str) -> Part:
        """The mapping under a name, empty where there is none."""
        if name not in self._parts:
            self._parts[name] = [Part(self.data.get(name), self.at(name))]
        return self._parts[name][0]

    def parts(self, name: str) -> list[Part]:
        """The mappings of the list under a name."""
        if name not in self._parts:
            told = self.data.get(name)
            listed = told if isinstance(told, list) else []
            self._parts[name] = [Part(one, f"{self.at(name)}[{place}]") for place, one in enumerate(listed)]
        return self._parts[name]

    def unread(self) -> Iterator[tuple[str, Any]]:
        """Path and value of everything that nobody has asked for."""
        for name, value in self.data.items():
            if name in self._parts:
                for part in self._parts[name]:
                    yield from part.unread()
            elif name not in self._read and value not in (None, [], {}, ""):
                yield self.at(str(name)), value


@dataclass(frozen=True)
class Document:
    """One document of a file."""

    file: str
    kind: str
    name: str
    root: Part

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"


class Documents:
    """The documents of all files, by kind and name."""

    def __init__(self, files: Iterable[tuple[str, str]], ledger: Ledger) -> None:
        self._ledger = ledger
        self._found: dict[tuple[str, str], Document] = {}
        for file, text in files:
            for place, data in enumerate(_loaded(file, text), 1):
                self._keep(file, place, data)

    def of(self, kind: str) -> list[Document]:
        return [one for (own, _), one in self._found.items() if own == kind]

    def find(self, kind: str, name: str) -> Document | None:
        return self._found.get((kind, name))

    def _keep(self, file: str, place: int, data: Any) -> None:
        root = Part(data)
        version, kind, name = (root.value("apiVersion"), root.value("kind"), root.part("metadata").value("name"))
        title = f"{kind} {name}" if kind and name else f"document {place}"
        fault = _fault(data, version, kind, name)
        if fault is not None:
            self._ledger.add(file, title, *fault[:2], "refused", fault[2])
        elif (kind, str(name)) in self._found:
            other = self._found[kind, str(name)].file
            self._ledger.add(file, title, "metadata.name", name, "refused", f"stands in {other}, too; the first counts")
        else:
            self._found[kind, str(name)] = Document(file, kind, str(name), root)


def _fault(data: Any, version: Any, kind: Any, name: Any) -> tuple[str, Any, str] | None:
    """Place, value and words of what makes a document none of OpenSLO v1."""
    if not isinstance(data, dict) or not isinstance(version, str) or "openslo" not in version:
        return "apiVersion", version, f"is no OpenSLO document; its apiVersion is not {VERSION}"
    if version != VERSION:
        return "apiVersion", version, f"only {VERSION} is read; write it anew in that version (docs/openslo.md)"
    if kind not in KINDS:
        return "kind", kind, f"is no kind of {VERSION}; there are {', '.join(KINDS)}"
    return None if name else ("metadata.name", name, "has no name; give it one")


def _loaded(file: str, text: str) -> Iterator[Any]:
    """The documents of a file; a document that is a list holds several."""
    try:
        for data in yaml.load_all(text, Loader=_LOADER):
            yield from data if isinstance(data, list) else [] if data is None else [data]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "a sign that YAML does not allow"
        raise ConfigError(f"{file}{line}: is not valid YAML ({problem}); mend the line") from None
    except ValueError as error:
        raise ConfigError(f"{file}: holds a number or date that is none ({error}); mend it") from None
