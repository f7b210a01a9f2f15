# `make test` and `make demo` set up all that they need; CONTRIBUTING.md says what that is.

.DEFAULT_GOAL := help
.PHONY: help set-up test demo format rule-pages lock clean

help: ## Say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /  make \1  /p' Makefile

set-up: ## Install what development needs, once: .venv, node_modules, system packages
	@bash scripts/set-up.sh --client

test: set-up ## Check and test everything
	@bash scripts/test.sh

demo: ## Show Tokenward at work on a sample workspace, with a throw-away keyring
	@bash scripts/set-up.sh
	@.venv/bin/python scripts/demo.py

format: set-up ## Lay out the Python code
	@.venv/bin/python -m ruff check --fix-only --quiet
	@.venv/bin/python -m ruff format

rule-pages: set-up ## Write docs/rules/ anew, from the rules and providers.toml
	@.venv/bin/python scripts/rule_pages.py

lock: set-up ## Write requirements/dev.txt anew; LOCK=--upgrade takes newer releases
	@.venv/bin/python -m uv pip compile --universal --python-version 3.10 --generate-hashes --no-header --quiet \
		$(LOCK) --output-file requirements/dev.txt pyproject.toml requirements/dev.in

clean: ## Remove all that set-up and the builds made
	rm -rf .venv client-vscode/node_modules client-vscode/out client-vscode/*.vsix build dist
