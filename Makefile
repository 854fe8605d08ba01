# Everything a developer or an operator of one machine runs. `make` alone lists it.

PYTHON := .venv/bin/python
CORDBOARD := .venv/bin/cordboard

.DEFAULT_GOAL := help
.PHONY: help setup up down demo test check lint types bench lock clean

help: ## List these targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make this machine ready; the targets below do it themselves
	@bin/setup

up: setup ## Start the stack (CORDBOARD_INSTANCE=dev)
	@$(CORDBOARD) up

down: ## Stop the stack; its data stays
	@$(CORDBOARD) down

demo: setup ## Start the stack and play callers, web visitors and the clients of a shop
	@$(PYTHON) -m cordboard.demo

test: setup ## Run every test, on two stacks of their own (ARGS="-k word" for some)
	@$(PYTHON) -m pytest $(or $(ARGS),-n 2 --dist loadfile --no-loadscope-reorder)

lint: setup
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

types: setup
	@$(PYTHON) -m mypy

check: lint types test ## Lint, types and tests, as CI runs them

bench: setup ## Measure against the controls (ONLY=P1,P4 for some)
	@$(PYTHON) -m bench $(ONLY)

lock: setup ## Pin the newest versions that pyproject.toml allows
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check "uv>=0.9"
	@$(PYTHON) requirements/lock.py

clean: ## Stop every stack and remove what was made here: .run, .venv and caches
	@[ ! -x $(CORDBOARD) ] || for run in .run/*/; do \
	  [ ! -d "$$run" ] || CORDBOARD_INSTANCE=$$(basename "$$run") $(CORDBOARD) down; \
	done
	rm -rf .run .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
