"""Where indicators are read: each DataSource of type Prometheus is a source of tierline.yaml."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dashboards.openslo.documents import Document, Documents, Part
from dashboards.openslo.indicators import Source
from dashboards.openslo.losses import HIDDEN, Kind, Ledger, Refused

NOWHERE = "http://prometheus:9090"
"""Stands for an address that no document names."""
SECRETS = "name credentials in tierline.yaml, as env:NAME or file:/path"
_ADDRESS = ("url", "URL", "address", "endpoint", "server")


class Connections:
    """The sources that were named, as tierline.yaml has them, and the DataSources they come from."""

    def __init__(self, documents: Documents, ledger: Ledger) -> None:
        self._documents, self._ledger = documents, ledger
        self.sources: dict[str, dict[str, Any]] = {}
        self.used: set[str] = set()
        """Titles of the DataSources that were taken."""

    def source(self, holder: Document, metric: Part) -> Source:
        """Where a metric is read, and its query. Raises Refused for what is not Prometheus."""
        ref, kind = metric.value("metricSourceRef"), metric.value("type")
        found = self._documents.find("DataSource", str(ref)) if ref else None
        if found is not None:
            kind = found.root.part("spec").value("type")
        if kind is None:
            raise Refused(metric.at("metricSourceRef"), ref, "no such DataSource stands in the files; give its file")
        if str(kind).lower() != "prometheus":
            raise Refused(metric.at("type"), kind, f"{kind} is not read; only Prometheus (or what speaks its API) is")
        spec = metric.part("spec")
        query = spec.value("query")
        if not isinstance(query, str) or not query.strip():
            raise Refused(spec.at("query"), query, "is needed: an expression in PromQL")
        name = named(str(ref)) if ref else "prometheus"
        if name not in self.sources:
            self.sources[name] = {"type": "prometheus", "url": self._address(holder, metric, found)}
        self.used |= {found.title} if found else set()
        return Source(name, query, spec.at("query"))

    def _address(self, holder: Document, metric: Part, found: Document | None) -> str:
        details = found.root.part("spec").part("connectionDetails") if found else Part({}, metric.path)
        holder = found or holder
        key = next((key for key in _ADDRESS if details.has(key)), None)
        if key is None:
            self._tell(holder, details.at("url"), None, f"no address is told: {NOWHERE} stands there; correct it")
            return NOWHERE
        address = str(details.value(key)).strip()
        taken = bare(address)
        if taken is None:
            self._tell(holder, details.at(key), HIDDEN, f"is no address: {NOWHERE} stands there; correct it")
            return NOWHERE
        if taken != address:
            why = f"the address is taken without user, password, query and fragment; {SECRETS}"
            self._tell(holder, details.at(key), HIDDEN, why)
        return taken

    def _tell(self, holder: Document, path: str, value: Any, instead: str) -> None:
        kind: Kind = "changed"
        self._ledger.add(holder.file, holder.title, path, value, kind, instead)


def bare(address: str) -> str | None:
    """An address without what may hold a secret: user and password, query, fragment. None where it is none, as one
    whose password has a sign that ends the host's part."""
    slashes = "" if "//" in address else "//"
    try:
        parts = urlsplit(slashes + address)
        sound = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number
        return None
    if not sound or "@" in parts.path + parts.query + parts.fragment:
        return None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")).removeprefix(slashes)


def named(text: str) -> str:
    """A name as tierline.yaml takes it for a source."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "prometheus"
