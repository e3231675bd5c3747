"""tierline init as a newcomer runs it: a URL and a variable's name, against the demo's Airflow; what is refused, what
is written, what is asked on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slo.errors import ConfigError
from tierline.cli import run
from tierline.demo.servers.airflow import TOKEN, AirflowSite
from tierline.demo.servers.base import Server
from tierline.demo.world import World
from tierline.init.wanted import reference

Capture = pytest.CaptureFixture[str]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A small Airflow of the demo's."""
    server = Server(AirflowSite(World(now(), pipelines=16, datasets=24, days=16), now))
    yield server.url
    server.stop()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a token in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("TIERLINE_STORE", "TIERLINE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AIRFLOW_TOKEN", TOKEN)
    return tmp_path


def test_one_url_and_one_name_are_enough(url: str, folder: Path, capsys: Capture) -> None:
    assert run(["init", url, "--token", "env:AIRFLOW_TOKEN", "--timezone", "Europe/Berlin"]) == 0
    shown = capsys.readouterr()
    text = (folder / "tierline.yaml").read_text()
    assert text.endswith(
        f"timezone: Europe/Berlin\n\nsources:\n  airflow:\n    type: airflow\n    url: {url}\n"
        "    token: env:AIRFLOW_TOKEN\n"
    )
    assert "Apache Airflow" in shown.err and "● works  version: 3.3.2" in shown.err
    assert "pipeline_success_rate" in shown.out and "not set up" not in shown.out
    assert TOKEN not in shown.err + shown.out + text


