# One command per intent. `make` alone prints what there is.
.PHONY: help setup build demo test simulate soak lint format asan tsan bench lambda clean
.DEFAULT_GOAL := help

help: ## Print this
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## Install what is missing (Debian 12; needs root or sudo only then)
	@tools/setup

build: ## Build the program and its tests (build/dev)
	@tools/setup build test
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev

demo: ## Build the program alone and run the story: a leaking service, recycled without a failed request
	@tools/setup build
	@cmake --preset release >/dev/null
	@cmake --build --preset release --target ecs-recycler
	@build/release/apps/ecs-recycler demo $(ARGS)

test: build ## Build everything and run every test; the last line counts them
	@tools/test

simulate: ## Recycle SEEDS=N times on virtual time from seed FIRST on; tells failing seeds
	@tools/setup build test
	@cmake --preset soak >/dev/null
	@cmake --build --preset soak --target simulate
	@nice build/soak/tests/simulate --seeds $(or $(SEEDS),1000) --first $(or $(FIRST),1) $(ARGS)

soak: ## Simulate for SECONDS=N from seed FIRST on; tells failing seeds
	@tools/setup build test
	@cmake --preset soak >/dev/null
	@cmake --build --preset soak --target simulate
	@nice build/soak/tests/simulate --seconds $(or $(SECONDS),3600) --seeds 1000000000 --first $(or $(FIRST),1) $(ARGS)

lint: ## Check the rules of the code; clang-tidy over changed files (ALL=1: over every file)
	@tools/setup build test lint
	@tools/lint $(if $(ALL),--all)

format: ## Format every C++ file
	@tools/setup lint
	@git ls-files -co --exclude-standard '*.cpp' '*.hpp' | xargs -r clang-format-19 -i

asan: ## Run the C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/setup build test lint
	@cmake --preset asan >/dev/null
	@cmake --build --preset asan
	@ctest --preset asan -j $(shell nproc)

tsan: ## Run the C++ tests under ThreadSanitizer
	@tools/setup build test lint
	@cmake --preset tsan >/dev/null
	@cmake --build --preset tsan
	@ctest --preset tsan -j $(shell nproc)

lambda: ## Build the Lambda function for this machine's architecture: one static program, and time zones, as a zip
	@tools/setup build lambda
	@cmake --preset lambda >/dev/null
	@cmake --build --preset lambda
	@ls -1 build/lambda/*.zip

bench: ## Measure a recycle of 3 to 200 tasks against the lower bound; how dear virtual time and the function are
	@tools/setup build
	@cmake --preset release >/dev/null
	@cmake --build --preset release --target ecs-recycler virtual_bench request_rate
	@build/release/bench/virtual_bench tasks
	-@build/release/bench/virtual_bench recycle
	@bench/local_vs_moto build/release/apps/ecs-recycler
	@$(MAKE) --no-print-directory lambda
	@tools/setup test
	@bench/lambda_start build/release/apps/ecs-recycler build/lambda/ecs-recycler-lambda-*.zip
	@bench/run build/release/apps/ecs-recycler $(ARGS)

clean: ## Remove everything that was built
	@rm -rf build
