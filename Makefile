# Everything a developer or CI types. The cache folder outlives a clone: DuckDB's library, Python's tools, generated data.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/weft
export DUCKDB_LIB_DIR ?= $(CACHE)/duckdb-1.5.5
# rustup's folder may not be on the path of a shell that is not a login.
export PATH := $(CACHE)/venv/bin:$(PATH):$(HOME)/.cargo/bin

# In CI the clone is new every time, the cache is not; and what is tested is what Cargo.lock says.
ifdef CI
export CARGO_TARGET_DIR ?= $(CACHE)/target
LOCKED := --locked
endif

.PHONY: help demo test release bench soak superset fmt lint audit clean duckdb

help: ## this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

duckdb:
	@scripts/install-build-tools.sh
	@scripts/fetch-duckdb.sh >/dev/null

demo: duckdb ## build Weft and run its SQL tour on real data, from nothing but Rust and apt
	@scripts/install-packages.sh psql=postgresql-client
	cargo run $(LOCKED) --package weft-server --bin weft -- demo

test: duckdb ## everything that CI checks: format, lints, generated files, tests against real servers
	@scripts/install-test-tools.sh
	@$(MAKE) --no-print-directory lint
	@scripts/run-tests.sh $(LOCKED)

release: duckdb ## the optimised program, in target/release
	cargo build $(LOCKED) --release --package weft-server --bin weft

bench: release ## comparisons on TPC-H and real data; each prints a ratio
	@scripts/install-test-tools.sh
	benches/run

soak: release ## hours of mixed load with faults, on this machine alone
	@scripts/install-test-tools.sh
	tests/soak/run

superset: duckdb ## Apache Superset against Weft, over its REST API; installs Superset once
	@scripts/install-test-tools.sh
	cargo build $(LOCKED) --package weft-server --bin weft
	WEFT_TEST_SUPERSET=$$(scripts/install-superset.sh) cargo test $(LOCKED) --package weft-testkit --test gateway -- clients::superset

fmt: ## format all Rust files
	cargo fmt --all

lint: duckdb ## format, clippy, licences; changes nothing
	cargo fmt --all --check
	cargo clippy $(LOCKED) --workspace --all-targets -- -D warnings
	@if command -v cargo-deny >/dev/null; then cargo deny --offline check bans licenses sources; else echo "cargo-deny is not installed: licences not checked"; fi

audit: ## known vulnerabilities of the dependencies (needs cargo-deny and the network)
	cargo deny check advisories

clean: ## remove what was built here, not the cache
	cargo clean
