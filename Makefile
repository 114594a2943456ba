# GNU make. `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTEST := .venv/bin/python -m pytest

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

.PHONY: setup
setup: ## Install what is missing: both environments, a browser for the tests, a first model
	@deploy/setup.sh

.PHONY: demo
demo: ## Set up, load a fictional service, start everything, and say how to chat
	@deploy/setup.sh --no-browser --no-model
	@.venv/bin/foothold demo

.PHONY: run
run: ## Start everything for real use (after `foothold migrate`)
	@.venv/bin/foothold run

.PHONY: test
test: setup lint ## Set up whatever is missing and run the whole test suite
	@$(PYTEST) -n 2 --dist loadfile -m "not alone"
	@$(PYTEST) -m alone

.PHONY: test-fast
test-fast: ## Run the tests that start no server, browser or training
	@$(PYTEST) -m "not slow"

.PHONY: test-313
test-313: ## Run the fast tests on Python 3.13 too
	@deploy/test-on.sh 3.13

.PHONY: lint
lint: ## Check style, types and import rules
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet . || (echo "Run: make format" && exit 1)
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

.PHONY: format
format: ## Format the code
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

.PHONY: train
train: ## Train the assistant
	@.venv/bin/foothold train

.PHONY: evaluate
evaluate: ## Measure the live model on the held-out messages
	@.venv/bin/foothold evaluate

.PHONY: safety
safety: ## Measure the safety screen on messages that it has not seen; fails below a floor
	@.venv/bin/foothold safety

.PHONY: train-safety
train-safety: ## Train the safety screen's model from bot/safety/training (two minutes)
	@.venv/bin/python -m benchmarks.safety.train

.PHONY: tune-safety
tune-safety: ## Train its sentence encoder further (twenty minutes); then run train-safety
	@.tools/bin/uv run --quiet --no-project --python .venv/bin/python --with-requirements requirements.lock \
		--with jax==0.10.2 --with optax==0.2.8 python -m benchmarks.safety.tune

.PHONY: tune-safety-on
tune-safety-on: ## The same, going on from the weights that are there (two rounds); then run train-safety
	@.tools/bin/uv run --quiet --no-project --python .venv/bin/python --with-requirements requirements.lock \
		--with jax==0.10.2 --with optax==0.2.8 python -m benchmarks.safety.tune --on

.PHONY: bench
bench: ## Measure speed and size of the whole system, and write benchmarks/system.md
	@.venv/bin/python -m benchmarks.system

.PHONY: bench-console
bench-console: ## Measure the console's pages with 1,000 clients, and write benchmarks/console.md
	@.venv/bin/python -m benchmarks.console

.PHONY: guide-images
guide-images: ## Make the pictures of the consultants' guide anew
	@GUIDE_IMAGES=1 $(PYTEST) tests/console/test_guide.py

.PHONY: lock
lock: ## Write both lock files anew
	@deploy/lock.sh
