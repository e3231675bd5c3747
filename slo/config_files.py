"""Data files that the heart ships (config/): found beside the package, read, and checked as a whole by a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from slo.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
# In a checkout and in an installed wheel alike, config/ stands beside slo/.
SHIPPED = Path(__file__).resolve().parents[1] / "config"

# libyaml's loader where there is one: the pure one costs every command a third of a second.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """The plain data of a YAML file. Raises ConfigError naming file and line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); check the path and its rights") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(
            f"{path}{line}: is not valid YAML ({getattr(error, 'problem', error)}); mend the line"
        ) from None


def checked(model: type[Model], data: Any, path: Path) -> Model:
    """The data as a model. Raises one ConfigError with a line for every fault: file, line, place, value, remedy."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = [_fault(path, fault) for fault in error.errors(include_url=False)]
        raise ConfigError("\n".join(faults)) from None


def _fault(path: Path, fault: Any) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).lstrip(".")
    line = line_of(path, fault["loc"])
    shown = "" if fault["type"] == "missing" or isinstance(fault["input"], (dict, list)) else f"{fault['input']!r}: "
    remedy = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        remedy = "no such setting here; remove it or correct its name"
    return f"{path}{line}: {place or 'the file'}: {shown}{remedy}"


def line_of(path: Path, place: tuple[int | str, ...]) -> str:
    """Where in the file the place stands, as ":12"; nothing where it can't be told."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, yaml.YAMLError):
        return ""
    line = 0
    for part in place:
        node, line = _step(node, part, line)
    return f":{line + 1}"


def _step(node: Any, part: int | str, line: int) -> tuple[Any, int]:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line
    return None, line
