"""The published settings reference and JSON Schema are what the models say now."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from dashboards.export.reference import page
from dashboards.metrics import reference as metrics
from slo.shelf import built_in
from tierline import reference

DOCS = Path(__file__).parents[2] / "docs"


def test_the_schema_is_fresh() -> None:
    published = json.loads((DOCS / reference.SCHEMA_FILE).read_text(encoding="utf-8"))
    assert published == json.loads(json.dumps(reference.schema())), "stale: run `make docs`"


def test_the_reference_is_fresh() -> None:
    assert (DOCS / reference.REFERENCE_FILE).read_text(encoding="utf-8") == reference.reference(), "run `make docs`"


def test_the_columns_of_an_export_are_fresh() -> None:
    assert (DOCS / reference.EXPORT_FILE).read_text(encoding="utf-8") == page(), "run `make docs`"


def test_the_metrics_are_fresh() -> None:
    assert (DOCS / reference.METRICS_FILE).read_text(encoding="utf-8") == metrics.page(built_in().values()), "make docs"


def test_the_schema_takes_what_is_right_and_refuses_what_is_wrong() -> None:
    validator = jsonschema.Draft202012Validator(reference.schema())
    right = """\
timezone: Europe/Berlin
sources:
  alerts: {type: alertmanager, url: http://h, interval: 5m, webhook_token: env:T}
rules: [{match: "*", tier: 1}]
"""
    assert list(validator.iter_errors(yaml.safe_load(right))) == []
    for wrong in ("profle: x", "sources: {a: {type: nosuch}}", "sources: {a: {type: alertmanager, ulr: x}}"):
        assert list(validator.iter_errors(yaml.safe_load(wrong))), wrong


def test_every_setting_says_what_it_does() -> None:
    from tierline.settings import Settings

    def silent(name: str, model: type) -> list[str]:
        fields = model.model_fields.items()  # type: ignore[attr-defined]
        inner = [hit for key, field in fields for one in reference.models_in(field.annotation)
                 for hit in silent(f"{name}.{key}", one)]  # fmt: skip
        return [f"{name}.{key}" for key, field in fields if not field.description] + inner

    assert silent("settings", Settings) == []


@pytest.mark.parametrize("name", ["tierline.yaml", "docker/tierline.yaml"])
def test_our_own_files_fit_the_schema(name: str) -> None:
    data = yaml.safe_load((DOCS.parent / "config" / name).read_text(encoding="utf-8"))
    assert list(jsonschema.Draft202012Validator(reference.schema()).iter_errors(data)) == []
