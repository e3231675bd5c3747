"""What is wrong with the settings: file, line, place, value and remedy, of every error at once."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from collectors.secrets import starred
from slo.errors import ConfigError
from tierline.settings.yamlfile import Document, Place


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to put right. ``line`` is 0 where it stands in no file: in the environment."""

    file: str
    line: int
    place: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f"; {self.remedy}" if self.remedy else ""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.place}: {self.message}{remedy}"


class SettingsError(ConfigError):
    """The settings are wrong; ``problems`` holds every one, in the order of the file."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def as_records(self) -> list[dict[str, Any]]:
        """The problems as plain objects."""
        return [asdict(problem) for problem in self.problems]


def path_text(place: Place) -> str:
    """``sources.airflow.url``, ``rules[2].tier``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text or "the file"


def did_you_mean(word: str, known: list[str], what: str = "known") -> str:
    """``did you mean `url`?``, or the words there are."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else f"{what}: {', '.join(known) or 'none'}"


def star(value: Any) -> str:
    """A value as it may be printed: short, and without the password of a URL."""
    text = starred(repr(value))
    return text if len(text) <= 80 else text[:77] + "..."


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model named in an annotation, however it is wrapped."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from models_in(part)


def _model_at(model: type[BaseModel], place: Place) -> type[BaseModel] | None:
    """The model whose fields stand at a place; names of keys and list positions are stepped over."""
    for part in place:
        field = model.model_fields.get(str(part))
        inner = next(models_in(field.annotation), None) if field else None
        if field is not None and inner is None:
            return None
        model = inner or model
    return model


def _unknown(model: type[BaseModel], place: Place) -> tuple[str, str]:
    parent = _model_at(model, place[:-1])
    known = sorted(parent.model_fields) if parent else []
    return "unknown setting", did_you_mean(str(place[-1]), known, "here may stand")


def _missing(model: type[BaseModel], place: Place) -> tuple[str, str]:
    parent = _model_at(model, place[:-1])
    field = parent.model_fields.get(str(place[-1])) if parent else None
    about = f" ({field.description.rstrip('.')})" if field and field.description else ""
    return "missing", f"add `{place[-1]}: ...`{about}"


_REMEDIES = {
    "time_delta_parsing": "write 5m, 2h, 1d, or a number of seconds",
    "date_from_datetime_parsing": "write a date such as 2026-01-31",
    "time_parsing": "write a time such as 09:00",
}


def _describe(error: Mapping[str, Any], model: type[BaseModel], place: Place) -> tuple[str, str]:
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown(model, place)
    if kind == "missing":
        return _missing(model, place)
    message = str(error["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:] if message.startswith("Input") else message
    if isinstance(error["input"], (str, int, float, bool)) and not is_secret(model, place):
        message = f"{star(error['input'])}: {message}"
    head, _, remedy = message.rpartition("; ")
    return (head, remedy) if head else (message, _REMEDIES.get(kind, ""))


def is_secret(model: type[BaseModel], place: Place) -> bool:
    """Whether a value there might be a secret, so that it is never printed."""
    name = next((str(part) for part in reversed(place) if isinstance(part, str)), "")
    parent = _model_at(model, place[: place.index(name)]) if name in place else None
    field = parent.model_fields.get(name) if parent else None
    return field is not None and "SecretStr" in repr(field.annotation)


def of_validation(
    error: ValidationError, model: type[BaseModel], document: Document, base: Place = ()
) -> list[Problem]:
    """The problems of one model's validation; ``base`` is where in the file its data stands."""
    problems = []
    for item in error.errors(include_url=False):
        inner = tuple(part for part in item["loc"] if part != "[key]")
        message, remedy = _describe(item, model, inner)
        place = (*base, *inner)
        problems.append(Problem(document.name, document.line(place), path_text(place), message, remedy))
    return problems
