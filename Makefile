# `make test` and `make demo` set up all that they need; CONTRIBUTING.md says what that is.

.DEFAULT_GOAL := help
.PHONY: help set-up test test-long demo format rule-pages lock vsix wheel release clean

help: ## Say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /  make \1  /p' Makefile

set-up: ## Install what development needs, once: .venv, node_modules, system packages
	@bash scripts/set-up.sh --client

test: set-up ## Check and test everything
	@bash scripts/test.sh

test-long: set-up ## Test with more examples, and start each process that `make test` forks
	@bash scripts/test.sh --hypothesis-profile=long

demo: ## Show Tokenward at work on a sample workspace, with a throw-away keyring
	@bash scripts/set-up.sh
	@.venv/bin/python scripts/demo.py

format: set-up ## Lay out the Python code
	@.venv/bin/python -m ruff check --fix-only --quiet
	@.venv/bin/python -m ruff format

rule-pages: set-up ## Write docs/rules/ anew, from the rules and providers.toml
	@.venv/bin/python scripts/rule_pages.py

COMPILE = .venv/bin/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet

lock: set-up ## Write requirements/*.txt anew; LOCK=--upgrade takes newer releases
	@$(COMPILE) $(LOCK) --output-file requirements/dev.txt pyproject.toml requirements/dev.in
	@$(COMPILE) $(LOCK) --no-annotate --constraints requirements/dev.txt \
		--output-file requirements/bundle.txt pyproject.toml requirements/bundle.in
	@$(COMPILE) $(LOCK) --no-annotate --constraints requirements/dev.txt \
		--output-file requirements/build.txt requirements/build.in

vsix: set-up ## Build the extension with the server inside, for six platforms, into dist/
	@.venv/bin/python scripts/build_vsix.py

release: ## Build all that is published into dist/, from the locks and with nothing else installed
	@bash scripts/set-up.sh --release
	@build/release/bin/python scripts/build_vsix.py
	@build/release/bin/python -m hatchling build --directory dist

wheel: set-up ## Build the Python package into dist/
	@.venv/bin/python -m hatchling build --directory dist

clean: ## Remove all that set-up and the builds made
	rm -rf .venv client-vscode/node_modules client-vscode/out client-vscode/*.vsix build dist
