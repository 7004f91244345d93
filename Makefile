# `make` alone lists what there is. Works with GNU make 3.81 or newer and any POSIX shell.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test tools lint format docs chart bench lock FORCE

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# what tests need beside Python; see .ci/tools
TOOLS := node java maven chromium
# set to try one interpreter only: make setup PYTHON=python3.13
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11

# An environment knows the folder it was made in: in a copied or moved one the scripts point elsewhere.
ifneq ($(shell test -x $(BIN)/python && cat .venv/.locked 2>/dev/null),$(CURDIR))
.venv/.locked: FORCE
endif

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 10

# what is compiled, and whose types it is compiled by
CORE := $(wildcard graph_service/alignment/*.py graph_service/models/*.py)

setup: .venv/.ready .venv/.compiled ## make the environment in .venv and compile the core, as far as they are out of date
	@:

.venv/.locked: .ci/locks/dev.txt
	@for python in $(PYTHON); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	    found="$$python"; \
	    "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || continue; \
	    echo "setup: .venv with $$("$$python" --version)"; \
	    exec "$$python" -m venv --clear .venv; \
	done; \
	if [ -n "$$found" ]; then \
	    echo "setup: $$found cannot make environments; install its venv module (Debian, Ubuntu: apt-get install python3-venv)" >&2; \
	else \
	    echo "setup: no Python 3.11 or newer among: $(PYTHON); install one, or name it: make setup PYTHON=/path/to/python3" >&2; \
	fi; \
	exit 1
	@$(PIP) install --no-compile --require-hashes --only-binary :all: -r .ci/locks/dev.txt
	@echo '$(CURDIR)' > $@

# The package itself is installed as a link to this folder, so that only its metadata can grow stale.
.venv/.ready: .venv/.locked pyproject.toml graph_service/__init__.py
	@$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@
	@echo 'setup: ready, $(BIN)/graph-service'

.venv/.compiled: .venv/.locked .ci/compile pyproject.toml $(CORE)
	@$(BIN)/python .ci/compile
	@touch $@

# What steers a browser, the extras, and what reads the files that they write: large, and needed by tests alone.
.venv/.tests: .ci/locks/tests.txt .venv/.locked
	@$(PIP) install --no-compile --require-hashes --only-binary :all: -r .ci/locks/tests.txt
	@touch $@

demo: setup ## load the sample company, serve it, print the addresses and a ladder
	@$(BIN)/graph-service demo

test: setup lint tools .venv/.tests ## run everything: lint, types, layers, doctests and tests
	@$(BIN)/pytest -n auto

tools: ## install what tests need beside Python, where that may be done
	@.ci/tools $(TOOLS)

lint: setup ## check style, formatting, types and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: setup ## rewrite the sources in the house format
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format

docs: setup ## write anew what is generated: schema/, docs/commands.md, parts of other pages and of README.md
	@$(BIN)/graph-service schema
	@$(BIN)/python -m tests.cli.reference
	@$(BIN)/python -m tests.docs_metrics
	@$(BIN)/python -m tests.audit_rules
	@$(BIN)/python -m tests.readme

chart: ## build the web component anew, after a change in graph_service/web/chart (needs npm)
	@cd graph_service/web/chart && npm ci --ignore-scripts --silent && npm run --silent check && npm run --silent build

bench: setup ## measure the promises of speed
	@$(BIN)/pytest -s tests/benchmarks

# The tool that locks is itself locked. `make lock UPGRADE=--upgrade` takes the newest versions of everything.
LOCK := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --annotation-style line --no-emit-index-url --custom-compile-command 'make lock' $(UPGRADE)

lock: setup ## pin every dependency again, after a change in pyproject.toml
	@$(BIN)/python -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip --disable-pip-version-check --quiet install --no-compile --require-hashes \
	    --only-binary :all: -r .ci/locks/lock.txt
	@$(LOCK) pyproject.toml --extra neo4j-rust --extra xlsx --extra pdf --output-file .ci/locks/runtime.txt
	@$(LOCK) pyproject.toml --extra neo4j-rust --group dev --constraint .ci/locks/runtime.txt --output-file .ci/locks/dev.txt
	@printf "playwright\npygraphviz>=2.0.4\ntypst>=0.15,<0.16\nxlsxwriter>=3.2,<4\nopenpyxl\npypdf\njunitparser\n" | $(LOCK) - --constraint .ci/locks/dev.txt --constraint .ci/locks/runtime.txt --output-file .ci/locks/tests.txt
	@echo uv | $(LOCK) - --no-annotate --output-file .ci/locks/lock.txt
