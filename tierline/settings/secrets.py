"""Secrets are written as references, ``env:NAME`` or ``file:/path``, and only where a secret is expected. They are
resolved here, once, after everything else has been validated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr

from tierline.settings.yamlfile import Place

_REFERENCE = re.compile(r"^(env|file):(.+)$", re.DOTALL)
_ENVIRONMENT = re.compile(r"^env:[A-Za-z_][A-Za-z0-9_]*$")

Report = Callable[[Place, ValueError], None]
"""Told the place of each reference that cannot be followed, and why, as ``message; remedy``."""


class Absent(ValueError):
    """The reference is right, but what it names is not here: a variable of another shell, a file elsewhere."""


M = TypeVar("M", bound=BaseModel)


def follow(text: str, environ: Mapping[str, str]) -> str:
    """The secret a reference names. Raises ValueError with ``message; remedy``, never quoting the text itself; Absent
    where only what it names is missing."""
    match = _REFERENCE.match(text)
    if match is None:
        raise ValueError("a secret stands here in clear; write `env:NAME` or `file:/path` and keep the value there")
    value = _from_environment(match[2], environ) if match[1] == "env" else _from_file(match[2])
    if not value:
        raise Absent(f"{text} is empty; put the secret into it")
    return value


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise Absent(f"the environment variable {name} is not set; set it before starting Tierline")
    return environ[name]


def _from_file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise Absent(f"the file {name} cannot be read ({reason}); name a file that Tierline may read") from None


def resolve(model: M, environ: Mapping[str, str], report: Report, place: Place = ()) -> M:
    """The model with every SecretStr replaced by what it refers to; what cannot be followed is reported, and
    empty where it is absent."""
    changed = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        new = _resolve_value(value, environ, report, (*place, name))
        if new is not value:
            changed[name] = new
    return model.model_copy(update=changed) if changed else model


def _resolve_value(value: Any, environ: Mapping[str, str], report: Report, place: Place) -> Any:
    if isinstance(value, SecretStr):
        return _resolve_secret(value, environ, report, place)
    if isinstance(value, BaseModel):
        return resolve(value, environ, report, place)
    if isinstance(value, dict):
        return {key: _resolve_value(item, environ, report, (*place, key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_resolve_value(item, environ, report, (*place, at)) for at, item in enumerate(value))
    if isinstance(value, str) and _ENVIRONMENT.match(value):
        why = f"{value!r}: no secret is expected here; env: and file: work for secrets only; write the value"
        report(place, ValueError(why))
    return value


def _resolve_secret(value: SecretStr, environ: Mapping[str, str], report: Report, place: Place) -> SecretStr:
    try:
        return SecretStr(follow(value.get_secret_value(), environ))
    except ValueError as error:
        report(place, error)
        return SecretStr("") if isinstance(error, Absent) else value
