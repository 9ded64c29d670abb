# Plain `make` lists what can be done. Python 3.11 or newer and make are all it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PORT ?= 8000
# The embedded PostgreSQL, the deliveries and the keys of the demo.
export LEDGER_HOME ?= $(CURDIR)/.ledger

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test test-unit test-spec test-property test-contract \
	test-integration test-api test-web test-browser test-slow check fix rebuild bench docs \
	lock chromium spark try-spark try-fuzz clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

setup: $(READY) ## make the virtual environment from the locked requirements

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: name it with PYTHON=python3.x"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## re-enact 2014 to 2018 from supplier files, then serve the pages
	$(BIN)/ledger demo --port $(PORT)

serve: $(READY) ## serve the API and the pages of the ledger in LEDGER_HOME
	$(BIN)/ledger serve --port $(PORT)

# Each kind of test asks one question (CONTRIBUTING.md).
# Evaluated when used, so after `chromium` had its chance to install one.
PYTEST = $(if $(shell command -v chromium || command -v chromium-browser),,\
	LEDGER_NO_BROWSER="Debian's chromium could not be installed here") $(BIN)/python -m pytest

# In the order of the folders: the longest test is the only one of its file, and would come last.
test: $(READY) chromium ## all tests but the slow ones
	$(PYTEST) -m "not slow" -n auto --dist loadscope --no-loadscope-reorder

test-unit: $(READY) ## is this function right?
	$(PYTEST) tests/unit -m "not slow"

test-spec: $(READY) ## does the ledger behave as the catalogue says?
	$(PYTEST) tests/spec

test-property: $(READY) ## what holds for every history?
	$(PYTEST) tests/property -m "not slow"

test-contract: $(READY) ## have we kept our promises?
	$(PYTEST) tests/contract

test-integration: $(READY) ## does it hold in PostgreSQL?
	$(PYTEST) tests/integration -m "not slow"

test-api: $(READY) ## is the surface thin and true?
	$(PYTEST) tests/api

test-web: $(READY) ## do the pages say what they should?
	$(PYTEST) tests/web

test-browser: $(READY) chromium ## can a person do it?
	$(PYTEST) tests/browser

# Evaluated when used, as above.
NO_SPARK = $(if $(shell test -f $(SPARK) && command -v java),,\
	LEDGER_NO_SPARK="pyspark or Java could not be installed here")

NO_FUZZ = $(if $(wildcard $(FUZZ)),,\
	LEDGER_NO_FUZZ="atheris could not be installed here")

test-slow: $(READY) try-spark try-fuzz ## the slow ones
	$(NO_SPARK) $(NO_FUZZ) $(PYTEST) -m slow -n auto

# Debian's Chromium, where we may install it; else the tests say plainly that they did not run.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
		echo "installing Debian's chromium for the browser tests"; \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq >/dev/null 2>&1 \
			&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null 2>&1; } \
		|| echo "chromium could not be installed: the browser tests will say that they did not run"; }

# Hundreds of megabytes, so not in the environment before somebody asks for it.
SPARK := $(VENV)/.spark

spark: $(SPARK) ## what `ledger ingest --engine spark` needs: pyspark, and Debian's Java
	@command -v java >/dev/null || { \
		echo "installing Debian's Java for Spark"; \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq >/dev/null 2>&1 \
			&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq default-jre-headless >/dev/null 2>&1; } \
		|| { echo "Java 17 or newer is needed: install it (apt-get install default-jre-headless)"; exit 2; }; }

$(SPARK): $(READY) requirements-spark.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation -r requirements-spark.lock
	@touch $(SPARK)

try-spark: $(READY)
	@$(MAKE) --no-print-directory spark \
		|| echo "Spark could not be installed: its tests will say that they did not run"

FUZZ := $(VENV)/.fuzz

$(FUZZ): $(READY) requirements-fuzz.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.lock
	@touch $(FUZZ)

try-fuzz: $(READY)
	@$(MAKE) --no-print-directory $(FUZZ) \
		|| echo "atheris could not be installed: its tests will say that they did not run"

check: $(READY) ## format, lint, types, layers, generated documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate_rules.py --check
	$(BIN)/python docs/generate_policies.py --check
	$(BIN)/python docs/generate_sources.py --check
	$(BIN)/python docs/generate_events.py --check
	$(BIN)/python docs/generate_api.py --check

fix: $(READY) ## format, and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

rebuild: $(READY) ## build every read model anew from the log
	$(BIN)/ledger rebuild

bench: $(READY) ## what we measure, and against whom
	$(BIN)/python -m bench

docs: $(READY) ## generate what is generated
	$(BIN)/python docs/generate_rules.py
	$(BIN)/python docs/generate_policies.py
	$(BIN)/python docs/generate_sources.py
	$(BIN)/python docs/generate_events.py
	$(BIN)/python docs/generate_api.py

# Needs uv (https://docs.astral.sh/uv/). Nothing younger than a week is taken.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --exclude-newer "$$(date -u -d '7 days ago' +%F)"

lock: ## lock the requirements anew
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra dev pyproject.toml -o requirements-dev.lock
	$(LOCK) --extra spark -c requirements-dev.lock pyproject.toml -o requirements-spark.lock
	$(LOCK) --extra fuzz -c requirements-dev.lock pyproject.toml -o requirements-fuzz.lock

clean: ## remove the environment and the ledger of the demo
	rm -rf $(VENV) $(LEDGER_HOME)
