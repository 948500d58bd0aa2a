# The newcomer's commands. Everything goes into .venv; nothing else has to run.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out

# A test process for each processor and one more, for some tests wait most of their time; up to four,
# for some start six processes of their own. Each takes module after module, for a module's tests
# share what is dear to make; in the order of the folders, for the whole pipelines come first in it
# and the short unit tests fill up the end.
PROCESSES = $(shell $(BIN)/python -c "import os; print(min((os.cpu_count() or 1) + 1, 4))")
SIDE_BY_SIDE = --numprocesses $(PROCESSES) --dist loadscope --no-loadscope-reorder

.PHONY: install demo analyze test test-all coverage lint soak bench bench-check bench-record up

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

# OpenCV 4 beside OpenCV 5, which reads Caffe's files no more: the reference of the OpenPose tests.
.venv/opencv4: .venv/installed
	$(BIN)/python -m pip install --quiet --no-deps --target $@ opencv-python-headless==4.14.0.94
	touch $@

# s3fs and a server that speaks S3, for the tests of archives by URL: they need python-dateutil 2,
# which nothing else does.
.venv/s3: .venv/installed
	$(BIN)/python -m pip install --quiet --target $@ s3fs==2026.9.0 'moto[s3]==5.2.5' flask flask-cors
	touch $@

# The peer of `make bench`, in an environment of its own: it needs numpy 1, and Python 3.12 at most.
.venv/peer: .venv/installed
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet mediapipe==0.10.21 || { rm -rf $@; exit 1; }
	touch $@

demo: install
	$(BIN)/coach demo --out $(OUT)

analyze: install
	@test -n "$(CLIP)" || { echo "usage: make analyze CLIP=my.mp4 [OUT=folder]" >&2; exit 2; }
	$(BIN)/coach analyze "$(CLIP)" --out $(OUT)

test: install .venv/opencv4 .venv/s3
	$(BIN)/coach models pull movenet blazepose-full openpose-mobilenet
	$(BIN)/pytest $(SIDE_BY_SIDE) $(MORE)

# The same with all cases and all real clips that lie beside the checkout, not with a few of a kind.
test-all: MORE += --thorough
test-all: test

# The same with the lines that no test has run: a third slower.
coverage: MORE += --cov --cov-report=term:skip-covered
coverage: test

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Fifty schedules of faults on real deployments, two at a time: about half an hour on two cores. The
# figures go to out/soak. `python -m faults.harness --seed N` repeats one, see docs/reliability.md.
soak: install
	$(BIN)/coach models pull movenet blazepose-full
	PYTHONPATH=tests $(BIN)/python -m faults.harness --seeds 50 --jobs 2 --out $(OUT)/soak

# Every table of the benchmarks, with its goals beside: about an hour on an idle machine of two cores.
bench: install .venv/opencv4 .venv/peer
	$(BIN)/coach models pull
	$(BIN)/python -m benchmarks.whole_clip
	$(BIN)/python -m benchmarks.bare_parts
	$(BIN)/python -m benchmarks.pipeline
	PYTHONPATH=.venv/opencv4 $(BIN)/python benchmarks/openpose.py network threads grouping pipeline
	$(BIN)/python -m benchmarks.gpu

# A few minutes: fails where a ratio is below 0.7 of that in benchmarks/recorded.json.
bench-check: install .venv/peer
	$(BIN)/coach models pull
	$(BIN)/python -m benchmarks.check

# Writes benchmarks/recorded.json anew: on an idle machine, with the change that explains it.
bench-record: install .venv/peer
	$(BIN)/coach models pull
	$(BIN)/python -m benchmarks.check --record --rounds 3

up:
	docker compose up --build
