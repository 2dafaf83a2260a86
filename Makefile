PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check -q

.PHONY: demo test test-fast test-long lint docs bench dist test-dist release-notes lock links clean

demo: $(VENV)/ready ## the whole job on a sample pipeline, in the folder demo/
	@$(BIN)/fivestep demo demo

test: $(VENV)/ready-dev ## everything that must hold, but for what takes minutes
	$(BIN)/python -m pytest -n auto -m "not long"

test-fast: $(VENV)/ready-dev ## without what is slow
	$(BIN)/python -m pytest -n auto -m "not slow and not long"

test-long: $(VENV)/ready-dev ## what takes minutes: hundreds of schedules of faults, kills and human edits
	$(BIN)/python -m pytest -n auto -m long

lint: $(VENV)/ready-dev ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32
	$(BIN)/lint-imports

# The environment is made without pip inside, so that a Python without ensurepip will do.
$(VENV)/bin/python:
	@$(PYTHON) -m venv --without-pip $(VENV)

# The floors are imported as `fivestep.process` and so on, from the source too. An sdist holds no links: there they are made.
LINKS := $(addprefix fivestep/,config connectors jobs process)
links: $(LINKS)
$(LINKS): fivestep/%:
	@ln -s ../$* $@

$(VENV)/ready: requirements/run.txt pyproject.toml | $(VENV)/bin/python $(LINKS)
	@echo "Setting up $(VENV) …"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/ready-dev: requirements/dev.txt $(VENV)/ready
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

docs: $(VENV)/ready ## what is made from the code: the README's picture, the page on the Python API, the schemas, the manual page
	$(BIN)/python docs/picture.py
	$(BIN)/python docs/python_page.py
	$(BIN)/python docs/schemas.py
	$(BIN)/python docs/man_page.py

dist: $(VENV)/ready ## the sdist and the wheel, in dist/; REPOSITORY=https://… for a package index
	@rm -rf dist
	@$(BIN)/python release/dist.py $(if $(REPOSITORY),--repository $(REPOSITORY))

test-dist: dist ## what was built, in clean environments: the demo on every Python that is here, the quick tests on one
	@$(PYTHON) release/try_dist.py dist --tests

release-notes: ## what CHANGELOG.md says of this version
	@$(PYTHON) release/notes.py

bench: $(BENCH)/ready ## how fast and how lean it is, beside json.loads and other checkers; takes some minutes
	@$(BENCH)/bin/python -m benchmarks

# An environment of its own: the other checkers bring a hundred packages along.
$(BENCH)/ready: requirements/bench.txt pyproject.toml
	@echo "Setting up $(BENCH) …"
	@$(PYTHON) -m venv --without-pip $(BENCH)
	@$(subst $(VENV)/,$(BENCH)/,$(PIP)) install --require-hashes -r requirements/bench.txt
	@$(subst $(VENV)/,$(BENCH)/,$(PIP)) install --no-deps --no-build-isolation -e .
	@touch $@

lock: ## writes the locked versions anew from the ranges in pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group build pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra mcp --extra postgresql --group build --group test --group lint -c requirements/run.txt pyproject.toml -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra postgresql --group build -c requirements/dev.txt pyproject.toml -o requirements/postgresql.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra postgresql --group build --group bench -c requirements/run.txt pyproject.toml -o requirements/bench.txt

clean:
	rm -rf $(VENV) .venv-bench demo build dist *.egg-info
