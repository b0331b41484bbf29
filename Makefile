# Short names for config/start.py, which does the work and also runs where make is
# missing: `python3 config/start.py run`. Another Python: `make run PYTHON=python3.12`.

PYTHON ?= python3
START = @$(PYTHON) config/start.py

.DEFAULT_GOAL := help
.PHONY: help run setup test check endure requirements clean

help: ## List these commands
	@sed -n 's/^\([a-z]*\): ## /  make \1\t/p' Makefile | expand -t 22

run: ## Set up what is missing and run Rostrum; another port: make run PORT=8001
	$(START) run

setup: ## Set up what running needs (.venv, packages, Pango, .env); touches no data
	$(START) setup

test: ## Run the quick tests on SQLite, without a browser (about two minutes)
	$(START) test

check: ## Check everything: style, types, both databases, browser, veraPDF
	$(START) check

endure: ## Run what takes long, in full, on both databases
	$(START) endure

requirements: ## Compile requirements*.in; newer versions: make requirements UPGRADE=1
	$(START) requirements $(if $(UPGRADE),--upgrade)

clean: ## Remove what was installed and cached; data and .env stay
	$(START) clean
