# Everything a developer, CI or a curious reader runs. `make help` lists it.

VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Empty is off. Nothing is compiled at the installation: where nothing may be kept either,
# every process, and tests start dozens, would compile all that it imports.
export PYTHONDONTWRITEBYTECODE :=

# Without PYTHON=..., the first of these that is new enough makes the environment.
PYTHON_MIN := 3, 11
PYTHONS := $(if $(PYTHON),$(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)

# A stamp's name holds a checksum of all that its step depends on: a changed lock
# installs again, an unchanged one costs nothing, and a moved checkout, whose
# scripts would point to the old place, gets a new environment.
checksum = $(firstword $(shell { $(1); } 2>/dev/null | cksum))
PACKAGE_SUM := $(call checksum,cat pyproject.toml hatch_build.py)
VENV_STAMP := $(VENV)/.created-$(call checksum,pwd)
RUN_STAMP := $(VENV)/.run-$(call checksum,cat requirements/run.lock)-$(PACKAGE_SUM)
DEV_STAMP := $(VENV)/.dev-$(call checksum,cat requirements/dev.lock)-$(PACKAGE_SUM)
# What is installed for development is enough to run.
ANY_STAMP := $(if $(wildcard $(DEV_STAMP)),$(DEV_STAMP),$(RUN_STAMP))

# A lock names every package with its hashes, so there is nothing to resolve. Python
# compiles what it imports; to compile everything at once takes twenty seconds more.
INSTALL_LOCK := $(BIN)/python -m pip install --quiet --no-compile --no-deps --require-hashes --requirement
INSTALL_PROJECT := $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
GENERATE := $(BIN)/python hatch_build.py
PYTEST := $(BIN)/pytest
# The machines this is built on have two cores.
WORKERS := --numprocesses 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup proto run migrate fmt lint check test test-unit test-integration \
        migration-check bench bench-peers lock release-protos clean
# All targets share one environment, and two installations at once would break it.
.NOTPARALLEL:

help: ## Show this list
	@awk -F ':.*## ' '/^##@/ { print "\n" substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

##@ Use

run: $(ANY_STAMP) ## Start the system with its sample, until Ctrl-C
	@$(GENERATE)
	@exec $(BIN)/safetycredit up

migrate: $(ANY_STAMP) ## Bring the configured store to the newest schema
	@$(BIN)/alembic upgrade head

##@ Develop

setup: $(DEV_STAMP) proto ## Install everything for development into .venv

proto: $(DEV_STAMP) ## Generate the Python code of the protos, if they changed
	@$(GENERATE)

fmt: setup ## Format the code and mend what can be mended without thinking
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	$(BIN)/buf format --write protos

##@ Check

lint: setup ## Look at style only: quick
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check: lint ## Check style, types, layers and protos
	$(BIN)/mypy --num-workers 2
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.check_protos

test: check ## Check everything and run every test
	$(PYTEST) $(WORKERS)

test-unit: setup ## Run the tests that need no store and no server
	$(PYTEST) tests/unit

test-integration: setup ## Run the tests with stores and servers
	$(PYTEST) $(WORKERS) tests/integration

migration-check: setup ## Run the tests that hold migrations and models together
	$(PYTEST) -m migrations

bench: setup ## Measure, on this machine
	$(BIN)/python -m benchmarks

bench-peers: setup ## Measure against other engines, in an environment of their own
	@test -x build/peers/bin/python || $(BIN)/python -m venv build/peers
	@build/peers/bin/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/peers.lock
	@PYTHONPATH=.:protos build/peers/bin/python -m benchmarks peers

##@ Maintain

lock: ## Lock the dependencies anew (UPGRADE=1 moves them to their newest versions)
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && $(find_python) \
	  && "$$python" -m venv "$$dir" && "$$dir/bin/python" -m pip install --quiet uv \
	  && compile="$$dir/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-header --no-emit-index-url $(if $(UPGRADE),--upgrade) --extra build" \
	  && $$compile --output-file requirements/run.lock \
	  && $$compile --extra bench --extra dev --constraint requirements/run.lock \
	    --output-file requirements/dev.lock \
	  && $$compile --extra peers --constraint requirements/run.lock \
	    --output-file requirements/peers.lock

release-protos: setup ## Keep the present protos as those of the version in pyproject.toml
	$(BIN)/python -m tools.proto_release

clean: ## Remove the environment, generated code and caches; keep var/
	rm -rf $(VENV) build/ dist/ .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find protos -name '*_pb2*.py*' -delete
	rm -f protos/.generated
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- How the environment comes about ------------------------------------------------

# Sets $$python to the first interpreter that is new enough, or says what is missing.
define find_python
python= && for candidate in $(PYTHONS); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < ($(PYTHON_MIN)))' 2>/dev/null; \
	    then python=$$candidate; break; fi; done \
	  && if [ -z "$$python" ]; then \
	    echo "safetycredit needs Python 3.11 or newer, and found none as: $(PYTHONS)." \
	      "Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; fi
endef

# An environment whose interpreter is gone is made anew, whatever its stamp says.
ifneq ($(shell test -x $(BIN)/python && echo whole),whole)
.PHONY: $(VENV_STAMP)
endif

$(VENV_STAMP):
	@$(find_python) && echo "making $(VENV) with $$("$$python" --version)" \
	  && "$$python" -m venv --clear $(VENV)
	@touch $@

$(RUN_STAMP): $(VENV_STAMP)
	@echo "installing what is needed to run, once: this takes a minute"
	@$(INSTALL_LOCK) requirements/run.lock
	@$(INSTALL_PROJECT)
	@rm -f $(VENV)/.run-*
	@touch $@

# The development lock holds all of the other one, in the same versions.
$(DEV_STAMP): $(VENV_STAMP)
	@echo "installing what is needed for development, once: this takes a minute or two"
	@$(INSTALL_LOCK) requirements/dev.lock
	@$(INSTALL_PROJECT)
	@rm -f $(VENV)/.dev-*
	@touch $@
