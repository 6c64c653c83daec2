# The commands of a checkout. All of them are thin: what they call can be called alone.
#   make demo ONCE=1          end after the summary instead of staying up
#   make demo HUB_HOME=dir    another home folder; HUB_DEMO_PORT=8080 another first port; PEOPLE=2000 a smaller city
#   make setup PYTHON=python3.12; KIND=server adds what the images need
SHELL := /bin/sh
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-header

.PHONY: help setup dev demo test check bench lock clean

help:
	@echo "make setup   install everything into .venv, leaves .venv/bin/hub"
	@echo "make demo    a sample city through Airflow, from departments to releases"
	@echo "make test    all tests, on real PostgreSQL, MariaDB, SSH and Airflow"
	@echo "make check   lint, types, import rules and the fast tests"
	@echo "make bench   measurements beside the peers"
	@echo "make lock    compile requirements*.in again"
	@echo "make clean   remove .venv and caches (never a home folder)"

setup:
	@PYTHON="$(PYTHON)" .ci/setup $(or $(KIND),run)

dev:
	@PYTHON="$(PYTHON)" .ci/setup dev

demo: setup
	@exec $(BIN)/hub --home "$(or $(HUB_HOME),.hub)" demo \
		$(if $(filter-out 0,$(ONCE)),--once) $(if $(PEOPLE),--people $(PEOPLE))

test: dev
	@.ci/servers
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST)

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m "not slow and not server" -n 2 $(PYTEST)

bench: dev
	@.ci/servers
	$(BIN)/python -m benchmarks $(BENCH)

lock: setup
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(COMPILE) requirements-server.in -c requirements.txt -o requirements-server.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
