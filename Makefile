# Everything a contributor runs. The environment lives in .venv; nothing outside the clone changes.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# What `make test` may leave out: minutes rather than seconds. `make test-slow` runs those.
MARK ?= not slow
# Tests of one file stay in one process, which makes the bundles that they share once.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
EXTRAS ?= dev

.PHONY: help install demo test test-slow lint format types check bench bench-peers clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed ## Create .venv and install edgekit with its development tools

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[$(EXTRAS)]'
	touch $@

demo: install ## Run the main job: a CLIP detector becomes four verified bundles in demo/
	test -f demo/edgekit.toml || $(BIN)/edgekit init demo
	cd demo && ../$(BIN)/edgekit run || [ $$? -eq 4 ]  # 4: too noisy a machine to judge a speed

test: install ## Run the tests
	$(PYTEST) -m "$(MARK)"

test-slow: install ## Run the tests that take minutes
	$(PYTEST) -m slow

lint: install ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install ## Apply style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# mypy does not follow the mapping of export/ and calibration/ into the package, so it is shown the
# tree as Python sees it.
types: install ## Check types
	rm -rf build/types && mkdir -p build/types/edgekit
	ln -s $(CURDIR)/edgekit/* $(CURDIR)/export $(CURDIR)/calibration build/types/edgekit/
	ln -s $(CURDIR)/benchmarks build/types/benchmarks
	cd build/types && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml

check: lint types test ## Lint, types and tests

bench: install ## Measure what the README claims (minutes)
	$(BIN)/python -m benchmarks

bench-peers: install ## Train the benchmark's students, measure edgekit beside other quantizers (hours)
	$(BIN)/python -m benchmarks students
	$(BIN)/python -m benchmarks auto
	$(BIN)/python -m benchmarks peers
	$(BIN)/python -m benchmarks limits

clean: ## Remove what was made, but not the environment
	rm -rf build demo .mypy_cache .pytest_cache .ruff_cache .hypothesis
