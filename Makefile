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

# What `make test-isa` runs: the tests that build artifacts and run them. Artifacts run on an
# emulated core without AVX; torch, which the environment can tell so, uses its plainest kernels.
ISA ?= tests/export/test_conformance.py tests/verification/test_verify.py tests/calibration/test_quantize.py

.PHONY: help install demo test test-slow test-isa lint format types check bench bench-peers clean

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

test-isa: install ## Run the tests that touch a runtime with instruction sets switched off
	EDGEKIT_TEST_CPU=Nehalem ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 \
		$(PYTEST) -m "$(MARK)" $(ISA)

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
	ln -s $(CURDIR)/edgekit/* $(CURDIR)/calibration build/types/edgekit/
	ln -s $(CURDIR)/export build/types/edgekit/exporters
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
