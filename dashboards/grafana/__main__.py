"""Writes config/grafana/dashboards/*.json."""

from pathlib import Path

from dashboards.grafana.files import files

FOLDER = Path(__file__).resolve().parents[2] / "config" / "grafana" / "dashboards"

if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
