# Two commands are all a newcomer needs: `make demo` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help demo test lint types unit test-vbox test-boot bench clean
SHELL := /bin/bash

# The first Python that labkit runs on; `make PYTHON=python3.13 test` takes another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& { echo $$python; break; }; done)
VENV := .venv
BIN := $(VENV)/bin

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/core ## Bring 6J up on the pretend computer and show it: no VirtualBox needed
	$(BIN)/labkit up 6J --on sim
	$(BIN)/labkit status 6J --on sim
	@echo
	@echo "That was the pretend computer. Again on your own: $(BIN)/labkit --help"
	@echo "To remove it: $(BIN)/labkit down 6J --on sim"

test: lint types unit ## Lint, types and tests

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

unit: $(VENV)/dev $(VENV)/clients
	$(BIN)/pytest -q

test-vbox: ## The contract tests on VirtualBox's own VBoxSVC (Debian or Ubuntu, as root)
	tests/rig/run

test-boot: ## labkit's medium and first-boot hook, booted (Debian or Ubuntu, as root)
	tests/boot/run

bench: $(VENV)/dev ## What labkit costs beside the plainest way to do the same (in part as root)
	$(BIN)/python -m tests.bench.run commands xapi
	tests/rig/run -- python -m tests.bench.run machines media

clean: ## Remove what make made here
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/core: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev: pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/core

# Clients others wrote, which the tests of the simulator let loose on it.
$(VENV)/clients: tests/sim/clients/install.py | $(VENV)/dev
	$(BIN)/python tests/sim/clients/install.py
	@touch $@

# Debian and Ubuntu ship Python without its own venv: install that, where one may.
$(VENV)/bin/pip:
	@if [ -z "$(PYTHON)" ]; then \
		echo "labkit needs Python 3.11 to 3.14; install one, then run make again." >&2; exit 3; fi
	@if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
		sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		if command -v apt-get >/dev/null && { [ -z "$$sudo" ] || command -v sudo >/dev/null; }; then \
			$$sudo apt-get update -qq && $$sudo apt-get install -y -qq python3-venv; \
		else \
			echo "This Python has no venv: install its python3-venv package, then run make again." >&2; \
			exit 3; \
		fi; fi
	$(PYTHON) -m venv $(VENV)
