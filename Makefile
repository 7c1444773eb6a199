# Everything a newcomer needs: `make run` and `make test`. Both set up what is missing first.
# Only Python 3 and make have to be there; uv, Python 3.13 and the SAM CLI are brought by `make setup`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
UV := .tools/uv/bin/uv
SAM := .tools/sam/bin/sam
STAMP := .venv/.ready
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# No usage data leaves this machine.
export SAM_CLI_TELEMETRY := 0

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: setup ## The main job, live, on AWS emulated on this machine
	@cronmend demo

.PHONY: test
test: setup ## All tests
	@pytest -n 2 --dist loadfile

.PHONY: setup
setup: $(STAMP) ## Make .venv (Python 3.13, cronmend, sam) and nothing else

# Any Python 3 will do. A pyenv that lacks 3.13 answers for `python3` here but can't run it, so others are tried as well.
$(UV):
	@echo "[1/4] uv $(UV_VERSION)"
	@rm -rf .tools/uv; \
	for python in python3 /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1 || continue; \
	  if $$python -m venv .tools/uv >/dev/null 2>&1; then \
	    exec .tools/uv/bin/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION); \
	  fi; \
	  rm -rf .tools/uv; \
	  if $$python -m pip --version >/dev/null 2>&1; then \
	    exec $$python -m pip install -q --disable-pip-version-check --target .tools/uv uv==$(UV_VERSION); \
	  fi; \
	done; \
	echo "no Python 3 with venv or pip was found: install python3 (and python3-venv on Debian or Ubuntu), then run make again" >&2; \
	exit 1

.venv/pyvenv.cfg: $(UV) .python-version
	@echo "[2/4] Python $$(cat .python-version)"
	@$(UV) venv -q --clear --python "$$(cat .python-version)" .venv

$(STAMP): .venv/pyvenv.cfg requirements/dev.txt requirements/sam.txt pyproject.toml
	@echo "[3/4] cronmend and its libraries"
	@$(UV) pip sync -q --python .venv/bin/python --require-hashes requirements/dev.txt
	@$(UV) pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e .
	@echo "[4/4] SAM CLI"
	@[ -x .tools/sam/bin/python ] || $(UV) venv -q --python .venv/bin/python .tools/sam
	@$(UV) pip sync -q --python .tools/sam/bin/python --require-hashes requirements/sam.txt
	@ln -sf ../../$(SAM) .venv/bin/sam
	@touch $(STAMP)

.PHONY: requirements
requirements: $(UV) ## Pin again what the *.in files name
	@$(UV) pip compile -q --python-version 3.13 --universal --generate-hashes --custom-compile-command 'make requirements' $(UPGRADE) functions/requirements.in -o functions/requirements.txt
	@$(UV) pip compile -q --python-version 3.13 --universal --generate-hashes --custom-compile-command 'make requirements' $(UPGRADE) -c functions/requirements.txt requirements/dev.in -o requirements/dev.txt
	@$(UV) pip compile -q --python-version 3.13 --universal --generate-hashes --custom-compile-command 'make requirements' $(UPGRADE) requirements/sam.in -o requirements/sam.txt

.PHONY: format
format: setup ## Put the code into its format
	@ruff format -q . && ruff check -q --fix .

.PHONY: check
check: lint types generated template test ## Everything that CI checks

.PHONY: lint
lint: setup ## Format, style and security rules
	@ruff format --check -q . || { echo "run 'make format'" >&2; exit 1; }
	@ruff check .

.PHONY: types
types: setup ## mypy, strict
	@mypy

.PHONY: generated
generated: setup ## What is generated is as its source says
	@cronmend jobs check
	@cronmend jobs build --check
	@cronmend alert check
	@cronmend alert build --check

.PHONY: template
template: setup ## The templates are valid, also by cfn-lint
	@sam validate --lint --template template.yaml
	@sam validate --lint --template schedules/template.yaml

.PHONY: build
build: setup ## What is deployed to AWS, in .aws-sam/build
	@sam build

.PHONY: deploy
deploy: build ## Deploy into the AWS account of your credentials; asks for what it needs
	@sam deploy --guided

.PHONY: bench
bench: setup ## Figures of the diagnosis, each against a baseline in the same run
	@cronmend bench

.PHONY: clean
clean: ## Remove all that make has made; ends a local account
	@[ ! -x .venv/bin/cronmend ] || cronmend local down
	@rm -rf .venv .tools .aws-sam .local .mypy_cache .ruff_cache .pytest_cache .hypothesis
