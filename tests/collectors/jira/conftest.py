"""Jira's stand-in answers instead of a network."""

import pytest
import requests

from tests.collectors.jira.jira_site import JiraSite


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> JiraSite:
    """No request of this test reaches a network."""
    made = JiraSite()
    monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: made)
    return made
