# `make sandbox` and `make test` are all that a newcomer needs; each sets up what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SYNAPSE := .venv-synapse
BENCH := .venv-bench
TEST_ARGS ?=
SECONDS ?= 600
SOAK_ARGS ?=
BENCH_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help sandbox test soak mutants synapse bench check clean

help:
	@echo "make sandbox   try Recall in a practice world of its own (no Slack needed)"
	@echo "make test      run all tests"
	@echo "make soak      2,000 simulated stories, the bot killed at every point, then at random for SECONDS=600"
	@echo "make mutants   see that deliberate faults in the code are noticed by tests"
	@echo "make synapse   a real Matrix homeserver for the tests that want one"
	@echo "make bench     measure everything and renew docs/performance.md (QUICK=1: smaller, only prints)"
	@echo "make check     ruff, mypy --strict and the arrows between the rooms"
	@echo "make clean     remove what the other targets made"

sandbox: $(VENV)/.ready
	@$(BIN)/python app.py sandbox

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n auto $(TEST_ARGS)

soak: $(VENV)/.ready-dev
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest tests/simulation/test_machine.py --timeout 0 -q
	$(BIN)/python -m tests.crash.soak --all --seconds $(SECONDS) $(SOAK_ARGS)

mutants: $(VENV)/.ready-dev
	$(BIN)/python -m tests.mutants

synapse: $(SYNAPSE)/.ready

bench: $(BENCH)/.ready
	$(BENCH)/bin/python -m bench $(if $(QUICK),--quick) $(BENCH_ARGS)

check: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

clean:
	rm -rf $(VENV) $(SYNAPSE) $(BENCH) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment is made again only when the pinned requirements changed.
$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Recall needs Python 3.11 or newer. On Debian: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Recall needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing. On Debian: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(VENV)/.ready $@

# Synapse wants other versions than Recall does, so it has an environment of its own.
$(SYNAPSE)/.ready: requirements-synapse.txt | $(VENV)/bin/python
	$(PYTHON) -m venv $(SYNAPSE)
	$(SYNAPSE)/bin/pip install --quiet --disable-pip-version-check -r requirements-synapse.txt
	@touch $@

# What people would use instead of Recall's engine is measured in an environment of its own.
$(BENCH)/.ready: requirements-bench.txt requirements.txt | $(VENV)/bin/python
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@