def test_the_newest_week_is_read_and_history_goes_on_from_there(url: str, folder: Path, capsys: Capture) -> None:
    assert run(["init", url, "--token", "AIRFLOW_TOKEN", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["source"], told["file"], told["collected"]["ok"]) == ("airflow", "tierline.yaml", True)
    assert told["collected"]["facts"] > 100
    assert run(["facts", "export", "run"]) == 0
    due = [json.loads(line)["due_at"] for line in capsys.readouterr().out.splitlines() if '"due_at"' in line]
    week = sorted(datetime.fromisoformat(one) for one in due)
    assert timedelta(days=7) < now() - week[0] < timedelta(days=7, hours=26), "a week, and the longest day before it"
    assert run(["collect"]) == 0
    capsys.readouterr()
    assert run(["facts", "export", "run"]) == 0
    due = [json.loads(line)["due_at"] for line in capsys.readouterr().out.splitlines() if '"due_at"' in line]
    assert min(datetime.fromisoformat(one) for one in due) < week[0]


def test_a_second_one_is_added_and_the_first_stays(url: str, folder: Path, capsys: Capture) -> None:
    before = "# ours\nsources:\n  alerts: {type: alertmanager}  # webhook only\n\nmature: true\n"
    (folder / "tierline.yaml").write_text(before)
    assert run(["init", url, "--token", "env:AIRFLOW_TOKEN", "--name", "dags", "--set", "exclude=[a_*]"]) == 0
    assert (folder / "tierline.yaml").read_text() == (
        "# ours\nsources:\n  alerts: {type: alertmanager}  # webhook only\n"
        f"  dags:\n    type: airflow\n    url: {url}\n    exclude:\n    - a_*\n    token: env:AIRFLOW_TOKEN\n"
        "\nmature: true\n"
    )
    before = (folder / "tierline.yaml").read_text()
    assert run(["init", url, "--token", "env:AIRFLOW_TOKEN", "--set", "exclude=[a_*]"]) == 0
    assert "tierline.yaml has it already, as dags" in capsys.readouterr().err
    assert run(["init", url, "--token", "env:AIRFLOW_TOKEN", "--set", "exclude=[b_*]"]) == 2
    assert "dags reads this already, with other settings; change it there" in capsys.readouterr().err
    assert (folder / "tierline.yaml").read_text() == before


def test_nothing_is_written_where_the_rights_are_missing(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("AIRFLOW_TOKEN", "canary-of-another-airflow")
    assert run(["init", url, "--token", "env:AIRFLOW_TOKEN"]) == 1
    told = capsys.readouterr().err
    assert "▲ fails  signing in: DAGs:" in told and "HTTP 403" in told and "nothing was written" in told
    assert told.count("▲") == 1 and "The credentials are refused" in told
    assert told.count("Rights it needs:") == 1
    assert "canary" not in told and list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name an address (tierline init https://airflow.example.com), or a kind with --type"),
        (["."], "no system is recognised here; say which with --type: airbyte, airflow"),
        (["nosuch-folder"], "nosuch-folder: there is no such file or folder; correct it, or write https:// before"),
        (["--type", "nosuch"], "'nosuch' is not a source"),
        (["https://me:hunter2@airflow.example"], "the address holds a user or password"),
        (["--type", "airflow", "{url}"], "airflow: give either a token, or username and password"),
        (["--type", "airflow", "{url}"], "export AIRFLOW_TOKEN=..., then --token env:AIRFLOW_TOKEN"),
        (["--type", "postgres"], "dsn: missing; add --set dsn=... (postgresql://"),
        (["{url}", "--token", "hunter2hunter2"], "token: expected the name of an environment variable"),
        (["{url}", "--token", "env:AIRFLOW_TOKEN", "--set", "dagz=x"], "dagz: unknown setting; did you mean `dags`?"),
        (["{url}", "--set", "dags"], "--set: write NAME=VALUE"),
        (["{url}", "--token", "env:NOT_SET_HERE"], "the environment variable NOT_SET_HERE is not set here"),
        (["{url}", "--timezone", "Berlin", "--token", "env:AIRFLOW_TOKEN"], "--timezone Berlin: no such time zone"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    url: str, folder: Path, arguments: list[str], words: str, capsys: Capture
) -> None:
    assert run(["init", *(one.replace("{url}", url) for one in arguments)]) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert "hunter2" not in shown.err and shown.out == "" and list(folder.iterdir()) == []


def test_a_wrong_setting_says_nothing_of_secrets(folder: Path, capsys: Capture) -> None:
    assert run(["init", "--type", "dbt", "--set", "path=.", "--set", "runs=nosuch"]) == 2
    assert capsys.readouterr().err.splitlines()[1:] == [
        "error: runs: 'nosuch': input should be 'invocations', 'nodes' or 'none'",
        "error: `tierline plugins dbt` says what each setting is",
    ]


def test_a_file_that_is_wrong_is_said_before_anything_else(url: str, folder: Path, capsys: Capture) -> None:
    (folder / "tierline.yaml").write_text("profle: x\n")
    assert run(["init", url, "--token", "env:AIRFLOW_TOKEN"]) == 2
    assert "tierline.yaml:1: profle: unknown setting; did you mean `profile`?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "expected"),
    [("env:A_1", "env:A_1"), ("A_1", "env:A_1"), ("file:/run/secrets/x", "file:/run/secrets/x")],
)
def test_a_secret_is_named(text: str, expected: str) -> None:
    assert reference("token", text, {"A_1": "x"}, "X_TOKEN") == expected


@pytest.mark.parametrize(
    "text", ["ghp_16C7e42F292c69", "AKIAIOSFODNN7EXAMPLE", "env:ghp_16C7e42F292c69", "file:", "", "x y"]
)
def test_what_may_be_the_secret_itself_is_never_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        reference("token", text, {"A_1": "x"}, "X_TOKEN")
    assert "export X_TOKEN=..." in str(caught.value)
    assert len(text) < 6 or text.rpartition(":")[2] not in str(caught.value)


def test_on_a_terminal_it_asks_for_the_variables_name(url: str, folder: Path) -> None:
    """Address, variable, time zone; what is answered wrongly is asked again, and no secret is asked for."""
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "tierline", "init", "--no-serve"]
    process = subprocess.Popen(command, stdin=inner, stdout=subprocess.PIPE, stderr=inner, env={**os.environ})
    os.write(outer, f"{url}\nhunter2hunter2\nAIRFLOW_TOKEN\nEurope/Berlin\n".encode())
    out = process.communicate(timeout=120)[0].decode()
    os.close(inner)
    told = os.read(outer, 65_536).decode()
    os.close(outer)
    assert process.returncode == 0
    assert "Name the variable that holds it, such as AIRFLOW_TOKEN; never the value." in told
    assert "error: token: expected the name of an environment variable" in told
    assert "pipeline_success_rate" in out
    assert (folder / "tierline.yaml").read_text().endswith("    token: env:AIRFLOW_TOKEN\n")
