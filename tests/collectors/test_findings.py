"""A capability tried out: what works, the missing right, any other error."""

from __future__ import annotations

import pytest

from collectors.base import Finding
from collectors.findings import finding
from slo.errors import PermissionMissing, RetriableError, SourceError


def raising(error: SourceError) -> str:
    raise error


@pytest.mark.parametrize(("error", "expected"), [
    (PermissionMissing("u: HTTP 403, no. This needs: the role R"),
     Finding(False, "jobs: u: HTTP 403, no", "the role R")),
    (PermissionMissing("u: HTTP 401, no"), Finding(False, "jobs: u: HTTP 401, no", "the role R")),
    (RetriableError("u: no connection. Check the host."), Finding(False, "jobs: u: no connection. Check the host.")),
])  # fmt: skip
def test_the_right_is_the_remedy_only_where_it_is_missing(error: SourceError, expected: Finding) -> None:
    assert finding("jobs", lambda: raising(error), "the role R") == expected


def test_what_works_is_said() -> None:
    assert finding("jobs", lambda: "3 read", "the role R") == Finding(True, "jobs: 3 read")
