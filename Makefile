# `make test` and `make demo` install what they need; see CONTRIBUTING.md.

.DEFAULT_GOAL := help
.PHONY: help set-up test test-real test-long goldens agents demo format reader-pages protocol lock vsix wheel release clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1  /p' Makefile

set-up: ## Install .venv, node_modules and system packages, once
	@bash scripts/set-up.sh --client

test: set-up ## Run every check, and the tests that need Python, Node and a keyring
	@bash scripts/test.sh

test-real: ## Test with real editors, AI agents, tools and a Windows, the packaged extension, and with kills
	@bash scripts/set-up.sh --real
	@bash scripts/test.sh --real

test-long: set-up ## Test with more examples, and start each process that `make test` forks
	@bash scripts/test.sh --hypothesis-profile=long -m ''

goldens: set-up ## Record what the product does now; a recording that changes shows what a commit changes
	@TOKENWARD_RECORD_GOLDENS=1 .venv/bin/python -m pytest -q -n auto tests/goldens

agents: ## Have real AI agents try every way to a token, and write the table of what came of it
	@bash scripts/set-up.sh --real
	@PYTHONPATH=tests:scripts .venv/bin/python tests/agents/try_starts.py
	@PYTHONPATH=tests:scripts .venv/bin/python tests/agents/try_all.py
	@PYTHONPATH=tests .venv/bin/python tests/agents/try_ordinary.py
	@.venv/bin/python scripts/agents_table.py

demo: ## Demonstrate Tokenward on a sample workspace, with a throw-away keyring
	@bash scripts/set-up.sh
	@.venv/bin/python scripts/demo.py

format: set-up ## Format the Python code
	@.venv/bin/python -m ruff check --fix-only --quiet
	@.venv/bin/python -m ruff format

reader-pages: set-up ## Regenerate docs/reference/readers.md and the tables of what takes a token's place
	@.venv/bin/python scripts/reader_pages.py

protocol: set-up ## Regenerate names, types and tables from server/tokenward/protocol.json
	@.venv/bin/python scripts/protocol.py

COMPILE = .venv/bin/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet

lock: set-up ## Regenerate requirements/*.txt; LOCK=--upgrade upgrades them
	@$(COMPILE) $(LOCK) --output-file requirements/dev.txt pyproject.toml requirements/dev.in
	@$(COMPILE) $(LOCK) --no-annotate --constraints requirements/dev.txt \
		--output-file requirements/bundle.txt pyproject.toml requirements/bundle.in
	@$(COMPILE) $(LOCK) --no-annotate --constraints requirements/dev.txt \
		--output-file requirements/build.txt requirements/build.in

vsix: set-up ## Build the extension with its server, for six platforms, into dist/; users need Python
	@.venv/bin/python scripts/build_vsix.py

release: ## Build all release files into dist/, with only locked packages installed, and Pythons downloaded
	@bash scripts/set-up.sh --release
	@build/release/bin/python scripts/interpreters.py build/interpreters
	@build/release/bin/python scripts/build_vsix.py --interpreters build/interpreters
	@build/release/bin/python -m hatchling build --directory dist
	@for rules in $(wildcard build/rules/*); do \
		TOKENWARD_COMPILED_RULES=$$rules build/release/bin/python -m hatchling build --target wheel --directory dist || exit; \
	done

wheel: set-up ## Build the Python package into dist/
	@.venv/bin/python -m hatchling build --directory dist

clean: ## Remove everything that set-up and builds created
	rm -rf .venv client-vscode/node_modules client-vscode/out client-vscode/*.vsix build dist
