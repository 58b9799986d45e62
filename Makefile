# Two commands do all the set-up: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
INSTALL := $(RUN) pip install -q --disable-pip-version-check -c constraints.txt
TESTS ?= tests
JOBS ?= 2
PYTEST_FLAGS ?=
SCREEN := xvfb-run -a -s '-screen 0 1920x1080x24'

FUZZED := tests/model/test_formula.py tests/model/test_template.py tests/model/test_result.py tests/model/test_task.py \
	tests/templates/test_mdl.py tests/templates/test_mutants.py

.PHONY: help demo test fuzz lint types bench packages docs clean system-demo system-tests real
.SILENT:
# All targets share one environment.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
# So that every line is seen when it is written, also through a pipe.
export PYTHONUNBUFFERED := 1

help:
	echo "make demo      install what is needed, open the program on demo patients"
	echo "make test      install what is needed, run all tests (TESTS=tests/model runs some, JOBS=4 at once)"
	echo "make fuzz      hours of templates, formulas and results that nobody wrote; finds nothing"
	echo "make lint      ruff;  make types  mypy;  make bench  measure beside peers"
	echo "make packages  build the frozen program;  make docs  pictures of the README"
	echo "make clean     remove all that was built and installed here"

demo: $(VENV)/.program
	if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(RUN) viewr demo; \
	else \
		echo "No screen: the program works through the demo tasks by itself under Xvfb."; \
		$(SCREEN) $(RUN) viewr demo --tour build/tour && echo "The pictures are in $(CURDIR)/build/tour."; \
	fi

# Under Xvfb, also where there is a Wayland session.
test: $(VENV)/.tests real
	env -u WAYLAND_DISPLAY -u XDG_SESSION_TYPE \
		$(RUN) pytest -n $(JOBS) --dist loadgroup $(PYTEST_FLAGS) $(TESTS)

# Some hours of looking for templates, layouts, formulas, tasks and results that break what reads them.
fuzz: $(VENV)/.tests
	$(RUN) pytest -p no:xvfb --hypothesis-profile=long --hypothesis-show-statistics $(PYTEST_FLAGS) $(FUZZED)

lint: $(VENV)/.tests
	$(RUN) ruff check .

types: $(VENV)/.tests
	$(RUN) mypy

bench: $(VENV)/.tests
	PYTHON='$(PYTHON)' sh benchmarks/install_napari.sh || echo "napari could not be installed; nothing is compared with it."
	$(SCREEN) $(RUN) benchmarks

packages: $(VENV)/.tests
	echo "Freezing the program (a minute)"
	$(RUN) PyInstaller --noconfirm --log-level ERROR --distpath build/dist --workpath build/freeze viewr.spec
	echo "The frozen program is in $(CURDIR)/build/dist/viewr."

docs: $(VENV)/.tests
	$(SCREEN) $(RUN) viewr demo --tour build/tour
	$(VENV)/bin/python docs/pictures.py build/tour docs/pictures
	$(VENV)/bin/python docs/control_pictures.py docs/pictures/controls

clean:
	rm -rf build dist .venv .real

system-demo system-tests:
	PYTHON='$(PYTHON)' .ci/system-packages $(@:system-%=%)

$(VENV)/.program: pyproject.toml constraints.txt | system-demo
	echo "Installing ViewR into $(VENV) (a minute)"
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -e .
	touch $@

$(VENV)/.tests: pyproject.toml constraints.txt | system-tests
	echo "Installing ViewR and what its tests need into $(VENV) (a minute)"
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -e '.[test]'
	# pyxnat asks for an obsolete backport that PyInstaller refuses to see.
	$(RUN) pip uninstall -q -y pathlib 2>/dev/null
	touch $(VENV)/.program $@

# The real task supervisor and study governor; their pins clash with ours, so each has an environment of its own.
real: | system-tests
	PYTHON='$(PYTHON)' sh tests/real/install.sh
