# Needs Python 3.10+, make and a package index; everything else is installed into .venv (requirements/*.txt).
# Systems without make: python -m hfquick tour

PYTHON ?= python3
BIN := .venv/bin
ENV := $(PYTHON) -m hfquick.commands.launch
# Tests and rebuilt notebooks never depend on the network of the day, on the reader's language or on a leftover setting.
# Bytecode is kept: a hundred processes start in a run, and import the same files.
QUIET := env -u PYTHONWARNINGS -u PYTHONDONTWRITEBYTECODE HF_HUB_OFFLINE=1 HFQUICK_LANG=en HFQUICK_STAND_INS=1 TF_CPP_MIN_LOG_LEVEL=3

# As many processes as cores, as far as the memory goes (conftest.py); T="-n 0" runs in one.
PYTEST := $(QUIET) $(BIN)/python -m pytest --nbval -n auto

export TOUR PORT FRAMEWORK NIGHTLY

.DEFAULT_GOAL := help
.PHONY: help tour test check test-versions lint format bench gpu notebooks env clean python

help:
	@echo "make <target>; the first two are the ones to know:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

tour: python  ## open the quick tour in JupyterLab (TOUR=fr|en, FRAMEWORK=pytorch|tensorflow|both, PORT=8888)
	@$(ENV) $(or $(FRAMEWORK),pytorch)
	@$(BIN)/python -m hfquick tour

test: env  ## run everything: unit tests, parity, planted mutations, notebooks (T="..." adds options; NIGHTLY=1 leaves out no proven one)
	$(PYTEST) tests notebooks $(T)

check: lint  ## the quick round before a commit: lint, the tests that are quick, two notebooks
	$(PYTEST) -m "not slow and not long" tests notebooks/en $(T)

test-versions: python  ## the unit tests with other Pythons, the oldest packages, and Colab's (V="name ..." chooses; docs/tests.md)
	$(PYTHON) tools/test_versions.py $(V)

lint: env  ## ruff (rules and format) and mypy
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

format: env  ## let ruff put the code in shape
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .

bench: python  ## measure hfquick beside transformers in one run, in .venv-bench and .venv-bench-tf (benchmarks/README.md)
	$(PYTHON) -m benchmarks

gpu: python  ## on a machine with a GPU, with the torch of PYTHON: tests/gpu, and ratios to transformers 5 (docs/tests.md)
	$(PYTHON) -m venv --system-site-packages .venv-gpu
	.venv-gpu/bin/python -m pip install --quiet -r requirements/gpu.txt
	$(QUIET) .venv-gpu/bin/python -m pytest -o filterwarnings=default -m gpu tests/gpu $(T)
	$(QUIET) .venv-gpu/bin/python benchmarks/gpu.py $(B)

notebooks: env  ## build and execute the notebooks of all languages from notebooks/source and notebooks/po
	$(QUIET) $(BIN)/python notebooks/build.py

env: python  ## make or bring up to date .venv with everything for development
	@$(ENV) dev

clean:  ## remove caches and builds (keeps .venv and your hfquick-tour)
	rm -rf build dist .pytest_cache .ruff_cache .mypy_cache
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "hfquick needs Python 3.10 or newer as $(PYTHON); choose one: make PYTHON=python3.12 ..." >&2; exit 2; }
