# Two commands matter: `make run` and `make test`. Both install what they need first.
.DEFAULT_GOAL := help
DATA ?= data

.PHONY: help run test lint demo tools bench clean

help: ## Show the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: tools ## Build the server and start it on ./data (http://127.0.0.1:7420).
	cargo build --release
	./target/release/keeptrail serve --data $(DATA)

demo: tools ## Play both documents' stories against a throw-away server.
	cargo build --release
	./target/release/keeptrail demo

test: tools ## Run all tests.
	scripts/test.sh

lint: tools ## Format check, clippy, documentation.
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --manifest-path fuzz/Cargo.toml --workspace --no-default-features --locked --target-dir target -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

bench: tools ## Measure reads beside OpenBao (benches/README.md).
	benches/run.sh

tools:
	@scripts/tools.sh

clean: ## Remove what was built.
	cargo clean
