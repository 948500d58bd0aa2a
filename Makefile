# The newcomer's commands. Everything goes into .venv; nothing else has to run.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out

.PHONY: install demo analyze test lint bench up

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: install
	$(BIN)/coach demo --out $(OUT)

analyze: install
	@test -n "$(CLIP)" || { echo "usage: make analyze CLIP=my.mp4 [OUT=folder]" >&2; exit 2; }
	$(BIN)/coach analyze "$(CLIP)" --out $(OUT)

test: install
	$(BIN)/coach models pull blazepose-full openpose-mobilenet
	$(BIN)/pytest --cov --cov-report=term:skip-covered

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install
	$(BIN)/coach models pull
	$(BIN)/python benchmarks/pipeline.py
	$(BIN)/python benchmarks/openpose.py

up:
	docker compose up --build
