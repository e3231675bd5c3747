"""Jira's stand-in lies beside its tests: tests are no package."""

import sys
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parent))

from jira_site import JiraSite


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> JiraSite:
    """No request of this test reaches a network."""
    made = JiraSite()
    monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: made)
    return made
