# What people type. Each target says what it does; `make` alone lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that works; with only another one, say so and go on.
PYTHON := $(shell for p in python3.13 python3.12 python3.11; do $$p -c '' 2>/dev/null && echo $$p && exit; done; \
  echo "none of python3.13, python3.12, python3.11 is here: trying python3" >&2; echo python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKER := azure-functions-runtime==1.3.0

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

$(READY): requirements-dev.txt Makefile
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "the Python module venv is missing: install it, on Debian and Ubuntu with: apt-get install python3-venv" >&2; exit 1; }
	@echo "creating $(VENV) with $$($(PYTHON) --version) (once; about a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
# Microsoft's worker library says it needs 3.13; it runs on 3.11 and 3.12 as well, for tests only.
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --ignore-requires-python $(WORKER)
	@touch $(READY)

demo: $(READY) ## the main job end to end against the local Azure
	@$(BIN)/python -m tools.demo

test: $(READY) ## the tests, under five minutes
	@$(BIN)/python -m pytest -n auto -m "not exhaustive"

test-all: $(READY) ## the tests with the exhaustive matrices
	@$(BIN)/python -m pytest -n auto

check: $(READY) ## formatting, lint, types, import contracts, generated files
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m reconciler schema | diff - reconciler.schema.json \
	  || { echo "reconciler.schema.json is not what the code says: make schema" >&2; exit 1; }

schema: $(READY) ## write reconciler.schema.json anew
	@$(BIN)/python -m reconciler schema > reconciler.schema.json

# The Azure CLI lives in its own environment, beside the cache of other tools: 730 MB, about two minutes, once.
AZ := .cache/azure-cli
$(AZ)/.ready: tools/azure-cli.txt
	@echo "installing the Azure CLI into $(AZ) (once; about two minutes)"
	@$(PYTHON) -m venv --clear $(AZ)
	@$(AZ)/bin/python -m pip install -qq --disable-pip-version-check -r tools/azure-cli.txt
	@touch $@

test-az: $(READY) $(AZ)/.ready ## the Azure CLI against the simulator (REFRESH=1 writes docs/azure-cli.md anew)
	@AZURE_CLI=$(AZ)/bin/az REFRESH=$(REFRESH) $(BIN)/python -m pytest tests/az

mutate: $(READY) ## break the code in each way of tests/mutations and see the tests notice
	@$(BIN)/python -m tools.mutate

bench: $(READY) ## the benchmarks
	@$(BIN)/python -m tools.bench

local: $(READY) ## the simulator and the function app's triggers, to try by hand
	@$(BIN)/python -m tools.local

lock: $(READY) ## pin the dependencies anew
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -c requirements.txt -o requirements-dev.txt

.PHONY: help demo test test-all test-az check schema mutate bench local lock
