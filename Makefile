# The project's tasks. `make help` lists them.
.PHONY: help report test lint speed check-report samples goldens schemas book

CARGO ?= cargo

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

report: ## read samples/, write reports/ and the README's results
	$(CARGO) run --release -p analyze -- samples/ --readme README.md

test: ## all tests that this machine can run; says which it skips
	tests/run

lint: ## rustfmt, clippy, licences
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --release -p bundle -p kube-proxy-logs -p analyze --all-targets -- -D warnings
	$(CARGO) clippy --release -p driver -p lab --all-targets -- -D warnings
	$(CARGO) deny check licenses bans sources

speed: ## how fast analyze reads, against ripgrep, pandas and zcat; QUICK=1 for a twentieth
	$(CARGO) bench -p analyze --bench speed -- $(if $(QUICK),--quick)

check-report: ## fail if reports/ or the README are out of date
	$(CARGO) run --release -p analyze -- samples/ --readme README.md --check --quiet

samples: ## rebuild the bundle of published trials from its table
	rm -rf samples/eks-2025-10-15
	$(CARGO) run --release -p bundle --example published_trials -- samples/sources/published-trials.csv samples/eks-2025-10-15

goldens: ## write the expected output of the made-up bundle anew; look at the difference
	BLESS=1 $(CARGO) test --release -p analyze --test golden

schemas: ## write the JSON Schemas anew from the types
	BLESS=1 $(CARGO) test --release -p bundle --test contract the_committed_schema
	BLESS=1 $(CARGO) test --release -p analyze --test golden the_committed_schema

book: ## docs/ as a book, into dist/book; needs mdbook
	.ci/book
