# Start with `make run` and `make test`. Both install missing tools first.
# Only Python 3 and make are required; `make setup` installs uv, Python 3.13 and the SAM CLI in this directory.
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
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: setup ## Play the demo on AWS emulated on this machine
	@cronmend demo

MODULE_TOOLS := .tools/cdk/.ready .tools/terraform/.ready

.PHONY: test
test: setup $(MODULE_TOOLS) ## Run all tests
	@pytest -n 2 --dist loadfile

.PHONY: setup
setup: $(STAMP) ## Create .venv (Python 3.13, cronmend, sam)

# Any Python 3 works. `python3` may be a pyenv shim that can't run 3.13 here, so other paths are tried too.
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
	echo "No Python 3 with venv or pip was found. Install python3 (and python3-venv on Debian or Ubuntu), then run make again." >&2; \
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

PIN = $(UV) pip compile -q --python-version 3.13 --universal --generate-hashes --custom-compile-command 'make requirements' $(UPGRADE)
.PHONY: requirements
requirements: $(UV) ## Pin the packages of the *.in files again
	@$(PIN) functions/requirements.in -o functions/requirements.txt
	@$(PIN) -c functions/requirements.txt requirements/dev.in -o requirements/dev.txt
	@$(PIN) requirements/sam.in -o requirements/sam.txt
	@$(PIN) requirements/security.in -o requirements/security.txt
	@$(PIN) requirements/docs.in -o requirements/docs.txt
	@$(PIN) requirements/cdk.in -o requirements/cdk.txt
	@$(PIN) requirements/terraform.in -o requirements/terraform.txt

.PHONY: format
format: setup ## Format the code
	@ruff format -q . && ruff check -q --fix .

.PHONY: check
check: lint types generated template security test ## Run every check of CI

.PHONY: lint
lint: setup ## Check format, style and security rules
	@ruff format --check -q . || { echo "The code isn't formatted. Run 'make format'." >&2; exit 1; }
	@ruff check .

.PHONY: types
types: setup ## Check types with mypy, strict
	@mypy

.PHONY: generated
generated: setup ## Check that generated files are up to date
	@cronmend jobs check
	@cronmend jobs build --check
	@cronmend alert check
	@cronmend alert build --check
	@cronmend samples build --check
	@python -m cli.reference --check
	@python -m cli.json_schemas.pages --check
	@python -m cli.releasing.modules --check

.PHONY: template
template: setup ## Validate the templates, also with cfn-lint
	@sam validate --lint --template template.yaml
	@for each in schedules/*.yaml; do sam validate --lint --template $$each || exit 1; done

# Each in an environment of its own: its packages would pin those of the tests.
.tools/%/.ready: requirements/%.txt .venv/pyvenv.cfg
	@[ -x .tools/$*/bin/python ] || $(UV) venv -q --python .venv/bin/python .tools/$*
	@$(UV) pip sync -q --python .tools/$*/bin/python --require-hashes requirements/$*.txt
	@touch $@

.PHONY: security
security: setup .tools/security/.ready ## Check the templates' security, and what ships for known vulnerabilities
	@python -m tests.security.linter
	@python -m tests.security.audit functions/requirements.txt

.PHONY: modules
modules: setup $(MODULE_TOOLS) ## Test the Terraform module and the CDK construct, with terraform and Node.js
	@pytest tests/modules

