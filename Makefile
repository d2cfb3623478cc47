# One command here and in CI. `make` alone lists them.
PYTHON ?= python3
VENV := .venv/bin
ARGS ?=
# Every stage says how long it took: $(call stage,name,command)
stage = @echo "== $(1)"; from=$$(date +%s); $(2) && echo "== $(1): $$(( $$(date +%s) - from )) s"

.DEFAULT_GOAL := help
.PHONY: help setup demo cluster test check fix desk turn generate lock upgrade check-lock clean
.PHONY: bench-media bench-routing bench-hub bench-turns soak faults invariants kill-harness

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Debian packages, Python environment, the desk; skips what is done
	@$(PYTHON) -m provisioning.setup

demo: setup ## hub, desk and a simulated kiosk on this machine (ARGS=--help)
	@$(VENV)/madoguchi demo $(ARGS)

cluster: setup ## two hubs, PostgreSQL, NATS and a proxy on this machine (ARGS=--help)
	@$(VENV)/madoguchi cluster $(ARGS)

test: setup check-style check-lock ## everything that CI runs, in at most 15 minutes on a bare machine
	$(call stage,desk unit tests,$(VENV)/python hub/desk/desk.py test)
ifeq ($(ARGS),)
	$(call stage,tests of parts,$(VENV)/pytest -m "not system or beside" -n 2 --dist loadfile --durations=15)
	$(call stage,tests of real programs,$(VENV)/pytest -m "system and not beside" --durations=15 --session-timeout=2400)
else
	@$(VENV)/pytest --durations=15 $(ARGS)
endif

check: setup check-style ## style, types, import rules, generated files

fix: setup ## what ruff can mend by itself
	@$(VENV)/ruff check --fix . && $(VENV)/ruff format .

desk: ## build the operator's desk; skips what is done
	@$(PYTHON) -m provisioning.setup system python desk

bench-media: setup ## picture and sound beside other implementations; ARGS="cpu latency" for some of it
	@$(PYTHON) -m provisioning.setup bench
	@$(VENV)/python -m tests.bench.media $(ARGS)

bench-routing: setup ## the pool beside Erlang C, told waits beside true ones, in simulated time
	@$(VENV)/python -m tests.bench.routing

invariants: setup ## 500 arbitrary days of 100 steps at the counter; ARGS="--days 50"
	@$(VENV)/python -m tests.hub.run_invariants $(ARGS)

bench-hub: setup ## what links cost at the hub beside Node's ws; ARGS="--rounds 1 --links 500 --terminals 500"
	@$(VENV)/python -m tests.bench.hub $(ARGS)

bench-turns: setup ## turns a second of one, two and three hubs on one database; ARGS="--seconds 5"
	@$(VENV)/python -m tests.bench.turns $(ARGS)

kill-harness: setup ## 1,000 calls while hubs are killed without a word; ARGS="--calls 100"
	@$(VENV)/python -m tests.kill $(ARGS)

faults: setup ## bad lines, killed programs and power cuts: is anything lost or doubled? ARGS="--faults 4 links"
	@$(VENV)/python -m tests.faults $(ARGS)

soak: setup ## many calls and a long one: does anything grow? ARGS="--calls 10 --minutes 2"
	@$(VENV)/python -m tests.bench.soak $(ARGS)

turn: ## a media relay (coturn) on loopback with a secret of its own; PORT=3478
	@sh config/coturn/development.sh

generate: setup ## JSON schema, TypeScript types and the documents' tables and diagrams, out of the code
	@$(VENV)/python -m protocol.generate
	@$(VENV)/python docs/generate.py

lock: setup ## requirements.lock out of pyproject.toml, keeping versions that still fit
	@$(VENV)/python -m provisioning.setup.lock make

upgrade: setup ## the same with the newest versions allowed
	@$(VENV)/python -m provisioning.setup.lock make --upgrade

check-lock: setup ## does the lock agree with pyproject.toml, with wheels for every machine?
	$(call stage,lock,$(VENV)/python -m provisioning.setup.lock check)

clean: ## remove what was made here, but not var/
	rm -rf .venv hub/desk/node_modules hub/desk/dist *.egg-info .mypy_cache .ruff_cache .pytest_cache

.PHONY: check-style
check-style: setup
	$(call stage,ruff,$(VENV)/ruff check . && $(VENV)/ruff format --check .)
	$(call stage,mypy --strict,$(VENV)/mypy)
	$(call stage,import rules,$(VENV)/lint-imports)
	$(call stage,generated files,$(VENV)/python -m protocol.generate --check && $(VENV)/python docs/generate.py --check)
	$(call stage,desk types,$(VENV)/python hub/desk/desk.py check)
