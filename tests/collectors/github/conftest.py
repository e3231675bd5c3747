"""GitHub's stand-in answers instead of a network."""

import pytest
import requests

from tests.collectors.github.github_hub import Hub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    """No request of this test reaches a network."""
    made = Hub()
    monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: made)
    return made
