# Two commands do all the set-up: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
JOBS ?= 2
PYTEST_FLAGS ?=
SCREEN := xvfb-run -a -s '-screen 0 1920x1080x24'

.PHONY: help demo test lint types bench packages docs clean system
.SILENT:
MAKEFLAGS += --no-print-directory

help:
	echo "make demo      install what is needed, open the program on demo patients"
	echo "make test      install what is needed, run all tests"
	echo "make lint      ruff;  make types  mypy;  make bench  measure beside peers"
	echo "make packages  build the frozen program;  make docs  pictures of the README"

demo: $(VENV)/.program
	if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(BIN)/viewr demo; \
	else \
		echo "No screen: the program works through the demo tasks by itself under Xvfb."; \
		$(SCREEN) $(BIN)/viewr demo --tour build/tour && echo "The pictures are in $(CURDIR)/build/tour."; \
	fi

test: $(VENV)/.tests .real/.installed
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(PYTEST_FLAGS) $(TESTS)

lint: $(VENV)/.tests
	$(BIN)/ruff check .

types: $(VENV)/.tests
	$(BIN)/mypy

bench: $(VENV)/.tests
	$(SCREEN) $(BIN)/python -m benchmarks

packages: $(VENV)/.tests
	$(BIN)/python -m PyInstaller --noconfirm --distpath build/dist --workpath build/freeze viewr.spec
	echo "The frozen program is in $(CURDIR)/build/dist/viewr."

docs: $(VENV)/.program
	$(SCREEN) $(BIN)/viewr demo --tour build/tour
	$(BIN)/python docs/pictures.py build/tour docs/pictures

clean:
	rm -rf build dist .venv .real

system:
	.ci/system-packages

$(VENV)/bin/pip: | system
	$(PYTHON) -m venv $(VENV)

$(VENV)/.program: pyproject.toml constraints.txt | $(VENV)/bin/pip
	echo "Installing ViewR into $(VENV) (a minute)"
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.tests: pyproject.toml constraints.txt | $(VENV)/bin/pip
	echo "Installing ViewR and what its tests need into $(VENV) (a minute)"
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[test]'
	# pyxnat asks for an obsolete backport that PyInstaller refuses to see.
	$(BIN)/pip uninstall -q -y pathlib 2>/dev/null
	touch $@ $(VENV)/.program

# The real task supervisor and study governor; their pins clash with ours, so each has an environment of its own.
.real/.installed: tests/real/install.sh | system
	sh tests/real/install.sh
	touch $@
