# Everything that is built, checked or trained here is a target of this file; `make help` lists them.
# GNU make 3.81 or newer, Linux and macOS.

SHELL := /bin/sh
.DEFAULT_GOAL := help
# The targets share folders and two cores; cargo and uv use those in parallel by themselves.
.NOTPARALLEL:
.DELETE_ON_ERROR:

## PYTHON        the interpreter to build with (the first that is new enough)
## SCENARIO      what `make train` trains
SCENARIO ?= movement_basic
## ARGS          more arguments for `make train`, such as ARGS="--seed 3"
ARGS ?=
## PYTEST_ARGS   more arguments for pytest, such as PYTEST_ARGS="--slow -k mask"
PYTEST_ARGS ?=
## UV_TORCH_BACKEND=cpu in the environment takes the torch without CUDA
export PYTHON

# Looked up only by the recipes that need it.
FOUND_PYTHON = $(shell sh scripts/check_tools.sh --python)
STEP = @scripts/step.sh
TEST_PYTHON := .venv-test/bin/python
WHEEL_SOURCES := Cargo.toml $(wildcard Cargo.lock) pyproject.toml README.md $(wildcard LICENSE*) \
	$(shell find rust python mods -type f ! -name '*.py[co]' ! -name '*.so' 2>/dev/null)

.PHONY: help train wheel test dev bench generate docs clean
.PHONY: check-build check-all need-test-venv begin-steps lint-rust test-rust test-venv try-wheel lint-python test-python fresh

help: ## list the targets and the variables
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "%-20s %s\n", $$1, $$2 }'
	@printf '\nvariables\n'
	@sed -n 's/^## /  /p' $(MAKEFILE_LIST)

# --- Training ----------------------------------------------------------------------------------------------------

train: .venv/installed-train ## train SCENARIO, evaluate it on unseen seeds, write curve, GIF and policy
	.venv/bin/factorio-fast train $(SCENARIO) $(ARGS)

# --- Building ----------------------------------------------------------------------------------------------------

wheel: dist/.built ## build the release wheel into dist/
	@ls dist/factorio_fast-*.whl

dist/.built: $(WHEEL_SOURCES) | check-build .venv-tools/made
	$(STEP) "release wheel" scripts/build_wheel.sh
	@touch $@

.venv-tools/made: scripts/requirements-tools.txt | check-build
	$(STEP) "build tools" scripts/make_tools.sh "$(FOUND_PYTHON)"
	@touch $@

.venv/made: | check-build
	"$(FOUND_PYTHON)" -m venv .venv
	@touch $@

# .venv/installed-EXTRAS: the release wheel with those extras.
.venv/installed-%: dist/.built | .venv/made
	$(STEP) "install the wheel with [$*]" scripts/install_wheel.sh .venv "$*"
	@touch $@

dev: .venv/made .venv-tools/made ## build for development into .venv: editable, opt-level 1, with all that tests need
	@rm -f .venv/installed-*
	PATH="$(CURDIR)/.venv-tools/bin:$$PATH" VIRTUAL_ENV="$(CURDIR)/.venv" maturin develop --extras train,plan,llm,test,dev,data \
		$$([ -x .venv-tools/bin/uv ] && echo --uv)

bench: .venv/installed-train,plan,llm,test ## run the benchmarks of Rust and Python
	cargo bench --locked
	.venv/bin/pytest benches --benchmark-only $(PYTEST_ARGS)

# Prototype data is compiled into the core, and the core writes the contract files: so it is built once more between.
generate: dev ## rewrite the generated files: prototype data, contract.lua, docs/contract.md, docs/fidelity.md, docs/blueprints.md
	.venv/bin/python scripts/extract_prototypes.py
	@$(MAKE) --no-print-directory dev
	.venv/bin/python scripts/generate.py
	.venv/bin/python scripts/run_blueprints.py

docs: generate ## the same as generate

# --- Checking ----------------------------------------------------------------------------------------------------

test: check-all begin-steps lint-rust test-rust test-venv try-wheel lint-python fresh test-python ## run every check that CI runs
	@scripts/step.sh --end "all checks passed"

begin-steps:
	@scripts/step.sh --begin

lint-rust: | check-all ## rustfmt and clippy
	$(STEP) "rustfmt" cargo fmt --check
	$(STEP) "clippy, no features" cargo clippy --locked --all-targets -- -D warnings
	$(STEP) "clippy, every feature" cargo clippy --locked --all-targets --features python,sim-server -- -D warnings

test-rust: | check-all ## cargo test
	$(STEP) "cargo test" cargo test --locked --features sim-server

test-venv: dist/.built | check-all ## build the wheel and install it into a clean .venv-test
	$(STEP) "clean virtual environment" "$(FOUND_PYTHON)" -m venv --clear .venv-test
	$(STEP) "install the wheel and what its tests need" \
		scripts/install_wheel.sh .venv-test train,plan,llm,test,dev,data

try-wheel: dist/.built | check-build ## install the wheel alone, by plain pip, and take a few steps
	$(STEP) "the wheel alone, by plain pip" scripts/try_wheel.sh "$(FOUND_PYTHON)"

lint-python: | need-test-venv ## ruff, mypy --strict and stubtest (after test-venv)
	$(STEP) "ruff check" $(TEST_PYTHON) -m ruff check
	$(STEP) "ruff format" $(TEST_PYTHON) -m ruff format --check
	$(STEP) "mypy --strict" $(TEST_PYTHON) -m mypy --strict
	$(STEP) "stubtest" $(TEST_PYTHON) -m mypy.stubtest factorio_fast._core

fresh: | need-test-venv ## generated files are what the code generates (after test-venv)
	$(STEP) "generated files" $(TEST_PYTHON) scripts/generate.py --check
	$(STEP) "prototype data" $(TEST_PYTHON) scripts/extract_prototypes.py --check
	$(STEP) "the mod and the game's API" $(TEST_PYTHON) scripts/check_mod_api.py

# The script, not `python -m pytest`: that would put this folder on the import path.
test-python: | need-test-venv ## pytest against the installed wheel (after test-venv)
	$(STEP) "pytest" env FACTORIO_FAST_INSTALLED=1 .venv-test/bin/pytest $(PYTEST_ARGS)

need-test-venv:
	@[ -x $(TEST_PYTHON) ] || { echo 'error: there is no .venv-test; "make test-venv" makes it' >&2; exit 1; }

check-build:
	@sh scripts/check_tools.sh python rust

check-all:
	@sh scripts/check_tools.sh python rust rustfmt clippy

# --- Cleaning ----------------------------------------------------------------------------------------------------

clean: ## remove all that was built (training results in runs/ stay)
	rm -rf target build dist .venv .venv-test .venv-tools .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find python tests scripts benches -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
	find python -name '*.so' -type f -delete 2>/dev/null || true
