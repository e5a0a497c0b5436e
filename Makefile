# bumphound: everything a newcomer needs is `make demo` and `make test`.
SHELL := /bin/bash
CARGO ?= cargo
# Tests of the network run outside of `bumphound`, which finds libtorch by itself.
export LD_LIBRARY_PATH := $(if $(LIBTORCH),$(LIBTORCH),$(CURDIR)/.libtorch)/lib:$(LD_LIBRARY_PATH)
BIN := target/release/bumphound
OUT ?= out/quickstart

.PHONY: help build demo test examples lint bench bench-peers bench-memory bench-bumphunter bench-znet evaluate docs test-physics test-hostile third-party libtorch train validate clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

libtorch: ## find libtorch, or install it into .libtorch/ (0.5 GB download, once)
	@scripts/setup-libtorch.sh

build: libtorch ## the program: target/release/bumphound, and bumphound-torch beside it
	$(CARGO) build --release --locked

demo: build ## run the quickstart campaign on data-samples/ and say where the report is
	$(BIN) run selections/quickstart.yaml --out $(OUT)

test: libtorch ## all tests
	$(CARGO) test --release --locked --workspace --all-targets --no-fail-fast -q
	$(CARGO) test --release --locked --workspace --doc -q

examples: build ## the programs of examples/, each run once on data-samples/
	$(BIN) fill selections/minimal.yaml --out out/examples
	$(CARGO) run --release --locked -q --example book_to_csv -- out/examples > out/examples/spectra.csv
	$(CARGO) run --release --locked -q --example own_scanner
	$(CARGO) run --release --locked -q --example own_reader
	$(CARGO) run --release --locked -q --example sample_report -- out/examples/pages >/dev/null

lint: libtorch ## format and lints, warnings are errors
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings

bench: build ## criterion benchmarks and events/s of `fill`, spectra/s of `scan`
	$(CARGO) bench --locked --workspace
	benches/throughput.sh $(BIN)

bench-peers: build ## `fill` beside a compiled ROOT loop, uproot and bare decompression (installs ROOT and uproot from PyPI)
	$(CARGO) bench --locked --no-run --bench baskets
	benches/peers/run.py $(BIN)

bench-memory: build ## peak memory of `fill` for one and ten copies of the same files
	benches/peers/memory.py $(BIN)

bench-bumphunter: build ## the network beside BumpHunter on the same spectra (installs pyBumpHunter from PyPI)
	benches/peers/bumphunter.py $(BIN)

bench-znet: build ## the network beside the thesis' older Znet, trained for 10 minutes (installs torch from PyPI, 5 GB)
	benches/peers/znet.py $(BIN)

evaluate: build ## the figures of the default network: out/evaluation/index.html
	$(BIN) evaluate --out out/evaluation

docs: libtorch ## API documentation in target/doc
	$(CARGO) doc --release --locked --workspace --no-deps

test-physics: build ## plant several signals at several strengths and seeds: how often is each rank 1
	benches/planted_signals.py $(BIN)

test-hostile: build ## thousands of broken inputs through every command, then kill -9 and full disks (HOSTILE="--seconds 600 --seed 7")
	tests/hostile/hunt.py $(BIN) $(HOSTILE)
	tests/hostile/hunt.py $(BIN) --crash $(HOSTILE)

third-party: ## what the programs are built from, with licences, for binaries that are handed out: target/THIRDPARTY.md
	scripts/third_party.py target/THIRDPARTY.md

train: build ## train the default network again (hours; goes on where it stopped)
	$(BIN) train selections/training/dmfmw.yaml --out runs/dmfmw

validate: build ## the network on published spectra with known answers: out/validate/index.html
	$(BIN) validate

clean: ## remove what was built (libtorch stays)
	$(CARGO) clean
