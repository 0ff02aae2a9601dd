# `make app` opens the app, `make test` runs every check; both install what they need on first use, `make install` does
# that alone. Another Python: make app PYTHON=python3.12. Windows has no make: README has the same in three lines.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
LOG := $(VENV)/install.log

# Installs the requirements in a file: one line to read, all that pip says in a log, its end where it failed.
define install
@echo "Installing $(1): what pip says goes to $(LOG)"
@$(PY) -m pip install --disable-pip-version-check --requirement $(1) >>$(LOG) 2>&1 || { \
	tail -n 15 $(LOG) >&2; echo "That failed; all of it is in $(LOG). Mend it and run make again." >&2; exit 1; }
endef

.PHONY: app test install

install: $(VENV)/app-installed

app: install
	$(PY) -m cnngru app

# pytest comes last, so that its closing line is the last thing to read. Two processes, a file at a time: on two cores that
# takes half as long. A part of the tests, in one process: .venv/bin/python -m pytest tests/explain
test: $(VENV)/test-installed
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m pytest --numprocesses 2 --dist loadfile

# Each of these files is touched when its step is done; a step that was cut short is taken again.
$(VENV)/app-installed: requirements.txt $(VENV)/created
	@echo "The app's requirements are several GB the first time, most of it torch: some minutes."
	$(call install,requirements.txt)
	@touch $@

$(VENV)/test-installed: requirements-test.txt $(VENV)/app-installed
	$(call install,requirements-test.txt)
	@touch $@

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed and '$(PYTHON)' is not that." \
			"Install one, then name it: make $(or $(MAKECMDGOALS),app) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { \
		echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@touch $@

# A Python that was removed or replaced takes its .venv with it: start again.
ifneq ($(shell $(PY) -c 'print("works")' 2>/dev/null),works)
$(shell rm -f $(VENV)/created)
endif
