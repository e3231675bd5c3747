"""A case: one small world of a source, written down in a folder as ``case.yaml`` with the answers beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from slo.config_files import read_yaml
from slo.errors import ConfigError


class Answer(BaseModel):
    """What the stand-in says to the requests that it fits. The first of a case's answers that fits is given."""

    model_config = ConfigDict(extra="forbid")

    method: str = "GET"
    path: str = Field(description="The whole path, without the query.")
    query: dict[str, str | list[str]] = Field(default={}, description="Parameters that must be there, exactly so.")
    body: dict[str, Any] = Field(default={}, description="What the JSON (or form) body must hold, among other things.")
    status: int = 200
    headers: dict[str, str] = {}
    file: str | None = Field(default=None, description="The answer's body, beside the case.")
    reply: Any = Field(default=None, description="The answer's body in place; text goes out as it is.")
    open: bool = Field(default=False, description="Answered without the header that the case demands (a login).")
    may_be_gone: bool = Field(default=False, description="One record by its id, where 404 truly says: deleted.")


class Told(BaseModel):
    """``case.yaml``."""

    model_config = ConfigDict(extra="forbid")

    source: str
    settings: dict[str, Any] = {}
    now: AwareDatetime
    history_days: int | None = Field(default=None, description="Goes into the settings.")
    origin: str = Field(description="Where the answers come from, honestly.")
    answers: list[Answer] = []
    records: str | None = Field(default=None, description="Raw records instead of an exchange, as JSON Lines.")
    repository: str | None = Field(default=None, description="A git fast-import stream, laid as the "
                                   "bare repository {work}/repository.git.")  # fmt: skip
    demands: str | None = Field(default=None, description="A header without which 401 is answered (Authorization).")
    because: str | None = Field(default=None, description="Why there is no exchange to record.")
    facts: str = "facts.jsonl"
    check_finds: str = Field(
        default="", description="Part of what check() must find wrong here; by default nothing is."
    )
    open_objects: list[str] = Field(default=[], description="Names of objects with free keys (labels): left alone by "
                                    "the unknown field.")  # fmt: skip
    skip_faults: dict[str, str] = Field(default={}, description="Fault -> why it does not apply here.")


@dataclass(frozen=True)
class Case:
    """One case as it was read."""

    path: Path
    told: Told

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def name(self) -> str:
        """For a test's name: pagerduty, airflow-airflow2."""
        rest = self.path.stem.removeprefix("case").strip("-")
        return self.folder.name + (f"-{rest}" if rest else "")

    @property
    def now(self) -> datetime:
        return self.told.now.astimezone(UTC)

    @property
    def over_http(self) -> bool:
        return bool(self.told.answers)

    def settings(self, url: str, work: Path) -> dict[str, Any]:
        """The source's settings, spoken to at ``url``; ``work`` is a folder of the run's own."""
        days = {} if self.told.history_days is None else {"history_days": self.told.history_days}
        filled: dict[str, Any] = self.filled({**self.told.settings, **days}, url, work)
        return filled

    def body(self, answer: Answer, url: str) -> str:
        """An answer's body."""
        if answer.file is not None:
            return str(self.filled(self.beside(answer.file).read_text(encoding="utf-8"), url))
        reply = self.filled(answer.reply, url)
        return reply if isinstance(reply, str) else json.dumps({} if reply is None else reply)

    def beside(self, name: str) -> Path:
        """A file of the case. Raises ConfigError where it is missing."""
        path = self.folder / name
        if not path.is_file():
            raise ConfigError(f"{self.path}: names {name}, which is not there; record it beside the case")
        return path

    def filled(self, value: Any, url: str, work: Path | None = None) -> Any:
        """The value with the stand-in's address and the case's folders in their places."""
        if isinstance(value, str):
            places = {"{url}": url, "{golden}": str(self.folder.resolve()), "{work}": str(work or "")}
            for name, place in places.items():
                value = value.replace(name, place)
            return value
        if isinstance(value, Mapping):
            return {key: self.filled(item, url, work) for key, item in value.items()}
        return [self.filled(item, url, work) for item in value] if isinstance(value, list) else value

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The objects of a JSON Lines file of the case."""
        text = self.beside(name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def load(path: Path) -> Case:
    """The case of a ``case.yaml``. Raises ConfigError naming what is wrong with it."""
    try:
        told = Told.model_validate(read_yaml(path))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ConfigError(f"{path}: {wrong}") from None
    if told.records and not told.because:
        raise ConfigError(f"{path}: records without an exchange need `because`: why none can be recorded")
    return Case(path, told)


def cases(folder: Path) -> list[Case]:
    """Every case.yaml and case-*.yaml in a folder and in those right below it."""
    found = {*folder.glob("case*.yaml"), *folder.glob("*/case*.yaml")}
    return [load(path) for path in sorted(found)]
