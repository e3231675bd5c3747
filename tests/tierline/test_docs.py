"""What the README and the indexes promise is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from collectors import registry
from tierline.config import load

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_source_is_in_the_table() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)
    assert sorted(listed) == registry.names()


def test_the_five_lines_of_yaml_work(tmp_path: Path) -> None:
    text = README.split("```yaml\n")[1].split("```")[0]
    assert len(text.strip().splitlines()) == 5
    (tmp_path / "tierline.yaml").write_text(text)
    (source,) = load(str(tmp_path / "tierline.yaml"), {"AIRFLOW_TOKEN": "abc"}).configured
    assert (source.name, source.plugin.plugin) == ("airflow-prod", "airflow")


def test_the_scrape_config_is_yaml() -> None:
    text = README.split("```yaml\n")[2].split("```")[0]
    assert yaml.safe_load(text)["scrape_configs"][0]["static_configs"] == [{"targets": ["127.0.0.1:8051"]}]


@pytest.mark.parametrize("page", ["README.md", "docs/decisions/README.md", "docs/architecture.md", "CHANGELOG.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    missing = [link for link in targets if not ((ROOT / page).parent / link).exists()]
    assert [link for link in missing if link != "docs/overview.png"] == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("*.md")} - {"README.md"}
