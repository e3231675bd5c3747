"""The settings reference and the JSON Schemas, made from the models: ``python -m tierline.reference`` writes all into
docs/, and a test fails when they are stale."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from collectors import registry
from collectors.base import Source, SourceSettings
from dashboards.export import reference as exported
from dashboards.metrics import reference as metrics
from slo.shelf import built_in
from tierline.decisions.decided import Correct, Decided, Exclude, Note, SignOff
from tierline.settings import Rule, Settings, Told
from tierline.settings.problems import models_in

DECISIONS_FILE = "decisions.schema.json"
SCHEMA_FILE = "tierline.schema.json"
REPORT_FILE = "report.schema.json"
REFERENCE_FILE = "configuration.md"
EXPORT_FILE = "export.md"
METRICS_FILE = "metrics.md"


def schema() -> dict[str, Any]:
    """The JSON Schema of tierline.yaml, every kind of source with its own settings."""
    whole = Settings.model_json_schema()
    definitions: dict[str, Any] = whole.setdefault("$defs", {})
    kinds = [_source_schema(kind, definitions) for _, kind in sorted(registry.plugins().items())]
    whole["properties"]["sources"]["additionalProperties"] = {"oneOf": kinds}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "title": "tierline.yaml"}
    return typing.cast(dict[str, Any], _spans(head))


def decisions_schema() -> dict[str, Any]:
    """The JSON Schema of a file in the decisions/ folder."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Decided.model_json_schema()}
    return head | {"title": "decisions/*.yaml", "description": "Corrections, exclusions, notes and sign-offs."}


def _source_schema(kind: type[Source], definitions: dict[str, Any]) -> dict[str, Any]:
    own = kind.Settings.model_json_schema(ref_template=f"#/$defs/{kind.plugin}.{{model}}")
    definitions.update({f"{kind.plugin}.{name}": model for name, model in own.pop("$defs", {}).items()})
    properties = {"type": {"const": kind.plugin, "description": kind.title}, **own["properties"]}
    return {**own, "title": kind.plugin, "properties": properties, "required": ["type", *own.get("required", [])]}


def _spans(node: Any) -> Any:
    """Time spans may be written 5m or 2h, or as seconds; pydantic's schema knows ISO 8601 only."""
    if isinstance(node, list):
        return [_spans(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "duration":
        return {"type": ["string", "number"], "description": "5m, 2h, 1d, or seconds"}
    return {key: _spans(item) for key, item in node.items()}


def reference() -> str:
    """docs/configuration.md."""
    parts = [_HEAD, *_tables("tierline.yaml", Settings), *_tables("assets", Told), *_tables("rules", Rule, Told)]
    parts += [_DECISIONS, *(line for name, model in _DECIDED for line in _tables(f"decisions · {name}", model))]
    parts += ["\n## Sources\n\nEvery source has a `type`, these settings, and those of its type.\n"]
    parts += _tables("", SourceSettings)
    for name, kind in sorted(registry.plugins().items()):
        parts += [f"\n### {name}\n\n{kind.title}.", *_rights(kind), *_tables("", kind.Settings, SourceSettings)]
    return "\n".join(parts).replace("\n\n\n", "\n\n") + "\n"


_DECIDED = (("corrections", Correct), ("exclusions", Exclude), ("notes", Note), ("sign_offs", SignOff))
_DECISIONS = """
## decisions

Files of the `decisions/` folder ([how](putting-it-right.md)): lists named `corrections`, `exclusions`, `notes` and
`sign_offs`. The same as JSON Schema: [decisions.schema.json](decisions.schema.json), also printed by
`tierline check --schema decisions`.
"""
_HEAD = """# Configuration

Made from the settings' models by `make docs`; edit those. Looked for in this order: `--config FILE`, `tierline.yaml`
in the folder Tierline stands in, `config/tierline.yaml`. `TIERLINE_STORE` overrides the store, `TIERLINE_PORT` the
page's port. The same as JSON Schema, for editors: [tierline.schema.json](tierline.schema.json), also printed by
`tierline check --schema`.

Secrets are references: `env:NAME` reads an environment variable, `file:/path` a file. A secret in clear is refused,
and so is a reference where no secret is expected. Time spans are written `90s`, `5m`, `2h`, `1d`, or as a number of
seconds.
"""


def _rights(kind: type[Source]) -> list[str]:
    tested = [f"\nTested against: {kind.tested}."] if kind.tested else []
    return tested + ([f"\nRights it needs:\n\n```\n{kind.grants.strip()}\n```"] if kind.grants else [])


def _tables(title: str, model: type[BaseModel], without: type[BaseModel] | None = None) -> Iterator[str]:
    """The model's table, then one for each model in it. ``without``: a model whose fields are listed elsewhere."""
    skipped = set(without.model_fields) if without else set()
    fields = {name: field for name, field in model.model_fields.items() if name not in skipped}
    yield (f"\n## {title}\n" if title else "")
    if without is Told:
        yield f"{(model.__doc__ or '').strip()} Beside the settings of `assets`:\n"
    if not fields:
        return
    yield "| setting | what | default |\n|---|---|---|"
    yield from (_row(name, field) for name, field in fields.items())
    for name, field in fields.items():
        for inner in models_in(field.annotation):
            if inner not in (Told, Rule, model):
                yield from _tables(f"{title + ' · ' if title not in ('', 'tierline.yaml') else ''}{name}", inner)


def _row(name: str, field: FieldInfo) -> str:
    what = (field.description or "").replace("|", "\\|")
    return f"| `{name}` | {what} {_words(field)} | {_default(field)} |".replace("  ", " ")


def _words(field: FieldInfo) -> str:
    """The words it may hold, where they are few."""
    words = list(dict.fromkeys(_choices(field.annotation)))
    secret = "A secret: `env:NAME` or `file:/path`." if "SecretStr" in repr(field.annotation) else ""
    return f"One of {', '.join(f'`{word}`' for word in words)}." if words else secret


def _choices(annotation: Any) -> Iterator[Any]:
    if typing.get_origin(annotation) is typing.Literal:
        yield from typing.get_args(annotation)
    elif isinstance(annotation, UnionType) or typing.get_origin(annotation) in (typing.Union, tuple):
        for part in typing.get_args(annotation):
            yield from _choices(part)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value in (None, PydanticUndefined) or isinstance(value, (BaseModel, SecretStr)) or value in ((), {}, [], ""):
        return ""
    return f"`{_written(value)}`"


def _written(value: Any) -> str:
    """A default as the file would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    if hasattr(value, "total_seconds"):
        return f"{value.total_seconds():g}s"
    return value.strftime("%H:%M") if hasattr(value, "strftime") else str(value)


def write(folder: Path) -> None:
    """All of them."""
    import json

    from dashboards.report.schema import schema as of_report

    (folder / SCHEMA_FILE).write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    decided = json.dumps(decisions_schema(), indent=2, ensure_ascii=False) + "\n"
    (folder / DECISIONS_FILE).write_text(decided, encoding="utf-8")
    told = json.dumps(of_report(), indent=2, ensure_ascii=False) + "\n"
    (folder / REPORT_FILE).write_text(told, encoding="utf-8")
    (folder / EXPORT_FILE).write_text(exported.page(), encoding="utf-8")
    (folder / METRICS_FILE).write_text(metrics.page(built_in().values()), encoding="utf-8")
    (folder / REFERENCE_FILE).write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parent.parent / "docs")
