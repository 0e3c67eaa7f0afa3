# Every command a person or CI runs here; `make help` lists them.

export MARTLET_NATIVE_DIR := $(CURDIR)/.native
RELEASE := swift build -c release --static-swift-stdlib
SOURCES := Package.swift Sources Tests

.PHONY: help setup setup-tests build data demo test lint test-faults test-mutations bench bench-engine clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

setup: ## install what is missing: Debian packages, DuckDB and LightGBM, the example's data
	@scripts/setup.sh packages native data

setup-tests: ## setup, and the Python packages that the tests compare Martlet with
	@scripts/setup.sh packages native data python

# The built-in tasks look for their libraries in the folder `native` beside the executable.
build: setup ## release executables in .build/release
	$(RELEASE)
	@ln -sfn "$(CURDIR)/.native" .build/release/native

data: setup ## 2013's flights as dated partitions in examples/flights/data
	@scripts/lay-flights.py

demo: build data ## run the pipeline of examples/flights on a year of real flights
	@scripts/demo.sh

lint: ## the sources are formatted as .swift-format says, and the list of mutations fits them
	swift format lint --strict --parallel --recursive $(SOURCES)
	@Tests/Mutations/run.py --check

test: setup-tests lint ## 20,000 simulations, then every test
	$(RELEASE) --product martlet
	.build/release/martlet selftest --simulate 20000
	swift build --build-tests
# One after another: tests that wait for processes would starve beside those that train models.
	swift test --skip-build --disable-xctest --no-parallel

test-faults: ## kills and errors at every durable system call, power cuts, full disks; needs root, strace and loop mounts (FULL=1: all of them)
	@scripts/setup.sh packages
	@swift build --product martlet && swift build --product martlet-supervisor
	@Tests/Faults/faults.py .build/debug $(if $(FULL),--full)

test-mutations: ## takes each safety step away, one at a time: a test must turn red; needs what test-faults needs (ONLY="name …": some of them)
	@scripts/setup.sh packages native data python
	@Tests/Mutations/run.py $(if $(ONLY),--only $(ONLY))

bench: build setup-tests data ## measure against a plain Python script; prints a Markdown table
	@Benchmarks/run.sh

bench-engine: build ## measure the engine beside ninja, make and others that are installed; prints Markdown tables
	@python3 Benchmarks/engine/measure.py

clean: ## remove what was built and what the example's runs made; keeps what setup installed
	rm -rf .build
	scripts/clean-example.sh
