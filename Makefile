# `make demo`, `make test` and `make serve` work from a fresh clone with Python 3.11+, pip and make.
# Each stamp file below stands for one finished installation, so nothing is set up twice.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TOOLS  := $(VENV)/tools/bin
# The environment is made without a pip of its own (Debian ships none for it) and filled by the
# system's pip from outside.
PIP    := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check -q

.PHONY: help demo serve test test-fast check check-deploy format docs site sizes samples pictures bench bench-quick bench-check listings clients fuzz types coverage mutants lock release changelog test-wheels clean sbom audit workflows prose

.DEFAULT_GOAL := help

help:
	@echo "make demo        install into $(VENV), once, and answer a question"
	@echo "make serve       the server, with its page"
	@echo "make check       formatting, lint, types, generated pages, licences, spelling, workflows, known holes: what CI asks first"
	@echo "make test        all tests; make test-fast, about a minute, leaves out servers, browsers and models"
	@echo "make check-deploy  what runs a server (deploy/), by hadolint, compose, systemd, helm, promtool"
	@echo "make format      format, and mend what lint can mend"
	@echo "make docs        write the generated pages again"
	@echo "make sbom        the bill of materials (CycloneDX), in dist/sbom.cdx.json"
	@echo "make types       what mypy and pyright know of the installed package"
	@echo "make coverage    all tests, and which lines none of them runs; make mutants, changes that none notices"
	@echo "make site        the documentation as a site, in dist/docs/site"
	@echo "make bench       the benchmarks, in the better part of an hour; bench-quick the main ratios in five minutes, bench-check guards them"
	@echo "make release     the distributions in dist/, built twice, checked, installed and tried"
	@echo "make listings, clients, fuzz, samples, pictures, sizes, lock, changelog, test-wheels: see the Makefile"

demo: $(VENV)/.runtime
	@$(BIN)/python samples/demo.py

serve: $(VENV)/.runtime
	@$(BIN)/sightline serve

# Each file's tests in one of two processes, those that take longest first.
test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# A minute or two of tests of every room: without those of files that start servers, browsers or models.
test-fast: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

check: $(VENV)/.dev prose workflows
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python docs/generate.py --check
	@$(BIN)/python release/licences.py --check
	@$(TOOLS)/python release/audit.py

# Spelling and our own words (docs/typos.toml), and style (docs/proselint.json), of every page.
prose: $(VENV)/.tools
	@$(TOOLS)/typos --config docs/typos.toml --format brief $$(git ls-files '*.md')
	@$(TOOLS)/proselint check --config docs/proselint.json $$(git ls-files '*.md')

# Hosted workflows, forms and settings: what is unsafe in them, and whether they are of the form that their host takes.
# With a token in GH_TOKEN it also asks the host whether the pinned commits are the releases that stand beside them.
workflows: $(VENV)/.tools
	@$(TOOLS)/zizmor -q $(if $(GH_TOKEN),,--offline) .github
	@$(TOOLS)/check-jsonschema -q --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(TOOLS)/check-jsonschema -q --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(TOOLS)/check-jsonschema -q --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	@$(TOOLS)/check-jsonschema -q --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml

# Known holes of what is pinned; fails too where the registry does not say. `make check` asks the same and only tells.
audit: $(VENV)/.tools
	@$(TOOLS)/python release/audit.py --strict

sbom: $(VENV)/.dev $(VENV)/.tools
	@$(TOOLS)/python release/sbom.py $(BIN)/python

# What type checkers know of the installed package, and say of the examples.
types: $(VENV)/.quality
	@$(BIN)/python -m pytest tests/test_types.py

# All tests, those of processes too; docs/testing.md says what is not covered.
coverage: $(VENV)/.quality
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n 2 --dist loadfile --no-loadscope-reorder
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report --fail-under=92

# Minutes of work for each core.
mutants: $(VENV)/.quality
	@$(BIN)/python -m tests.mutants

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(VENV)/.dev
	@$(BIN)/python docs/generate.py
	@$(BIN)/python release/licences.py

# What is not installed is skipped, and named at the end: promtool and systemd-analyze come with the system alone.
.PHONY: check-deploy
check-deploy: $(VENV)/.dev $(VENV)/.deploy
	@$(BIN)/python release/helm.py $(VENV)/deploy/bin
	@PATH=$(CURDIR)/$(VENV)/deploy/bin:$$PATH $(BIN)/python -m pytest -q -rs tests/server/test_deploy.py tests/server/test_chart.py

$(VENV)/.deploy: requirements/deploy.lock | $(BIN)/python
	@echo "Installing what checks deploy/ into $(VENV)/deploy (once) ..." >&2
	@$(PYTHON) -m venv --without-pip $(VENV)/deploy
	@$(PYTHON) -m pip --python $(VENV)/deploy/bin/python --disable-pip-version-check -q install --require-hashes -r requirements/deploy.lock
	@touch $@

