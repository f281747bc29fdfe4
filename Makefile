# Ringpath's commands. They need Python 3.11 or newer and make, and say what they do.
#   make run       everything on this machine: web, worker, Valkey         PORT=8001 make run
#   make phone     a telephone in the terminal, for the same settings      make phone ARGS="--to … --from …"
#   make test      the tests                                               make test ARGS="-k hold"
#   make test-postgres   the same, with a PostgreSQL of their own as well as SQLite
#   make test-providers  the phone calls under every other profile         make test-providers PROVIDERS=telnyx
#   make kills     calls while servers are killed, a whole run             make kills ARGS="--runs 10 --seed 1"
#   make load      thousands of calls at once, and how they were answered  make load ARGS="--seconds 120 --seed 1"
#   make chaos     calls while everything is killed, paused, slowed        make chaos ARGS="--seed 7 --seconds 120 --postgres"
#   make screenshots     docs/screenshots, anew; needs Chromium
#   make check     style, types and the settings file
#   make bench     how fast it is
#   make schema    config/schema.json and docs/settings.md, from the settings' schema
#   make lock      requirements.lock, after requirements.txt has changed
#   make audit     what is installed against the lock, and the lock against known weaknesses
#   make music     voice/media/hold.wav
#   make clean     remove the virtual environment, caches and everything under var/ (never .env)

VENV := .venv
PY := $(VENV)/bin/python
CANDIDATES := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
COMPLETE := import ensurepip, venv
# The tests start their own servers and choose their own settings, whatever this shell or .env says; .flaskenv, which
# is skipped with .env, says only where the commands are. What Python has compiled is kept, as every test process and
# each of the hundred processes that tests start would compile it anew.
ALONE := env -u REDIS_URL -u DATABASE_URL -u CRM -u COMPANY_FILE -u PUBLIC_URL -u PROVIDER -u PORT -u DYNO \
  -u RECORDINGS_URL -u TELNYX_PUBLIC_KEY -u PYTHONDONTWRITEBYTECODE \
  FLASK_SKIP_DOTENV=1 FLASK_APP=commands

.PHONY: run phone test test-postgres test-providers kills load chaos screenshots check bench schema lock audit music clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	@exec $(PY) -m local.run

phone: $(VENV)/.installed
	@exec $(PY) -m flask phone $(ARGS)

test: $(VENV)/.installed-dev
	@exec $(ALONE) $(PY) -m pytest -n auto $(ARGS)

test-postgres: $(VENV)/.installed-dev
	@exec $(PY) -m local.postgres run $(ALONE) $(PY) -m pytest -n auto $(ARGS)

PROVIDERS := signalwire somleng telnyx cloudonix

test-providers: $(VENV)/.installed-dev
	@for provider in $(PROVIDERS); do \
	  echo "phone calls as $$provider carries them"; \
	  $(ALONE) $(PY) -m pytest -q -n auto tests/calls --provider $$provider $(ARGS) || exit 1; \
	done

kills: $(VENV)/.installed-dev
	@exec $(ALONE) $(PY) -m tests.kills $(ARGS)

load: $(VENV)/.installed-dev
	@exec $(ALONE) $(PY) -m tests.load $(ARGS)

chaos: $(VENV)/.installed-dev
	@exec $(ALONE) $(PY) -m tests.chaos $(ARGS)

screenshots: $(VENV)/.installed-dev
	@exec $(ALONE) $(PY) -m tests.screenshots

check: $(VENV)/.installed-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m flask company check config/company.yaml

bench: $(VENV)/.installed
	@exec $(ALONE) $(PY) -m local.bench $(ARGS)

schema: $(VENV)/.installed
	@$(PY) -m flask company schema > config/schema.json.new
	@mv config/schema.json.new config/schema.json && echo "wrote config/schema.json"
	@$(PY) -m flask company schema --markdown > docs/settings.md.new
	@mv docs/settings.md.new docs/settings.md && echo "wrote docs/settings.md"

# Made by a tool of its own (the only thing here that is no part of the app or its tests), for every system and Python:
# each file of each package with its digest, and no address of where it was found.
lock:
	@python3 -m venv var/lock && var/lock/bin/python -m pip install --quiet --quiet --disable-pip-version-check uv==0.13.9
	@{ echo "# Everything that requirements.txt brings along, each file with its digest. Made by \`make lock\`."; \
	  var/lock/bin/uv pip compile requirements.txt --universal --python-version 3.11 --generate-hashes --quiet \
	    --no-header --no-emit-index-url --no-emit-find-links; } > var/lock/made
	@mv var/lock/made requirements.lock && echo "wrote requirements.lock"

audit: $(VENV)/.installed-dev
	@exec $(PY) -m local.audit

music: $(VENV)/.installed
	@exec $(PY) voice/media/make_hold_music.py

clean:
	@echo "removing $(VENV), var and caches"
	@rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis config/schema.json.new docs/settings.md.new
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# By the lock, whose digests pip compares; what the tests need besides comes on top.
$(VENV)/.installed: requirements.lock $(VENV)/.made
	@echo "installing what Ringpath needs (requirements.lock)"
	@$(PY) -m pip install --quiet --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements.lock requirements.txt requirements-dev.txt $(VENV)/.made
	@echo "installing what Ringpath and its tests need (requirements.lock, requirements-dev.txt)"
	@$(PY) -m pip install --quiet --quiet --disable-pip-version-check -r requirements.lock
	@$(PY) -m pip install --quiet --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(VENV)/.installed $@

# Looked at every time: an interrupted start, or a Python that the system has replaced, leaves a folder that
# does not work. One that does is kept, and its stamp as old as it was.
$(VENV)/.made: always
	@if $(PY) -c '$(NEW_ENOUGH)' 2>/dev/null && $(PY) -m pip --version >/dev/null 2>&1; then \
	  [ -e $@ ] || touch $@; exit 0; \
	fi; \
	for python in $(CANDIDATES); do \
	  command -v "$$python" >/dev/null || continue; \
	  if ! "$$python" -c '$(NEW_ENOUGH)' 2>/dev/null; then old="$$old $$python"; continue; fi; \
	  if ! "$$python" -c '$(COMPLETE)' 2>/dev/null; then bare="$$python"; continue; fi; \
	  echo "making a virtual environment in $(VENV) with $$python"; \
	  "$$python" -m venv --clear $(VENV) && touch $@; exit; \
	done; \
	if [ -n "$$bare" ]; then \
	  echo "$$bare cannot make virtual environments (its ensurepip is missing)." >&2; \
	  echo "On Debian or Ubuntu: sudo apt install python3-venv. Then repeat this command." >&2; \
	else \
	  echo "Ringpath needs Python 3.11 or newer; looked for: $(CANDIDATES)$${old:+ (too old, or broken:$$old)}." >&2; \
	  echo "Install one, or name it: make PYTHON=/path/to/python3.11 ..." >&2; \
	fi; exit 1

.PHONY: always
