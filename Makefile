# Everything lives in .venv; nothing else of the machine is touched. Needs Python 3.11 or newer, and make.

PYTHON ?= $(firstword $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python; done))
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help run test lint docs bench clean

help:
	@echo "make run    set everything up and show the demo platform on http://127.0.0.1:8050 (TIERLINE_PORT changes the port)"
	@echo "make test   set everything up and run the tests that need nothing but Python"
	@echo "make lint   ruff and mypy        make docs   references, JSON Schemas, Grafana's dashboards        make bench  measure"

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Tierline needs Python 3.11 or newer: none found; name one with make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $(READY)

run: $(READY)
	@$(BIN)/tierline demo

test: $(READY)
	@$(BIN)/python -m pytest -n auto --dist loadgroup -m "not peer and not kill and not full and not newcomer"

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check tierline && $(BIN)/mypy slo collectors dashboards tierline

docs: $(READY)
	@$(BIN)/python -m tierline.reference && $(BIN)/python -m dashboards.grafana

bench: $(READY)
	@$(BIN)/python -m bench

clean:
	rm -rf .venv
