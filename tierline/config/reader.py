"""One reading of one document: validated as a whole, its secrets followed, every problem gathered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from collectors import registry
from collectors.secrets import star, star_settings
from collectors.spans import span
from slo.errors import ConfigError, StoreError
from slo.measure import Ratio
from slo.own import Declaration
from slo.shelf import shelf
from tierline.assets.critical import Critical, problems_of
from tierline.config.own import QUERIES, queries_of, read_own, without_source
from tierline.config.valid import RESERVED, Config, Configured
from tierline.settings import Settings, secrets
from tierline.settings.problems import Problem, SettingsError, did_you_mean, of_validation, path_text
from tierline.settings.yamlfile import Document, Place

M = TypeVar("M", bound=BaseModel)

_PASSWORD = re.compile(r"://[^/\s:@]*:([^@/\s]+)@")


class Reader:
    """One reading of one document, gathering problems as it goes."""

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self.document = document
        self.environ = environ
        self.own: list[Declaration] = []
        self.absent: list[Problem] = []
        self.problems = [self._problem(place, "stands twice", "keep one of them") for place in document.repeated]

    def config(self, path: Path | None) -> Config:
        settings = self._settings()
        self.own = [] if settings is None else read_own(settings.kpis, path)
        configured = self._sources()
        self.problems += without_source(self.own, self.document.data.get("sources") or {})
        critical = self._critical(settings, path)
        if settings is not None:
            self._kpis(("ops", "metrics", "assets"), settings.ops.metrics.assets, shelf(), "is no KPI")
            ratios = (kpi.id for kpi in shelf().values() if kpi.measure is Ratio)
            self._kpis(("alerts", "budgets"), settings.alerts.budgets, ratios, "is no KPI with an error budget")
        if self.problems or settings is None:
            raise SettingsError(self.problems + self.absent)
        return Config(settings, path, tuple(configured), critical, tuple(self.own), tuple(self.absent))

    def _kpis(self, place: Place, named: Iterable[str], shelved: Iterable[str], fault: str) -> None:
        """KPIs that the settings name must be there, on the shelf or in a file of one's own."""
        known = [*shelved, *(one.id for one in self.own)]
        for at, name in enumerate(named):
            if name not in known:
                self._report((*place, at), f"{name!r} {fault}", did_you_mean(name, known, "there are"))

    def _critical(self, settings: Settings | None, path: Path | None) -> Critical | None:
        """The file of critical names, which stands beside this one."""
        if settings is None or settings.critical is None:
            return None
        read, problems = problems_of((path or Path()).parent / settings.critical)
        self.problems += problems
        return read

    def _problem(self, place: Place, message: str, remedy: str) -> Problem:
        return Problem(self.document.name, self.document.line(place), path_text(place), message, remedy)

    def _report(self, place: Place, message: str, remedy: str) -> None:
        self.problems.append(self._problem(place, message, remedy))

    def _refused(self, place: Place, error: ValueError) -> None:
        message, _, remedy = str(error).partition("; ")
        self._report(place, message, remedy)

    def _unresolved(self, place: Place, error: ValueError) -> None:
        """What is wrong with a source's secret: only that it is absent may wait until somebody wants to read it."""
        if isinstance(error, secrets.Absent):
            message, _, remedy = str(error).partition("; ")
            self.absent.append(self._problem(place, message, remedy))
        else:
            self._refused(place, error)

    def _settings(self) -> Settings | None:
        # The store may be a reference or a plain URL, and the sources are judged by their own models.
        data = {key: value for key, value in self.document.data.items() if key not in ("sources", "store")}
        settings = self._validate(Settings, self._overridden(data), ())
        store = self._store()
        if settings is None:
            return None
        settings = secrets.resolve(settings, self.environ, self._refused)
        return settings.model_copy(update={"store": store})

    def _overridden(self, data: dict[str, Any]) -> dict[str, Any]:
        web = data.get("web") or {}
        if "TIERLINE_PORT" in self.environ and isinstance(web, dict):
            data["web"] = {**web, "port": self.environ["TIERLINE_PORT"]}
        return data

    def _store(self) -> str:
        """The store's URL; a password is only taken from a reference or from TIERLINE_STORE."""
        if "TIERLINE_STORE" in self.environ:
            return self._url(self.environ["TIERLINE_STORE"], from_environment=True)
        text = self.document.data.get("store", Settings.model_fields["store"].default)
        if not isinstance(text, str):
            self._report(("store",), f"{text!r} is no URL", "write one such as sqlite:///var/tierline.db")
        elif text.startswith(("env:", "file:")):
            try:
                return self._url(secrets.follow(text, self.environ))
            except ValueError as error:
                self._refused(("store",), error)
        elif _PASSWORD.search(text):
            self._report(("store",), "a password stands here in clear", "write `env:NAME` and keep the URL there")
        else:
            return self._url(text)
        return str(text)

    def _url(self, text: str, from_environment: bool = False) -> str:
        """The URL as it is; what is wrong with it is reported, its password starred."""
        from slo.store.connection import parse_url

        try:
            parse_url(text)
        except StoreError as error:
            message, _, remedy = str(error).removeprefix("store: ").partition("; ")
            problem = self._problem(("store",), message, remedy)
            in_environment = Problem("TIERLINE_STORE", 0, "store", message, remedy)
            self.problems.append(in_environment if from_environment else problem)
        star(*(match[1] for match in _PASSWORD.finditer(text)))
        return text

    def _validate(self, model: type[M], data: Any, place: Place) -> M | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.problems += of_validation(error, model, self.document, place)
            return None

    def _sources(self) -> list[Configured]:
        listed = self.document.data.get("sources") or {}
        if not isinstance(listed, dict):
            self._report(("sources",), "expected `name:` lines", "write a name of yours, under it type and settings")
            return []
        configured = [self._source(name, data) for name, data in listed.items()]
        return [one for one in configured if one is not None]

    def _source(self, name: str, data: Any) -> Configured | None:
        place = ("sources", name)
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) or name in RESERVED:
            self._report(place, f"{name!r} cannot name a source", "use letters, digits, - _ . and no reserved name")
        kind = data.get("type") if isinstance(data, dict) else None
        if not isinstance(kind, str):
            self._report((*place, "type"), "missing", f"add `type:` with one of {', '.join(registry.names())}")
            return None
        if kind not in registry.names():
            remedy = did_you_mean(kind, registry.names(), "there are")
            self._report((*place, "type"), f"{kind!r} is no kind of source", remedy)
            return None
        return self._configured(name, kind, {key: value for key, value in data.items() if key != "type"})

    def _configured(self, name: str, kind: str, data: dict[str, Any]) -> Configured | None:
        place = ("sources", name)
        try:
            plugin = registry.plugin(kind)
        except ConfigError as error:
            self._report((*place, "type"), str(error), "")
            return None
        if QUERIES in plugin.Settings.model_fields:
            data = {**data, QUERIES: [*data.get(QUERIES, ()), *queries_of(self.own, name)]}
        settings = self._validate(plugin.Settings, _spans(plugin.Settings, data), place)
        if settings is None:
            return None
        settings = secrets.resolve(settings, self.environ, self._unresolved, place)
        star_settings(settings)
        return Configured(name, plugin, settings)


def _spans(model: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    """``5m`` and the like made time spans, where the source's model expects one."""
    spans = {name for name, field in model.model_fields.items() if "timedelta" in repr(field.annotation)}
    return {key: span(value) if key in spans else value for key, value in data.items()}
