# make run    the demo company in your browser          make test   everything CI runs
# make check  linters, types, import contracts, French  make fix    what a linter can mend by itself
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
DATA := ../shared/data
TEST_VAR := $(CURDIR)/var/test
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help models run up test unit server-sqlite server-postgres pages browser check fix test-slow bench screenshots packages packages-slow clean

help:
	@sed -n '1,2p' Makefile | sed 's/^# //'

.venv/python:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is missing: sudo apt install python3 python3-venv"; exit 1; fi
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Virtual environments are missing: sudo apt install python3-venv"; exit 1; }
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: constraints.txt pyproject.toml | .venv/python
	@echo "Installing $$(grep -c == constraints.txt) packages (about a minute) …"
	@$(BIN)/python -m pip install -qq --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@echo "Compiling the matching kernels (ten seconds, once) …"
	@$(BIN)/python -m vigie.match.warm
	@$(BIN)/python -m vigie.enrich.warm
	@touch $@

.venv/developed: constraints-dev.txt .venv/installed
	@echo "Installing what tests need …"
	@$(BIN)/python -m pip install -qq --require-hashes -r constraints-dev.txt
	@touch $@

run: .venv/installed  ## The demo company, on 127.0.0.1:8765.
	@$(BIN)/vigie demo

up: .venv/installed  ## Your own company.
	@$(BIN)/vigie up

packages:
	@$(SHELL) .ci/packages

packages-slow:
	@$(SHELL) .ci/packages slow

test: packages .venv/developed
	@$(SHELL) .ci/groups

check: .venv/developed
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	VIGIE_VAR=$(TEST_VAR) $(BIN)/python -m vigie.web.i18n check

fix: .venv/developed
	$(BIN)/ruff format src tests benchmarks
	$(BIN)/ruff check --fix src tests benchmarks

test-slow: packages-slow .venv/benched
	@.ci/proof stores $(BIN)/python -m pytest -q -m slow --run-slow
	@.ci/proof match $(BIN)/python benchmarks/match.py
	@.ci/proof door $(BIN)/python benchmarks/door.py 10000 100000 1000000
	@.ci/proof pages $(BIN)/python benchmarks/pages.py --mentions 10000 100000 1000000 --seconds 60
	@.ci/proof mirror $(BIN)/python benchmarks/mirror.py
	@.ci/proof mirror-10m $(BIN)/python benchmarks/mirror.py --rows 10000000 --no-peer
	@.ci/proof collect $(BIN)/python benchmarks/collect.py
	@.ci/proof enrich $(BIN)/python benchmarks/enrich.py
	@.ci/proof training $(BIN)/python benchmarks/enrich.py --only training
	@.ci/proof stories $(BIN)/python benchmarks/stories.py
	@.ci/proof health $(BIN)/python benchmarks/health.py
	@.ci/proof relabel $(BIN)/python benchmarks/relabel.py --mentions 1000000
	@.ci/proof start $(BIN)/python benchmarks/start.py

.venv/benched: constraints-bench.txt .venv/developed
	@$(BIN)/python -m pip install -qq --require-hashes -r constraints-bench.txt
	@touch $@

models: .venv/developed  ## Train all models anew from the folder DATA (three minutes), and write their figures into the cards.
	@$(BIN)/vigie train $(DATA) --out src/vigie/enrich/models --names src/vigie/enrich/health/data/phee.tsv --card $(shell date +%F)

bench: packages-slow .venv/benched
	@for f in door match mirror pages enrich stories; do f=benchmarks/$$f.py; echo "== $$f"; $(BIN)/python $$f; done

screenshots: packages .venv/developed
	VIGIE_VAR=$(TEST_VAR)/screenshots $(BIN)/python tests/support/screenshots.py docs/screenshots
	SPACE_PICTURES=docs/screenshots $(BIN)/python -m pytest -q tests/e2e/test_faults_told.py

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
