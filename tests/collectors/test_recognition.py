"""Whose address is it? By its looks, by what it answers to anybody, and the word where nobody answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from collectors.recognition import recognise
from slo.errors import RetriableError


@contextmanager
def answering(answers: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """A server that answers these paths, any other with 404; its URL and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write((body or "{}").encode())

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/api/v2/monitor/health", '{"metadatabase": {"status": "healthy"}}', "airflow"),
        ("/api/v1/health", '{"metadatabase": {"status": "healthy"}}', "airflow"),
        ("/api/v2/status", '{"cluster": {}, "versionInfo": {"version": "0.25.0"}}', "alertmanager"),
        ("/api/v1/status/buildinfo", '{"status":"success","data":{"version":"2.42.0"}}', "prometheus"),
    ],
)
def test_a_system_is_known_by_its_answer(path: str, body: str, kind: str) -> None:
    with answering({path: body}) as (url, _):
        (guess,) = recognise(url + "/")
        assert (guess.plugin.plugin, guess.settings) == (kind, {"url": url})


def test_a_path_before_the_api_belongs_to_the_address() -> None:
    with answering({"/air/api/v1/health": '{"metadatabase": {}}'}) as (url, _):
        (guess,) = recognise(f"{url}/air")
        assert guess.settings == {"url": f"{url}/air"}


def test_another_web_site_is_nobodys() -> None:
    with answering({"/api/v2/status": "<html>metadatabase</html>"}) as (url, asked):
        assert recognise(url) == []
        assert len(asked) == len(set(asked)) > 2


def test_an_address_that_answers_nobody_is_said() -> None:
    with answering({}) as (url, _):
        pass
    with pytest.raises(RetriableError, match=r"no connection .*Check the host, the port and the network"):
        recognise(url)


def test_a_repository_is_known_by_its_looks(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (guess,) = recognise(str(tmp_path))
    assert (guess.plugin.plugin, guess.settings) == ("git", {"path": str(tmp_path)})


@pytest.mark.parametrize(
    ("place", "kind", "settings"),
    [
        ("https://acme.atlassian.net/jira/boards", "jira", {"url": "https://acme.atlassian.net"}),
        ("https://github.com/acme/dbt.git", "github", {"repositories": ["acme/dbt"]}),
        ("https://acme.pagerduty.com/incidents", "pagerduty", {"url": "https://api.pagerduty.com"}),
    ],
)
def test_a_vendors_address_is_known_without_asking(place: str, kind: str, settings: dict[str, object]) -> None:
    (guess,) = recognise(place)
    assert (guess.plugin.plugin, guess.settings) == (kind, settings)


@pytest.mark.parametrize("file", ["manifest.json", "run_results.json", "monday/manifest.json"])
def test_a_target_folder_of_dbt_is_known_by_its_artifacts(tmp_path: Path, file: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("{}")
    (guess,) = recognise(str(tmp_path))
    assert (guess.plugin.plugin, guess.settings) == ("dbt", {"path": str(tmp_path)})


def test_an_empty_folder_is_nobodys(tmp_path: Path) -> None:
    assert recognise(str(tmp_path)) == []
