# Two commands do everything: `make` builds the PDFs, `make test` runs all tests.
# Both set up what is missing first: a Python environment in .venv and the TeX packages.

PYTHON ?= $(shell tools/find_python)
VENV := .venv
RUN := $(VENV)/bin/python
LOCKED := $(VENV)/.locked
TEX := $(VENV)/.tex

.DEFAULT_GOAL := pdf
.PHONY: pdf test test-oldest test-torch check setup lint clean help

pdf: setup  ## Build every set into output/
	$(RUN) build.py

test: setup lint  ## Run every test
	$(RUN) -m pytest

lint: setup  ## Run the linter, the formatter's check and the type checker
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

# The calculus on the oldest SymPy that is supported; the locked one is the newest.
CALCULUS := tests/test_sympy_regression.py tests/test_bench.py tests/test_normal_form.py \
  tests/test_printer.py tests/test_reader.py tests/test_recognise.py tests/test_claim_kinds.py \
  tests/test_bounds.py tests/test_expectation.py tests/test_limits.py tests/test_minima.py \
  tests/test_unseen_problems.py tests/test_transformer_block.py

test-oldest: $(VENV)-oldest/.locked  ## Run the tests of the calculus on the oldest SymPy
	$(VENV)-oldest/bin/python -m pytest $(CALCULUS)

$(VENV)-oldest/.locked: requirements-oldest.lock tools/make_venv
	tools/make_venv "$(PYTHON)" $(VENV)-oldest requirements-oldest.lock
	@cp requirements-oldest.lock $@

# With PyTorch: its runs are compared with what is recorded of them, its opinions with the formulas.
TORCH_PYTHON ?= python3.11
WITH_TORCH := tests/test_opinions.py tests/problems/uva_dl1/test_pytorch_mlp.py

test-torch: $(VENV)-torch/.locked  ## Run with PyTorch what it is optional for
	$(VENV)-torch/bin/python -m pytest $(WITH_TORCH)
	$(VENV)-torch/bin/python build.py check uva_dl1/pytorch_mlp

$(VENV)-torch/.locked: requirements-torch.lock requirements.lock tools/make_venv
	tools/make_venv "$(TORCH_PYTHON)" $(VENV)-torch requirements-torch.lock
	@cp requirements-torch.lock $@

check: setup  ## Compare numbers with formulas, without TeX
	$(RUN) build.py check

setup: $(LOCKED) $(TEX)  ## Set up Python and TeX, where that is not done yet

# The stamp holds the lock file itself, so that an unchanged one needs no network. Where the Python
# that the environment was made with is gone, the environment is made again.
$(LOCKED): requirements.lock tools/make_venv $(if $(wildcard $(RUN)),,missing-python)
	@cmp -s requirements.lock $@ && test -x $(RUN) || \
	  tools/make_venv "$(PYTHON)" $(VENV) requirements.lock
	@cp requirements.lock $@

.PHONY: missing-python
missing-python:

$(TEX): tools/install_tex $(LOCKED)
	tools/install_tex
	@touch $@

clean:  ## Remove everything that make made
	rm -rf $(VENV) $(VENV)-oldest $(VENV)-torch output .mypy_cache .ruff_cache .pytest_cache .hypothesis

help:  ## Say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /make \1: /p' Makefile
