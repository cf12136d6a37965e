# Two commands do everything: `make` builds the PDFs, `make test` runs all tests.
# Both set up what is missing first: a Python environment in .venv and the TeX packages.

PYTHON ?= $(shell tools/find_python)
VENV := .venv
RUN := $(VENV)/bin/python
LOCKED := $(VENV)/.locked
TEX := $(VENV)/.tex

.DEFAULT_GOAL := pdf
.PHONY: pdf test check setup lint clean

pdf: setup  ## Build every set into output/
	$(RUN) build.py

test: setup lint  ## Run every test
	$(RUN) -m pytest

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

check: setup  ## Compare numbers with formulas, without TeX
	$(RUN) build.py check

setup: $(LOCKED) $(TEX)

# The stamp holds the lock file itself, so that an unchanged one needs no network.
$(LOCKED): requirements.lock tools/make_venv
	@cmp -s requirements.lock $@ || tools/make_venv "$(PYTHON)" $(VENV) requirements.lock
	@cp requirements.lock $@

$(TEX): tools/install_tex $(LOCKED)
	tools/install_tex
	@touch $@

clean:  ## Remove everything that make made
	rm -rf $(VENV) output .mypy_cache .ruff_cache .pytest_cache .hypothesis
