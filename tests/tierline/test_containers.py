"""docker-compose.yml, as data: what it opens, to whom, and that it shows the listeners right."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.rules import Asked, files
from dashboards.rules.files import ROUTE, RULES
from tierline.config import load

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VARIABLES = {"TIERLINE_WEB_TOKEN": "a", "TIERLINE_DB_PASSWORD": "b", "GRAFANA_ADMIN_PASSWORD": "c"}


def test_the_services() -> None:
    assert set(SERVICES) == {"tierline", "postgres", "prometheus", "alertmanager", "grafana"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_careful(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] not in ("root", "0", 0)
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_the_database_is_reached_by_tierline_alone() -> None:
    assert [name for name, service in SERVICES.items() if "store" in service["networks"]] == ["tierline", "postgres"]
    assert "ports" not in SERVICES["postgres"] and COMPOSE["networks"]["store"]["internal"] is True


def test_no_secret_stands_in_it() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|TOKEN|STORE", name):
                assert re.search(r"\$\{\w+:\?[^}]+\}", value), name


def test_every_mounted_file_is_there() -> None:
    mounts = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    files = [mount.partition(":")[0] for mount in mounts if mount.startswith("./")]
    assert len(files) == 6 and all((ROOT / file).exists() for file in files)


def test_tierline_in_the_container_asks_who_comes() -> None:
    environ = {"TIERLINE_STORE": "sqlite:///x.db", "TIERLINE_WEB_TOKEN": "abc"}
    settings = load(str(ROOT / "config" / "docker" / "tierline.yaml"), environ).settings
    assert (settings.web.host, settings.web.authenticated, settings.ops.open) == ("0.0.0.0", True, True)
    scraped = yaml.safe_load((ROOT / "config" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"][0]
    assert scraped["static_configs"] == [{"targets": [f"tierline:{settings.ops_port}"]}]
    assert SERVICES["tierline"]["ports"] == [f"127.0.0.1:{settings.web.port}:{settings.web.port}"]
    datasource = yaml.safe_load((ROOT / "config/grafana/provisioning/datasources/prometheus.yaml").read_text())
    assert datasource["datasources"][0]["url"] == "http://prometheus:9090"


def test_prometheus_reads_the_rules_of_tierline_and_tells_alertmanager() -> None:
    """The rules are as `tierline rules` writes them for this place."""
    shipped = (ROOT / "config/prometheus/tierline.rules.yaml").read_text(encoding="utf-8")
    assert shipped == files(Asked("http://127.0.0.1:8050", "tierline"))[RULES], (
        "stale: tierline rules --job tierline --page http://127.0.0.1:8050 > config/prometheus/tierline.rules.yaml"
    )
    read = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text())
    assert read["rule_files"] == ["tierline.rules.yaml"]
    assert read["scrape_configs"][0]["job_name"] == "tierline"
    told = read["alerting"]["alertmanagers"][0]["static_configs"]
    assert told == [{"targets": ["alertmanager:9093"]}]
    assert SERVICES["alertmanager"]["ports"] == ["127.0.0.1:9093:9093"]


def test_alertmanager_routes_as_tierline_rules_writes_it() -> None:
    """Receivers aside, which are for people to fill in."""
    shipped = yaml.safe_load((ROOT / "config/alertmanager/alertmanager.yml").read_text())
    written = yaml.safe_load(files(Asked("http://127.0.0.1:8050", "tierline"))[ROUTE])
    assert {name: shipped[name] for name in ("route", "inhibit_rules")} == {
        name: written[name] for name in ("route", "inhibit_rules")
    }


def test_grafana_finds_the_dashboards_and_their_data() -> None:
    provider = yaml.safe_load((ROOT / "config/grafana/provisioning/dashboards/tierline.yaml").read_text())
    path = provider["providers"][0]["options"]["path"]
    assert f"./config/grafana/dashboards:{path}:ro" in SERVICES["grafana"]["volumes"]
    assert len(list((ROOT / "config/grafana/dashboards").glob("*.json"))) == 3


def test_docker_compose_takes_it() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed here")
    command = [docker, "compose", "config", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **VARIABLES}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
