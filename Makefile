# One command each to set up, run, check and test; `make help` lists them. Needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
BUILD_LOCK := config/requirements-build.lock
RUNTIME_LOCK := config/requirements.lock
DEV_LOCK := config/requirements-dev.lock
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PIP_COMPILE := build/lock/bin/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --no-header --strip-extras --allow-unsafe

.PHONY: setup demo run bench test check docs messages intent-model lock vendor screenshots clean help
.DEFAULT_GOAL := setup

setup: $(RUNTIME) ## install the service into .venv (the default)

demo: $(RUNTIME) ## play one Dutch call through everything; ARGS=--serve leaves the browser phone running
	$(BIN)/spelregel demo $(ARGS)

run: SHELL := bash
run: $(RUNTIME) ## the Procfile's processes together, until one of them ends; settings come from the environment
	@pids=(); trap 'kill "$${pids[@]}" 2>/dev/null; wait' EXIT; trap 'exit 130' INT TERM; \
	while IFS= read -r line; do $${line#*: } & pids+=($$!); done < Procfile; wait -n

bench: $(DEV) ## measure; prints a table and writes the same as JSON
	$(BIN)/python -m tests.bench $(ARGS)

# Journeys are calls in real time and mostly wait: two files of them at a time, and nothing else beside.
test: check ## all checks and all tests; ARGS are pytest's, and then say what is run
ifdef ARGS
	$(BIN)/pytest $(ARGS)
else
	$(BIN)/pytest -n logical --dist loadfile --ignore tests/journeys
	$(BIN)/pytest -n 2 --dist loadfile tests/journeys
endif

check: $(DEV) ## style, types and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(RUNTIME) ## draw docs/dialogue.md and docs/cases.md anew from the tables
	$(BIN)/python -m ivr.dialogue.drawing > docs/dialogue.md
	$(BIN)/python -m ivr.cases.drawing > docs/cases.md

screenshots: $(DEV) ## play a day and take docs/screens anew; ARGS names pictures; needs Chromium
	$(BIN)/python -m tests.screens $(ARGS)

messages: $(DEV) ## bring the pages' translations up to date with the texts; LOCALE=fy begins a language
	@mkdir -p build
	$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --no-location --no-wrap \
		--add-comments "For translators:" -o build/messages.pot ivr
	$(BIN)/pybabel --quiet update --domain spelregel --input-file build/messages.pot --output-dir config/locale \
		--no-wrap --ignore-obsolete --ignore-pot-creation-date $(if $(LOCALE),--init-missing --locale $(LOCALE))
	@sed -i '/^"\(Project-Id\|Report-\|POT-\|PO-Revision\|Last-Tr\|Language-Team\|Generated-By\)/d' \
		config/locale/*/LC_MESSAGES/spelregel.po

intent-model: $(DEV) ## learn the intent model anew from speech/training/utterances.tsv; ARGS=--held-out measures it
	$(BIN)/python -m speech.training $(ARGS)

lock: ## resolve the dependencies of pyproject.toml anew
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check pip-tools
	$(PIP_COMPILE) --only-build-deps --build-deps-for editable -o $(BUILD_LOCK) pyproject.toml
	$(PIP_COMPILE) -o $(RUNTIME_LOCK) pyproject.toml
	$(PIP_COMPILE) --extra dev -c $(RUNTIME_LOCK) -o $(DEV_LOCK) pyproject.toml

vendor: $(RUNTIME) ## copy the styles and scripts of others anew, at the versions of package-lock.json; needs npm
	rm -rf build/vendor && mkdir -p build/vendor
	cp ivr/web/static/vendor/package.json ivr/web/static/vendor/package-lock.json build/vendor/
	npm ci --prefix build/vendor --ignore-scripts --no-audit --no-fund
	$(BIN)/python -m ivr.web.vendoring build/vendor/node_modules

clean: ## remove what make made; var/ with calls and recordings stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-12s  %s\n", $$1, $$2 }'

# The stamps stand for finished installations: a broken one is repeated, a good one costs nothing.
$(RUNTIME): $(RUNTIME_LOCK) $(BUILD_LOCK) pyproject.toml | $(BIN)/python
	@echo "Installing the service into $(VENV); the first time this takes a few minutes." >&2
	$(PIP_INSTALL) --require-hashes -r $(BUILD_LOCK) -r $(RUNTIME_LOCK)
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUNTIME) $(DEV_LOCK)
	$(PIP_INSTALL) --require-hashes -r $(DEV_LOCK)
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Spelregel needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make virtual environments; on Debian: apt install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
