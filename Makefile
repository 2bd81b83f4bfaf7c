# What there is to do. `make run` is all a newcomer needs; `make test` is all a checker needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

LISTEN ?= 127.0.0.1:8080
DATA ?= data
target := $(or $(CARGO_TARGET_DIR),target)
web_sources := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/.svelte-kit/*' 2>/dev/null)

.PHONY: help run build test check bench soak upgrade faults scaling fuzz dev web tools fmt clean

help: ## This list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: build ## Build everything and start a demo shop on LISTEN (127.0.0.1:8080), with its data in DATA (./data)
	$(target)/release/suki serve --demo --data "$(DATA)" --listen "$(LISTEN)"

build: web ## The release binary, web apps inside: target/release/suki
	cargo build --release --locked -p suki-server

web: web/dist/.built ## The web apps

web/node_modules/.installed: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	touch $@

web/dist/.built: web/node_modules/.installed $(web_sources)
	cd web && npm run --silent build
	touch $@

check: web ## Formatting, lints and types: before each commit
	cargo fmt --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo test -q --locked -p suki-tidy
	cd web && npm run --silent check
	scripts/check-licences

tools: ## What the tests need; installs it when root, otherwise says how
	scripts/ensure-test-tools

# All that touches SQL is tested on both engines: the second one takes about eight minutes.
test: tools web ## All tests
	cargo test --workspace --locked
	SUKI_TEST_ENGINE=postgres cargo test --workspace --locked --test it
	cd web && npm run --silent test
	scripts/test-whole

bench: build ## Measure, beside the machine's own limits; writes bench/RESULTS.md
	scripts/bench

soak: build ## Kill the server at 50 random moments under load; nothing acknowledged may be lost (KILLS=50)
	cargo test --release --locked -p suki-server --test process -- --ignored soak --nocapture

faults: tools web ## Break a cluster of three in every way, under load; writes bench/FAULTS.md (FAULTS=name,… to choose)
	cargo test --locked -p suki-server --test process -- --ignored --exact cluster::all_faults --nocapture

scaling: tools build ## What one, two and three nodes carry, each with the same part of a processor (CAP=20 percent)
	cargo test --release --locked -p suki-server --test process -- --ignored --exact cluster::scaling --nocapture

upgrade: tools ## Replace two nodes over one PostgreSQL, one after the other, under load; nobody may notice
	cargo test --locked -p suki-server --test process -- --ignored upgrade --nocapture

fuzz: ## Feed the parsers nonsense for SECONDS each (60)
	scripts/fuzz $(or $(SECONDS),60)

dev: web/node_modules/.installed ## The server in debug mode; the web apps are read from web/dist
	cd web && npm run --silent build
	cargo run --locked -p suki-server -- serve --demo --data "$(DATA)" --listen "$(LISTEN)"

fmt: ## Put everything in its form
	cargo fmt
	cd web && npm run --silent format

clean: ## Remove what was built, not the data
	cargo clean
	rm -rf web/dist web/node_modules
