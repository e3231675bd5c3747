"""Every request of ours satisfies the vendor's own OpenAPI specification: prism (npm) validates each of them, in a pass
and in a check over the source's case. The answers are the case's, so that paging and follow-up requests are real."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from collectors.contract.case import Case, cases
from collectors.contract.standin import Asked, Reply
from collectors.contract.suite import findings
from collectors.contract.world import World

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "../shared/specs"
PRISM = Path(os.environ.get("PEERS_DIR") or ROOT / ".peers") / "prism/node_modules/.bin/prism"

pytestmark = pytest.mark.peer


@dataclass(frozen=True)
class Spec:
    """A specification and what of a source's requests it speaks of: those under ``prefix``, which it leaves away."""

    file: str
    prefix: str = ""
    only: str = "/"
    """Requests whose path begins so."""


SPEAKS = {
    "airflow": [
        Spec("airflow/airflow-3.3.2-rest-v2.full.yaml", only="/api/v2/"),
        Spec("airflow/airflow-3.3.2-simple-auth-manager.yaml", only="/auth/"),
    ],
    "airflow-two": [Spec("airflow/airflow-2.11.0-rest-v1.full.yaml", "/api/v1")],
    "alertmanager": [Spec("alertmanager/alertmanager-v2.openapi.yaml", "/api/v2")],
    "github": [Spec("github/api.github.com.subset.json", only="/repos/")],
    "jira": [Spec("jira-cloud/jira-platform-v3.subset.json", only="/rest/api/3/")],
    "airbyte": [Spec("airbyte/airbyte-api.subset.json", "/v1", "/v1/")],
}
"""Case -> the vendor's specifications. The others publish none under a licence that lets it be kept."""
LEFT_OUT = {
    "github": r"POST /graphql",
    "airbyte": r"POST /v1/applications/token",
}
"""Requests no kept specification speaks of: GraphQL, and what was cut from a specification."""
_OURS = re.compile(r'\{[^{}]*"location":\["request"[^{}]*\}')
"""Among the violations that prism tells in a header, those of the request; its own examples violate too."""
CASES = {case.name: case for case in cases(ROOT / "tests/golden") if case.name in SPEAKS}


@dataclass
class Validated:
    """Gives the case's answers, and puts every request before prism too."""

    prisms: dict[Spec, str]
    left_out: str
    valid: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __call__(self, number: int, asked: Asked, reply: Reply) -> Reply:
        spec = next((one for one in self.prisms if asked.path.startswith(one.only)), None)
        if reply.status == 401 or re.match(self.left_out, f"{asked.method} {asked.path}"):
            return reply
        if spec is None:
            self.refused.append(f"{asked}: no specification speaks of it")
        elif wrong := self._wrong(asked, self.prisms[spec] + asked.path.removeprefix(spec.prefix)):
            self.refused.append(f"{asked}: {wrong}")
        else:
            self.valid.append(str(asked))
        return reply

    def _wrong(self, asked: Asked, url: str) -> str:
        """What prism says against a request; nothing where it takes it."""
        headers = {name: value for name, value in asked.headers.items() if name not in ("Host", "Content-Length")}
        body = None if asked.body is None else json.dumps(asked.body)
        answer = requests.request(asked.method, url, params=asked.query, data=body, headers=headers, timeout=30)
        if answer.status_code in (400, 401, 404, 405, 415, 422) and "stoplight.io/prism/errors" in answer.text:
            return answer.text
        return "; ".join(_OURS.findall(answer.headers.get("sl-violations", "")))


@pytest.fixture
def prism(processes: Any, free_port: Callable[[], int], wait_until: Callable[..., None]) -> Callable[[Spec], str]:
    """A function starting prism on a specification; it gives its URL."""
    if not PRISM.is_file():
        missing = f"the peer needs prism: npm install --prefix {PRISM.parents[2]} @stoplight/prism-cli"
        (pytest.fail if os.environ.get("TIERLINE_PEERS_REQUIRED") == "1" else pytest.skip)(missing)

    def start(spec: Spec) -> str:
        port, name = free_port(), f"prism-{Path(spec.file).stem}"
        file = str((SPECS / spec.file).resolve())
        command = [str(PRISM), "mock", "--host", "127.0.0.1", "--port", str(port), "--errors", "--multiprocess=false"]
        process: subprocess.Popen[bytes] = processes.start(name, [*command, file])
        wait_until(lambda: process.poll() is not None or "is listening" in processes.log(name), f"{name} listens", 120)
        assert process.poll() is None, processes.log(name)
        return f"http://127.0.0.1:{port}"

    return start


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    if not SPECS.is_dir():
        pytest.skip("the vendors' specifications (../shared/specs) are not in a clone")
    yield CASES[request.param]


def test_every_request_satisfies_the_vendors_specification(
    case: Case, prism: Callable[[Spec], str], tmp_path: Path
) -> None:
    validated = Validated({spec: prism(spec) for spec in SPEAKS[case.name]}, LEFT_OUT.get(case.name, r"\0"))
    with World(case, tmp_path, validated, silence=60.0) as world:
        record = world.collect()
        assert record.ok, record.error
        assert findings(world)
    assert validated.refused == []
    assert len(validated.valid) >= 2


def test_prism_refuses_what_the_vendor_would(prism: Callable[[Spec], str]) -> None:
    if not SPECS.is_dir():
        pytest.skip("the vendors' specifications (../shared/specs) are not in a clone")
    spec = SPEAKS["alertmanager"][0]
    validated = Validated({spec: prism(spec)}, r"\0")
    whole = Reply(200)
    for path, query in (("/api/v2/alerts", {"active": ["perhaps"]}), ("/api/v2/nowhere", {}), ("/api/v2/alerts", {})):
        assert validated(1, Asked("GET", path, query, None, {}), whole) is whole
    assert len(validated.refused) == 2
    assert "Request query parameter active must be boolean" in validated.refused[0]
    assert "NO_PATH_MATCHED" in validated.refused[1]
    assert validated.valid == ["GET /api/v2/alerts"]
