# The verbs of the project. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SCENARIO := scenarios/ukraine-long-range
REQUESTS := $(SCENARIO)/requests

# Tests start many programs; what they are compiled to is kept, whatever the surroundings say.
unexport PYTHONDONTWRITEBYTECODE

CATALOGUE := src/placet/web/locale/placet.pot
REGISTER := tests/store tests/cli tests/docs tests/operations
MARKS := gettext_lazy ngettext_lazy:1,2 pgettext:1c,2 pgettext_lazy:1c,2 npgettext:1c,2,3

.DEFAULT_GOAL := help
.PHONY: help setup run story test tests-of-the-register tests-of-pages tests-in-browser tests-of-the-rest check bench torture lock messages schemas structure pictures clean

help: ## List the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: $(STAMP) ## Create .venv with everything pinned in requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@echo "Creating $(VENV) and installing the pinned packages; this takes a minute or two."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: $(STAMP) ## Serve the pages with the real story played in; Ctrl-C stops
	@PLACET_DATA="$${PLACET_DATA:-$(CURDIR)/.demo}" $(BIN)/placet serve --demo

story: $(STAMP) ## Tell the real story on the terminal: one request at four dates, then the matrix
	@$(BIN)/python -m placet story $(SCENARIO)

test: $(STAMP) ## Everything that must hold (four to nine minutes on two cores)
	@echo "Five runs, three at a time; each prints when it is done, the last in four to nine minutes."
	@$(MAKE) --no-print-directory --jobs=3 --output-sync=target $(TESTS) check

# Django has one configuration in a process, and a browser one loop: each has a process of its own.
# They wait for little: more than three at a time take longer for getting in each other's way.
TESTS := tests-of-the-register tests-of-pages tests-in-browser tests-of-the-rest

tests-of-the-register:
	$(BIN)/python -m pytest $(REGISTER)

tests-of-the-rest:
	$(BIN)/python -m pytest $(REGISTER:%=--ignore=%)

tests-of-pages:
	$(BIN)/python -m pytest tests/web tests/serving

tests-in-browser:
	$(BIN)/python -m pytest tests/browser

check: $(STAMP) ## Lint, types, and who may import whom
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) ## Measure, side by side with peers
	$(BIN)/python -m benchmarks

torture: $(STAMP) ## Longer ordeals: more examples, mutations and kills (about twenty minutes)
	PLACET_HYPOTHESIS=torture PLACET_TORTURE=1 $(MAKE) --keep-going --jobs=3 --output-sync=target $(TESTS)

lock: $(STAMP) ## Renew requirements.lock from pyproject.toml
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --extra web --extra dev --strip-extras --no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml

messages: $(STAMP) ## Renew the catalogue of words that pages mark for translation
	$(BIN)/pybabel --quiet extract --mapping=pyproject.toml --keywords='$(MARKS)' --add-location=file --sort-by-file --omit-header --output=$(CATALOGUE) src/placet/web

pictures: $(STAMP) ## Take the pictures of the README anew (needs Chromium)
	$(BIN)/python docs/pictures/take.py

schemas: $(STAMP) ## Renew the published JSON Schemas
	$(BIN)/placet schema --output docs/reference/schemas

structure: $(STAMP) ## Renew the structure of the database that audits expect, after a migration
	$(BIN)/python tests/structure.py

clean: ## Remove what the verbs made, and the demonstration of `make run` with its database
	if test -L .demo/cluster; then rm -rf "$$(readlink .demo/cluster)"; fi
	rm -rf .demo $(VENV) build .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -r {} +