.PHONY: audit
audit: setup .tools/security/.ready ## Check all pinned packages for known vulnerabilities
	@python -m tests.security.audit functions/requirements.txt requirements/*.txt

SECONDS ?= 60
.PHONY: fuzz
fuzz: setup ## Feed hostile input to every parser for SECONDS
	@end=$$(($$(date +%s) + $(SECONDS))); while (($$(date +%s) < end)); do \
	  FUZZ_EXAMPLES=500 pytest -q --hypothesis-seed=$$RANDOM tests/fuzz/test_parsers.py || exit 1; \
	done

.PHONY: pictures
pictures: setup ## Take the pictures of the board and of messages again, with Chromium
	@python -m cli.board.pictures

# The pages link to files beside docs/, so all pages are copied into one directory first.
PAGES = README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md SECURITY.md events/README.md local/README.md
.PHONY: docs
docs: setup .tools/docs/.ready ## Build the documentation as a site in .local/site, and check its links
	@rm -rf .local/pages .local/site && mkdir -p .local/pages/events .local/pages/local
	@cp -R docs .local/pages/docs && for each in $(PAGES); do cp $$each .local/pages/$$each; done
	@python -m cli.diagnosis.rules_page > .local/pages/docs/shipped-rules.md
	@cp zensical.toml .local/zensical.toml && .tools/docs/bin/zensical build --strict --config-file .local/zensical.toml
	@echo "The site is in .local/site."

N ?= 20
MODES ?=
.PHONY: demo-soak
demo-soak: setup ## Play the demo N times each on a machine at rest, a busy one, and with slow and fast jobs
	@python -m tests.soak $(N) $(MODES)

# The directory with your settings, jobs and alerts; one for each stack. `cronmend init` writes it, and git ignores it.
ACCOUNT ?= account
# More options for `sam build`, such as SAM_BUILD=--use-container.
SAM_BUILD ?=
OWN_SAM = --config-file "$$(cd "$(ACCOUNT)" && pwd)/samconfig.toml"
BUILT = $(ACCOUNT)/.aws-sam

.PHONY: own
own: setup
	@[ -e "$(ACCOUNT)/samconfig.toml" ] || cronmend init "$(ACCOUNT)"

# From a copy: the policies and routes in functions/ are those of the example site, and never those of your account.
.PHONY: build
build: own ## Build the functions for AWS, with your jobs, alerts and rules
	@rm -rf "$(BUILT)/source"
	@mkdir -p "$(BUILT)/source"
	@cp -R template.yaml functions schedules "$(BUILT)/source"
	@cronmend jobs build "$(ACCOUNT)/jobs.toml" --root "$(BUILT)/source"
	@cronmend alert build "$(ACCOUNT)/alerts.toml" --root "$(BUILT)/source"
	@cronmend rules build "$(ACCOUNT)/rules" --root "$(BUILT)/source"
	@sam build $(OWN_SAM) --template-file "$(BUILT)/source/template.yaml" --build-dir "$(BUILT)/build" $(SAM_BUILD)
	@$(MAKE) -s compile

# Lambda can't store the byte code of a package, so each new container would compile it. It doesn't look at the sources: unzipping changes
# their times. Tracebacks show the paths that the sources have there.
.PHONY: compile
compile: setup ## Add byte code to the built functions
	@for function in "$(BUILT)"/build/*/; do \
	  python -m compileall -q --invalidation-mode unchecked-hash -s "$${function%/}" -p /var/task "$$function" || exit 1; \
	done

.PHONY: deploy
deploy: build ## Deploy to your AWS account; the first time, asks for the cluster and whom to notify
	@sam deploy $(OWN_SAM) --template-file "$(BUILT)/build/template.yaml"

# A stack that is deleted can't enable the schedules that it holds. With the mode off, it holds no others; functions cache the mode for
# 15 seconds.
.PHONY: remove
remove: setup ## Release held schedules, then delete your stack; the ledger is kept
	@options="$$(python -m cli.deploying.options "$(ACCOUNT)")"; \
	read -r -p "Delete the stack ($$options)? [y/N] " answer; \
	[[ "$$answer" == [yY]* ]] || { echo "Nothing was deleted." >&2; exit 1; }; \
	cronmend mode off $$options; \
	sleep 15; \
	cronmend hold release --all $$options; \
	sam delete $(OWN_SAM) --no-prompts

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
PACKED = .release/source/cronmend_tool/release

