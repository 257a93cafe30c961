# make run    set up and open the window (without a display: a tour with pictures)
# make test   set up and run all tests
PYTHON := .venv/bin/python
# A process per core: half of the time is waiting for disks, servers and clocks.
RUN_TESTS = QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -n auto --dist worksteal

.PHONY: help setup run tour test check lint types contracts bench screenshots bundle lock clean

help:
	@echo "make run          set up, open the window (without a display: a tour with pictures)"
	@echo "make test         set up, run all tests"
	@echo "make check        ruff, types, import contracts, tests"
	@echo "make bench        speed, side by side with the bare libraries"
	@echo "make screenshots  every page in both themes, into build/screenshots"
	@echo "make bundle       a folder that runs without Python (PyInstaller), into dist"

setup:
	@sh tools/setup.sh

run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
		$(PYTHON) main.py $(WORKSPACE); \
	else \
		QT_QPA_PLATFORM=offscreen $(PYTHON) main.py tour build/tour; \
	fi

tour: setup
	@QT_QPA_PLATFORM=offscreen $(PYTHON) main.py tour build/tour

test: setup
	@sh tools/setup.sh tests
	$(RUN_TESTS) $(ARGS)

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: setup
	.venv/bin/mypy

contracts: setup
	.venv/bin/lint-imports

check: lint types contracts test

bench: setup
	QT_QPA_PLATFORM=offscreen $(PYTHON) -m benchmarks

screenshots: setup
	@mkdir -p build
	@rm -f build/demo.closeknit*
	$(PYTHON) main.py demo -w build/demo.closeknit
	QT_QPA_PLATFORM=offscreen $(PYTHON) main.py screenshots build/screenshots -w build/demo.closeknit

bundle: setup
	.venv/bin/pyinstaller --noconfirm tools/closeknit.spec

lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url -o requirements.lock

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache
