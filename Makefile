# make demo | test | lint | clean. Each sets up .venv first if it has to; nothing else is needed.
.DEFAULT_GOAL := help
.PHONY: help setup demo test quick coverage lint corpus fuzz boards clean
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := $(BIN)/hangeul-bench
INSTALLED := $(VENV)/.installed
# The fonts come as npm packages; without an npm client on PATH, pip brings one.
EXTRAS := $(if $(shell command -v npm 2>/dev/null),dev,dev npm)
# What the demo scores. Eight seen and eight unseen syllables of a font fill the networks' batch.
DEMO_MODELS := retrieval-font,dkfont,font-diffuser,diff-font,ground-truth,shifted-3px,nearest-font,aligned-font,sdf-blend,mean-font,content-font,jamo-swapped,blurred,blank
DEMO_LIMIT := 8
DEMO_TEXT := 다람쥐 헌 쳇바퀴에 타고파
# One process a core already fills the machine.
THREADS := OMP_NUM_THREADS=1

help:
	@echo "make demo    fetch fonts, build a dataset, score models, write a report (in demo/)"
	@echo "make test    run the tests        make test ARGS='tests/hangeul/test_charset.py -v'"
	@echo "make quick   those that need no network, no browser and no long computation"
	@echo "make coverage  the tests, and which lines none of them runs"
	@echo "make lint    ruff and mypy"
	@echo "make corpus  fetch the 135 fonts of the corpus, build their dataset (in .cache/core/)"
	@echo "make boards  the board and the tables of docs/, from results and code"
	@echo "make fuzz    16,000 damaged fonts, pictures, JSON and CSV files, 200 photographed sheets (half an hour)"
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
	@for model in font-diffuser dkfont; do $(BENCH) draw --model $$model --data demo/dataset \
	  --text "$(DEMO_TEXT)" --reference demo/fonts/handwritten/gamja-flower-regular.ttf \
	  --out demo/drawn-$$model.png || exit; done
	@$(BENCH) template --out demo/sheet.pdf --fonts demo/fonts
	@$(BENCH) font --data demo/dataset --fonts demo/fonts --family "Demo Hand" --out demo/DemoHand.ttf \
	  --reference demo/fonts/handwritten/gamja-flower-regular.ttf \
	  --syllables fontmaker/demo_syllables.txt
	@$(BENCH) leaderboard --results demo/results --format text --cell uf --category all
	@echo
	@echo "Specimen     demo/specimen.png"
	@echo "Drawn        demo/drawn-font-diffuser.png, demo/drawn-dkfont.png (from one glyph of Gamja Flower)"
	@echo "Sheet        demo/sheet.pdf (to write on; hangeul-bench font --sheet reads its photograph)"
	@echo "Font         demo/DemoHand.ttf, shown in demo/DemoHand.html"
	@echo "Comparison   demo/comparison.png"
	@echo "Report       demo/report.html"
	@echo "Leaderboard  demo/leaderboard.csv"
	@echo "Dataset      demo/dataset"

test: $(INSTALLED)
	$(THREADS) $(BIN)/pytest -n 2 $(ARGS)

# What needs no network, no browser and no long computation.
quick: $(INSTALLED)
	$(THREADS) $(BIN)/pytest -n 2 -m "not slow" $(ARGS)

# As `test`, in somewhat more time; fails below the share of lines in pyproject.toml.
coverage: $(INSTALLED)
	$(THREADS) $(BIN)/pytest -n 2 --cov --cov-report term $(ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# What the tests of the whole corpus look at, where these two folders are named to them: .ci/run.
corpus: $(INSTALLED)
	@$(BENCH) fonts fetch --set core --out .cache/core/fonts
	@$(BENCH) build --fonts .cache/core/fonts --out .cache/core/dataset

# What is committed and made from results and code: after a new result, metric or export layout.
boards: $(INSTALLED)
	$(BENCH) leaderboard --results leaderboards/results --out leaderboards/open-hangeul-1.csv
	$(BIN)/python docs/tables.py

# A failure names its case: make fuzz ARGS='--only fonts:123' runs it again.
fuzz: $(INSTALLED)
	@$(BENCH) fonts fetch --set demo --out .cache/fuzz-fonts
	$(THREADS) $(BIN)/python tests/fuzz/run.py --font-folder .cache/fuzz-fonts $(ARGS)

clean:
	rm -rf $(VENV) demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
