# Every target sets up what it needs: Python 3.11 or later, pip and make are enough. `make help` lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup xor fashion test check format bench ui clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## Create .venv and install kexp in it, with what tests and checks need

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test,check]"
	@$(BIN)/python -m compileall -q kexp plugins
	@touch $(READY)

xor: $(READY) ## Train the XOR network, tracked in MLflow
	$(BIN)/python -m kexp +experiment=xor

fashion: $(READY) ## Train the Fashion-MNIST network (needs the data set, or the network to fetch it)
	$(BIN)/python -m kexp +experiment=fashion_mlp

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest -q -n auto

check: $(READY) ## Lint, check types (strict) and the floors of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	@mkdir -p .mypy && ln -sfn ../plugins .mypy/kexp_plugins
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_house.py

format: $(READY) ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

bench: $(READY) ## Measure kexp's speed (Keras beside it, where Keras and JAX are installed)
	$(BIN)/python -m benchmarks

ui: $(READY) ## Look at the runs in MLflow's own pages
	$(BIN)/mlflow ui --host 127.0.0.1

clean: ## Remove the environment and caches; runs and the MLflow store stay
	rm -rf $(VENV) .mypy .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
