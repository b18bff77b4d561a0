# make demo | test | lint | clean. Each sets up .venv first if it has to; nothing else is needed.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint clean
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := $(BIN)/hangeul-bench
INSTALLED := $(VENV)/.installed
# The fonts come as npm packages; without an npm client on PATH, pip brings one.
EXTRAS := $(if $(shell command -v npm 2>/dev/null),dev,dev npm)
# What the demo scores. Eight seen and eight unseen syllables of a font fill the networks' batch.
DEMO_MODELS := dkfont,diff-font,ground-truth,shifted-3px,nearest-font,mean-font,content-font,jamo-swapped,blurred,blank
DEMO_LIMIT := 8
DEMO_TEXT := 다람쥐 헌 쳇바퀴에 타고파
# One process a core already fills the machine.
THREADS := OMP_NUM_THREADS=1

help:
	@echo "make demo    fetch fonts, build a dataset, score models, write a report (in demo/)"
	@echo "make test    run the tests        make test ARGS='tests/test_charset.py -v'"
	@echo "make lint    ruff and mypy"
	@echo "make clean   remove what make made, .venv and demo/ included"

setup: $(INSTALLED)

# The upper bound on torch in pyproject.toml keeps pip from the CUDA build.
$(INSTALLED): pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { \
	  echo "hangeul-bench needs Python 3.11 or newer, but $(PYTHON) is" \
	    "$$($(PYTHON) --version 2>&1); try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) (about 1.8 GB, a minute or two) ..."
	@$(BIN)/python -m pip install --disable-pip-version-check --editable '.[$(shell echo $(EXTRAS) | tr " " ,)]'
	@touch $@

# Every step continues what an earlier run left in demo/, so this may be stopped and repeated.
demo: $(INSTALLED)
	@$(BENCH) fonts fetch --set demo --out demo/fonts
	@$(BENCH) build --fonts demo/fonts --out demo/dataset --name "Open Hangeul demo"
	@$(BENCH) verify demo/dataset
	@$(BENCH) info demo/dataset
	@$(BENCH) sheet demo/dataset --out demo/specimen.png
	@$(BENCH) evaluate --model $(DEMO_MODELS) --data demo/dataset --limit $(DEMO_LIMIT) \
	  --out demo/results
	@$(BENCH) leaderboard --results demo/results --out demo/leaderboard.csv
	@$(BENCH) report demo/results/*-lite.json --data demo/dataset --out demo/report.html \
	  --picture demo/comparison.png
	@$(BENCH) draw --model dkfont --data demo/dataset --text "$(DEMO_TEXT)" \
	  --reference demo/fonts/handwritten/gamja-flower-regular.ttf --out demo/drawn.png
	@$(BENCH) leaderboard --results demo/results --format text --cell paper --category all
	@echo
	@echo "Specimen     demo/specimen.png"
	@echo "Drawn        demo/drawn.png (by DK-Font, from one glyph of Gamja Flower)"
	@echo "Comparison   demo/comparison.png"
	@echo "Report       demo/report.html"
	@echo "Leaderboard  demo/leaderboard.csv"
	@echo "Dataset      demo/dataset"

test: $(INSTALLED)
	$(THREADS) $(BIN)/pytest -n 2 $(ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

clean:
	rm -rf $(VENV) demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