# The documentation as a site with search, in dist/docs/site; a link that leads nowhere fails it.
site: $(VENV)/.site
	@$(VENV)/site/bin/python docs/site.py

# What an install is made of, and why.
sizes: $(VENV)/.runtime
	@$(BIN)/python bench/sizes.py

samples: $(VENV)/.dev
	@$(BIN)/python samples/draw.py

pictures: $(VENV)/.dev
	@$(BIN)/python -m pytest tests/e2e/test_playground.py --pictures docs/pictures

# Needs the network: what they were written for is installed into environments of their own.
listings: $(VENV)/.runtime
	@$(BIN)/python examples/listings.py $(if $(DOCUMENTS),--documents $(DOCUMENTS))

clients: $(VENV)/.runtime
	@$(BIN)/python examples/clients/run.py

fuzz: $(VENV)/.dev
	@$(BIN)/python -m tests.fuzz --seconds 60

# The better part of an hour, on a machine that does nothing else; installs LiteLLM into an environment of its own.
bench: $(VENV)/.dev
	@$(BIN)/python bench/suite.py --write

bench-quick: $(VENV)/.dev
	@$(BIN)/python bench/suite.py --quick

bench-check: $(VENV)/.dev
	@$(BIN)/python bench/suite.py --check

# The distributions of what is committed, in dist/: docs/releasing.md. Needs the network, and on two cores
# the better part of half an hour; RELEASE=--build-only takes a minute, RELEASE="--python 3.13" one Python.
release: $(VENV)/.release
	@$(VENV)/release/bin/python -m release $(RELEASE)

# Turns "Unreleased" of CHANGELOG.md into the version that sightline/__init__.py tells.
changelog: $(VENV)/.release
	@$(VENV)/release/bin/python -m release.changelog release

# The tests on what is installed from dist/ in place of the checkout; TESTS="tests/test_library.py" for some.
test-wheels: $(VENV)/.release
	@$(VENV)/release/bin/python -m release.wheel_tests $(VENV)/wheels $(TESTS)

# Needs uv on the PATH: it resolves for every supported Python and platform at once.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --extra build pyproject.toml client/pyproject.toml -o requirements/runtime.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --extra dev -c requirements/runtime.lock pyproject.toml client/pyproject.toml -o requirements/dev.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --extra build --extra redis --extra otel -c requirements/dev.lock pyproject.toml client/pyproject.toml \
	  -o requirements/image.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  requirements/deploy.in -o requirements/deploy.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  requirements/site.in -o requirements/site.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  requirements/tools.in -o requirements/tools.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  requirements/release.in -o requirements/release.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  -c requirements/dev.lock requirements/quality.in -o requirements/quality.lock

$(BIN)/python:
	@$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.runtime: requirements/runtime.lock pyproject.toml client/pyproject.toml weights/sightline_weights/__init__.py | $(BIN)/python
	@echo "Installing Sightline into $(VENV) (once) ..." >&2
	@$(PIP) install --require-hashes -r requirements/runtime.lock
	@$(PIP) install --no-deps --no-build-isolation -e weights -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock conformance/pyproject.toml $(VENV)/.runtime
	@echo "Installing the development tools into $(VENV) (once) ..." >&2
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e conformance
	@touch $@

# What measures the tests: mutmut and coverage.py run inside what they measure.
$(VENV)/.quality: requirements/quality.lock $(VENV)/.dev
	@echo "Installing what measures the tests into $(VENV) (once) ..." >&2
	@$(PIP) install --require-hashes -r requirements/quality.lock
	@touch $@

# What makes the site is no part of Sightline, and has an environment of its own.
$(VENV)/.site: requirements/site.lock | $(BIN)/python
	@echo "Installing what makes the site into $(VENV)/site (once) ..." >&2
	@$(PYTHON) -m venv --without-pip $(VENV)/site
	@$(PYTHON) -m pip --python $(VENV)/site/bin/python --disable-pip-version-check -q install --require-hashes -r requirements/site.lock
	@touch $@

# What looks at the project from outside is no part of it either.
$(VENV)/.tools: requirements/tools.lock | $(BIN)/python
	@echo "Installing what looks at the project into $(VENV)/tools (once) ..." >&2
	@$(PYTHON) -m venv --without-pip $(VENV)/tools
	@$(PYTHON) -m pip --python $(TOOLS)/python --disable-pip-version-check -q install --require-hashes -r requirements/tools.lock
	@touch $@

# So does what makes a release.
$(VENV)/.release: requirements/release.lock | $(BIN)/python
	@echo "Installing what makes a release into $(VENV)/release (once) ..." >&2
	@$(PYTHON) -m venv --without-pip $(VENV)/release
	@$(PYTHON) -m pip --python $(VENV)/release/bin/python --disable-pip-version-check -q install --require-hashes -r requirements/release.lock
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .coverage* mutants
