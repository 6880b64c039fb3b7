# make demo   everything set up, the sample sorted, the console served (SERVE=0: stop after the table)
# make test   everything set up, all tests on SQLite and PostgreSQL and in a real browser
# make soak   the full numbers: random histories, kills at every step, 200,000 lines (under 45 minutes)
# make check  lint, types, import contracts, translations
# make bench  the speed table (bench-pages: every page under load; bench-identity: name matching beside other methods;
#             bench-lake: events taken, flushed, compacted, snapshots, timelines; bench-rules: rules beside SQL and pandas;
#             these two are part of bench)

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed
JOBS ?= 2
PYTEST := $(RUN) -m pytest -n $(JOBS) --dist worksteal  # whoever is done takes over what others have not begun

.PHONY: demo setup test soak check bench bench-pages bench-identity bench-lake bench-rules messages lock clean system

demo: $(STAMP)
	@TAMIS_HOME=$${TAMIS_HOME:-./tamis-data} $(VENV)/bin/tamis demo $(if $(filter 0,$(SERVE)),--no-serve,--serve) --port $(or $(PORT),8000)

setup: $(STAMP)

$(STAMP): requirements/dev.txt pyproject.toml
	@sh scripts/make_venv.sh $(PYTHON) $(VENV)
	@touch $@

system:
	@sh scripts/install_system.sh

test soak: export PYTHONDONTWRITEBYTECODE =  # over a thousand processes start, none is to compile Tamis again

test: $(STAMP) system
	$(PYTEST) -m "not soak"
	$(RUN) scripts/with_postgres.py $(PYTEST) -m "not soak and not browser and not sqlite_only"

soak: $(STAMP) system
	$(PYTEST) -m soak
	$(RUN) scripts/with_postgres.py $(PYTEST) -m "soak and not sqlite_only" tests/lists

check: $(STAMP) system
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/mypy --config-file tests/mypy.ini tests bench scripts
	$(VENV)/bin/lint-imports
	$(RUN) scripts/messages.py --check

bench: $(STAMP) bench-lake bench-rules
	$(RUN) -m bench.refreshes
	$(RUN) -m bench.refreshes --together
	$(RUN) -m bench

bench-lake: $(STAMP)
	$(RUN) -m bench.lake
	$(RUN) -m bench.snapshots
	$(RUN) -m bench.timelines

# BIG=1 asks five million contacts with a hundred million events too
bench-rules: $(STAMP)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(RUN) -m bench.rules

bench-pages: $(STAMP)
	$(RUN) -m bench.pages --details

bench-identity: $(STAMP)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	cd bench && ../$(RUN) identity_names.py --methods tamis,trigrams,words
	cd bench && ../$(RUN) identity_growth.py --names 1000000

messages: $(STAMP)
	$(RUN) scripts/messages.py

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/base.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra dev --extra bench pyproject.toml -o requirements/bench.txt

clean:
	rm -rf $(VENV) bench/.cache build dist