# From a copy of the last commit. The policies and routes in it are those of no one: a stack without a clone gets its
# own by `cronmend jobs publish` and `cronmend alert publish`. uv takes the libraries for Lambda's Linux, whatever this machine runs.
.PHONY: release
release: setup .tools/security/.ready ## Build a release of the last commit in dist/: wheels, functions, template, Terraform module, SBOM, checksums
	@rm -rf dist .release
	@mkdir -p dist .release/source .release/build
	@git archive HEAD | tar -x -C .release/source
	@mkdir "$(PACKED)"
	@printf '[jobs]\n' > .release/jobs.toml
	@printf '[routes.default]\n' > .release/alerts.toml
	@cronmend jobs build .release/jobs.toml --root .release/source
	@cronmend alert build .release/alerts.toml --root .release/source
	@for pair in arm64:aarch64 x86_64:x86_64; do \
	  cp -R .release/source/functions ".release/build/$${pair%:*}"; \
	  $(UV) pip install -q --no-deps --only-binary :all: --require-hashes -r functions/requirements.txt \
	    --python .venv/bin/python --python-platform "$${pair#*:}-manylinux_2_28" --target ".release/build/$${pair%:*}"; \
	  rm -rf ".release/build/$${pair%:*}"/{bin,.lock}; \
	done
	@$(MAKE) -s compile BUILT=.release
	@for each in arm64 x86_64; do python -m cli.releasing.files archive ".release/build/$$each" "$$each" "$(PACKED)"; done
	@python -m cli.releasing.files template .release/source "$(PACKED)"
	@cd .release/source && python -m hatchling build -t wheel -d ../../dist
	@python -m cli.releasing.files terraform .release/source/modules/terraform "$(PACKED)" "dist/cronmend-$(VERSION)-terraform.zip"
	@cp -R "$(PACKED)" .release/source/modules/cdk/cronmend_cdk/release
	@cd .release/source/modules/cdk && python -m hatchling build -t wheel -d ../../../../dist
	@for each in "$(PACKED)"/*; do cp "$$each" "dist/cronmend-$(VERSION)-$$(basename "$$each")"; done
	@.tools/security/bin/cyclonedx-py requirements --output-reproducible -o "dist/cronmend-$(VERSION).cdx.json" functions/requirements.txt
	@python -m cli.releasing.files checksums dist

TRIED := .release/tried

.PHONY: try-release
try-release: setup ## Install the wheels of dist/ in environments of their own, and run them
	@cd dist && sha256sum --check --quiet SHA256SUMS
	@$(UV) venv -q --clear --python .venv/bin/python "$(TRIED)"
	@$(UV) pip install -q --python "$(TRIED)/bin/python" dist/cronmend-*.whl
	@cd "$(TRIED)" && bin/cronmend --version && echo MemoryError | bin/cronmend explain --log -
	@cd "$(TRIED)" && bin/python -c 'import cronmend_tool.command as it; it.find_packages(); \
	  from cli.installing.release import installed; print("Contains", *sorted(each.name for each in installed().place.iterdir()))'
	@$(UV) venv -q --clear --python .venv/bin/python "$(TRIED)-cdk"
	@$(UV) pip install -q --python "$(TRIED)-cdk/bin/python" dist/cronmend_cdk-*.whl
	@if command -v node >/dev/null; then "$(TRIED)-cdk/bin/python" tests/modules/cdk_app.py "$(TRIED)-cdk/out" >/dev/null && \
	  echo "Synthesized" "$(TRIED)-cdk"/out/*.template.json; else echo "SKIPPED: the CDK construct, because there is no Node.js." >&2; fi
	@rm -rf "$(TRIED)-terraform" && python -m zipfile -e "dist/cronmend-$(VERSION)-terraform.zip" "$(TRIED)-terraform"
	@if command -v terraform >/dev/null; then terraform fmt -check "$(TRIED)-terraform"; fi
	@cd "$(TRIED)-terraform" && echo "The Terraform module has" *.tf release/*

.PHONY: bench
bench: setup ## Measure the speed of the diagnosis, and compare the calls per event with the last release
	@cronmend bench
	@cronmend bench compare

.PHONY: clean
clean: ## Remove everything that make created; stops a local account
	@[ ! -x .venv/bin/cronmend ] || cronmend local down
	@rm -rf .venv .tools .aws-sam .local .release dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
