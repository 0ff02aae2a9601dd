# Two commands: `make app` opens the app, `make test` runs every check. Both install what they need on first use.
# Another Python: make app PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --disable-pip-version-check --requirement

.PHONY: app test

app: $(VENV)/app-installed
	$(PY) -m streamlit run streamlit_app.py

# pytest comes last, so that its closing line is the last thing to read.
test: $(VENV)/test-installed
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m pytest

# Each of these files is touched when its step is done; a step that was cut short is taken again.
$(VENV)/app-installed: requirements.txt $(VENV)/created
	@echo "Installing the app's requirements (several GB the first time: torch) ..."
	$(PIP) requirements.txt
	@touch $@

$(VENV)/test-installed: requirements-test.txt $(VENV)/app-installed
	@echo "Installing the tests' requirements ..."
	$(PIP) requirements-test.txt
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
