# The only task runner. `make run` and `make test` need a Python 3.11 or later, a C compiler and make; they do the rest.
VENV ?= .venv
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python3.13 python3.14; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && command -v $$p && break; done)
BIN := $(VENV)/bin
CHROMIUM := { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1

.PHONY: run serve test core fuzz spark prove prove-all prove-pairs prove-whole prove-coverage prove-mutate check lint bench soak kills load clean
.DEFAULT_GOAL := run

# An interview that was stopped ends with 3; that is no fault.
run: $(VENV)/.installed
	@$(BIN)/lumbar ask || test $$? -eq 3

serve: $(VENV)/.installed-web
	@$(BIN)/lumbar serve

test: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest

# The tests where none of the extras is installed, in an environment of its own: what needs one is skipped, and said to be.
core: $(VENV)-core/.installed
	@$(VENV)-core/bin/python -m pytest

# The API asked what nobody would ask, for longer than `make test` takes for it.
fuzz: $(VENV)/.installed-dev
	@FUZZ=500 $(BIN)/python -m pytest -n 1 tests/functional/test_api_fuzz.py

# What `make test` skips where Spark is not installed: it is large, and needs Java.
spark: $(VENV)/.installed-spark
	@$(BIN)/python -m pytest -n 2 tests/functional/test_spark.py

# Everything that is proved of the rules, and that the proofs can be believed; what takes too long for every `make test`.
# Two at a time, each told when it is done: most use one core. What is proved first, `prove-whole` finds proved.
prove: $(VENV)/.installed-dev
	@$(MAKE) --no-print-directory --jobs=2 --output-sync prove-mutate prove-whole prove-all prove-pairs prove-coverage
	@$(BIN)/lumbar audit

prove-all: ; @$(BIN)/lumbar prove --again
prove-pairs: ; @$(BIN)/python tests/prove/pairs.py
prove-whole: prove-all ; @$(BIN)/python -m pytest -n 2 tests/prove/whole.py
prove-coverage: ; @$(BIN)/lumbar coverage
prove-mutate: ; @$(BIN)/lumbar mutate

check: $(VENV)/.installed
	@$(BIN)/lumbar check

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-bench
	@$(BIN)/python tests/bench/bench.py

soak: $(VENV)/.installed-bench
	@$(BIN)/python tests/bench/soak.py

# Whether what people save in a browser outlives `kill -9`: two hundred times.
kills: $(VENV)/.installed-dev
	@$(BIN)/python tests/bench/kills.py

# The pages for two hundred people at once, on this machine alone, and the first page on a slow line; about four minutes, and
# only true where nothing else runs.
load: $(VENV)/.installed-dev
	@$(BIN)/python tests/bench/load.py
	@$(BIN)/python tests/bench/slow_line.py

clean:
	rm -rf $(VENV) $(VENV)-core dist build

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or later was found; install one, or say 'make PYTHON=/path/to/python3'"; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "make: $(PYTHON) has no venv module; install it (Debian: python3-venv)"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info >= (3, 13))' || echo "make: on Python 3.13 and later durable-rules does not load; the reference engine will decide alone"
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info >= (3, 13))' && { command -v cc || command -v gcc || command -v clang; } >/dev/null 2>&1 \
		|| "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 13))' \
		|| { echo "make: no C compiler was found; durable-rules needs one (Debian: apt-get install gcc)"; exit 1; }
	@echo "make: making $(VENV) with $(PYTHON)"
	@"$(PYTHON)" -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "make: installing Lumbar into $(VENV), once; this takes about half a minute"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)-core/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "make: installing Lumbar and pytest alone into $(VENV)-core, once; this takes about half a minute"
	@$(BIN)/python -m venv $(VENV)-core
	@$(VENV)-core/bin/python -m pip install --quiet --disable-pip-version-check --editable . hypothesis pytest-xdist
	@touch $@

$(VENV)/.installed-web: pyproject.toml | $(VENV)/bin/python
	@echo "make: installing Lumbar and what its web pages need into $(VENV), once; this takes about half a minute"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[web]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	@echo "make: installing Lumbar and what its tests need into $(VENV), once; this takes a minute or two"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(CHROMIUM) || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "make: installing Chromium for the tests of pages, once" \
		&& apt-get update -qq && apt-get install -qqy --no-install-recommends chromium >/dev/null && $(CHROMIUM); } \
		|| echo "make: there is no Chromium here, so no page will be looked at; install it (Debian: apt-get install chromium)"
	@touch $@ $(VENV)/.installed $(VENV)/.installed-web

$(VENV)/.installed-spark: pyproject.toml | $(VENV)/bin/python
	@echo "make: installing Spark into $(VENV), once; it is 450 MB to load"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,spark]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-web $(VENV)/.installed-dev

$(VENV)/.installed-bench: pyproject.toml | $(VENV)/bin/python
	@echo "make: installing Lumbar and what its benches need into $(VENV), once; this takes a minute or two"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-web $(VENV)/.installed-dev
