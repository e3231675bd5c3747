"""GitHub's stand-in lies beside its tests: tests are no package."""

import sys
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parent))

from github_hub import Hub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    """No request of this test reaches a network."""
    made = Hub()
    monkeypatch.setattr(requests.Session, "get_adapter", lambda self, url: made)
    return made
