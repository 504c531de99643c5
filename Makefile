# Tenfold's commands. `make run` is the demonstration, `make start` an empty Tenfold for real use.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
UV_VERSION := 0.13.9
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
APPS := accounts assessment audit content courses evidence jobs lms nhsuk privacy quizzes registers reporting staff

export PORT
export BASE_URL ?= http://localhost:$(PORT)

.PHONY: help install install-dev run start test test-browser check audit bench lock clean

help:
	@sed -n 's/^## //p' Makefile

## make install   install into .venv, nothing else
install: .venv/installed

.venv/installed: requirements.txt
	@echo "Installing Python packages into .venv (about a minute the first time) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	@test -x $(BIN)/uv || $(PYTHON) -m pip --quiet --python $(BIN)/python install uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.txt
	@touch .venv/installed

install-dev: .venv/installed-dev

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing what tests and checks need ..."
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-dev.txt
	@bash tools/install_browser.sh
	@touch .venv/installed-dev

## make run       install, load the demonstration, start web and worker (PORT=8000)
run: export SECOND_FACTOR ?= false
run: install
	@$(MANAGE) prepare --demo
	@exec $(BIN)/honcho start --no-prefix

## make start     the same without the demonstration
start: install
	@$(MANAGE) prepare
	@exec $(BIN)/honcho start --no-prefix

## make test      every test, on SQLite (DATABASE_URL and REDIS_URL choose others)
test: install-dev
	@$(BIN)/pytest -n 2 --dist loadscope $(if $(CI),--create-db)

## make check     linters, types, import layers, templates, migrations, compose file, insecure habits, known faults of packages
check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	$(BIN)/djlint --lint --quiet accounts assessment content courses evidence jobs lms nhsuk privacy registers reporting staff
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/compose-lint docker-compose.yml
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(APPS) tools
	$(BIN)/python tools/known_faults.py --where-possible

## make audit     known faults of the packages we pin; fails too when no advisory service answered
audit: install-dev
	@$(BIN)/python tools/known_faults.py

## make bench     measured ratios against a bare query and a bare COPY in the same run
bench: install-dev
	@mkdir -p var/bench
	@export DATABASE_URL=$${DATABASE_URL:-sqlite:///$(CURDIR)/var/bench/tenfold.sqlite3} PYTHONPATH=.; \
	  $(MANAGE) migrate --verbosity 0; missed=0; \
	  $(BIN)/python tests/reporting/bench_completion_rate.py 5000 20000 || missed=1; \
	  $(BIN)/python tests/reporting/bench_reports.py 11500 100000 215 1500000 || missed=1; \
	  $(BIN)/python tests/courses/bench_lesson_page.py || missed=1; \
	  $(BIN)/python tests/courses/bench_submission.py || missed=1; \
	  $(BIN)/python tests/courses/bench_obligations.py 25000 10 5 || missed=1; \
	  $(BIN)/python tests/courses/bench_reminders.py 100000 || missed=1; \
	  $(BIN)/python tests/assessment/bench_pack.py 5000 || missed=1; \
	  $(BIN)/python tests/staff/bench_import.py 50000 || missed=1; \
	  $(BIN)/python tests/staff/bench_staff_pages.py 10000 100000 || missed=1; \
	  $(BIN)/python tests/staff/bench_upload.py 100000 || missed=1; \
	  $(BIN)/python tests/accounts/bench_row_security.py 11500 || missed=1; \
	  exit $$missed

## make lock      pin every package again, after editing pyproject.toml
lock: install
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --group dev -o requirements-dev.txt

## make clean     remove the embedded database and files (asks nothing!)
clean:
	rm -rf var
