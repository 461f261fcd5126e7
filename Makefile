# Two commands do everything on a machine that has Python, make and gcc: `make demo` and `make test`.
# `make help` lists the others. Environments are remade only when pyproject.toml, or PYTHON, changes.

PYTHON ?= python3
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# The stamps carry the name of the interpreter asked for, so that another PYTHON makes another environment.
RUN := $(VENV)/made-with-$(subst /,_,$(PYTHON))
DEV := $(RUN)-for-development
# -qq keeps errors, and drops remarks such as find-links locations that do not exist.
INSTALL := -m pip install -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: demo test check-quick format golden influence interview fuzz soak benchmark schemas editorial editor-check test-pythons wheel-check clean help python

demo: $(RUN) ## print the action plan of a real territory
	$(BIN)/conseil plan profiles/creuse-grand-sud.yaml

# The adapter of durable-rules is tested once more with freed memory scrambled, which turns what a lucky run hides
# into a crash. The whole suite comes last: its closing line is the verdict.
test: check-quick ## lint, format, types, layers, then all tests
	$(BIN)/lint-imports --no-logo
	@if $(BIN)/python -c 'import durable.engine' 2>/dev/null; then \
	    echo 'MALLOC_PERTURB_=165 $(BIN)/python -m pytest -q tests/test_durable.py'; \
	    MALLOC_PERTURB_=165 $(BIN)/python -m pytest -q tests/test_durable.py; \
	else \
	    echo 'durable-rules does not import here: no test of its adapter under MALLOC_PERTURB_'; \
	fi
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check-quick: $(DEV) ## lint, format and types only
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy

format: $(DEV) ## mend what ruff can mend by itself
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks

golden: $(DEV) ## rewrite what people read and tests compare; read `git diff` before you commit it
	CONSEIL_GOLDEN=write $(BIN)/python -m pytest -q -m golden
	git --no-pager diff --stat

schemas: $(DEV) ## rewrite .schemas: what editors need to help whoever writes rules, overlays and profiles
	$(BIN)/conseil schemas
	$(BIN)/conseil schemas --rules docs/overlay-example

editor-check: $(DEV) ## ask the language server that editors run what it completes, explains and underlines
	npm ci --no-audit --no-fund --silent --prefix tests/editor
	$(BIN)/python -m pytest -q tests/editor/check_language_server.py

editorial: $(DEV) ## rewrite docs/editorial.md: what the rules decide and the guide does not say
	$(BIN)/python -m conseil.authoring.editorial -o docs/editorial.md

influence: $(DEV) ## rewrite docs/influence.md: which factor moves which action
	$(BIN)/python -m conseil.authoring.influence -o docs/influence.md

interview: $(DEV) ## measure the order of questions beside others, for ten minutes: docs/interview.md
	$(BIN)/python -m benchmarks.interview -o docs/interview.md

benchmark: $(DEV) ## measure conseil beside other engines, for half an hour: docs/performance.md
	$(BIN)/python -m benchmarks -o docs/performance.md

# --- As long as it is told ---

fuzz: $(DEV) ## compare all engines at random: SECONDS=600, or RULEBOOKS=5000; PROFILES=200 SEED=1
	$(BIN)/python tests/fuzz.py \
	    $(or $(strip $(if $(SECONDS),--seconds $(SECONDS)) $(if $(RULEBOOKS),--rulebooks $(RULEBOOKS))),--seconds 60) \
	    $(if $(PROFILES),--profiles $(PROFILES)) $(if $(SEED),--seed $(SEED))

soak: $(DEV) ## does the memory of an engine stay flat? ENGINE=durable PROFILES=100000
	$(BIN)/python tests/soak.py $(if $(ENGINE),--engine $(ENGINE)) $(if $(PROFILES),--profiles $(PROFILES))

# --- The environment of demo and test ---

# An interpreter will do if it is recent, can make environments, and has the headers that durable-rules is compiled
# with where it is needed. It then prints its real path, which a pyenv shim is not.
USABLE := import ensurepip, os, sys, sysconfig, venv; \
    header = os.path.join(sysconfig.get_path("include"), "Python.h"); \
    ok = sys.version_info >= (3, 13) or sys.version_info >= (3, 11) and os.path.exists(header); \
    print(sys.executable) if ok else sys.exit(1)

# The first python3 on PATH may be too old, or a pyenv shim with no version behind it, while another one further on
# will do. A PYTHON that somebody chose is the only one tried.
CANDIDATES := $(if $(filter file,$(origin PYTHON)),python3 python3.13 python3.12 python3.11,$(PYTHON))
FIND_PYTHON = find_python() { \
    for name in $(CANDIDATES); do \
        case $$name in \
            */*) set -- "$$name" ;; \
            *) set --; ifs=$$IFS; IFS=:; for folder in $$PATH; do set -- "$$@" "$$folder/$$name"; done; IFS=$$ifs ;; \
        esac; \
        for file do \
            "$$file" -c '$(USABLE)' </dev/null 2>/dev/null && return; \
        done; \
    done; \
    echo 'No usable Python on PATH among: $(CANDIDATES). It takes 3.11 or later with venv and, before 3.13, its C headers' \
        '(Debian: apt-get install python3-venv python3-dev); choose one with make PYTHON=/path/to/python3' >&2; \
    return 1; \
}

python:
	@$(FIND_PYTHON); find_python

# pip compiles what it installs to bytecode, but for what it leaves where it is.
$(RUN): pyproject.toml
	@$(FIND_PYTHON); python=$$(find_python) && echo "Environment $(VENV), by $$python" && \
	    "$$python" -m venv --clear $(VENV)
	@$(BIN)/python $(INSTALL) --editable .
	@$(BIN)/python -m compileall -q src/conseil
	@touch $@

$(DEV): $(RUN)
	@$(BIN)/python $(INSTALL) --editable '.[dev]'
	@touch $@

# --- Every Python that is promised ---

# As published, durable-rules does not import on 3.13: `3.13` runs without it, `3.13-patched` with a build that does.
PYTHONS := 3.11 3.12 3.13 3.13-patched
DURABLE_RULES = $(shell sed -n 's/.*"\(durable-rules==[^;]*\);.*/\1/p' pyproject.toml)

test-pythons: ## all tests on 3.11, 3.12 and 3.13 of pyenv, the last without and with durable-rules
	@root=; \
	for folder in "$$PYENV_ROOT" "$$(pyenv root 2>/dev/null)" "$$HOME/.pyenv" \
	        "$$(dirname "$$(dirname "$$(command -v pyenv)")" 2>/dev/null)"; do \
	    if [ -z "$$root" ] && [ -d "$$folder/versions" ]; then root=$$folder; fi; \
	done; \
	failed=; \
	for name in $(PYTHONS); do \
	    python=$$(ls -d "$$root/versions/$${name%-patched}".*/bin/python 2>/dev/null | sort -V | tail -n 1); \
	    if [ -z "$$python" ]; then \
	        echo "$$name: MISSING, no such interpreter in $${root:-pyenv, which is not found}"; \
	        failed="$$failed $$name"; \
	    else \
	        $(MAKE) -s --no-print-directory test-python-$$name INTERPRETER="$$python" || failed="$$failed $$name"; \
	    fi; \
	done; \
	if [ -n "$$failed" ]; then echo "Not passed:$$failed" >&2; exit 1; fi

test-python-%: .venvs/%/made
	@if [ $* = 3.13 ]; then wanted=without; else wanted=with; fi; \
	if $(<D)/bin/python -c 'import durable.engine' 2>/dev/null; then found=with; \
	elif $(<D)/bin/python -m pip show -qq durable-rules 2>/dev/null; then found='with a broken'; \
	else found=without; fi; \
	title="$* ($$($(<D)/bin/python -V), $$found durable-rules)"; \
	if [ "$$found" != $$wanted ]; then echo "$$title: FAILED, expected $$wanted it"; exit 1; fi; \
	if $(<D)/bin/python -m pytest -q -p no:cacheprovider $(PYTEST_ARGS) >$(<D)/pytest.log 2>&1; then \
	    echo "$$title: $$(tail -n 1 $(<D)/pytest.log)"; \
	else \
	    code=$$?; tail -n 60 $(<D)/pytest.log; echo "$$title: FAILED (pytest exit code $$code)"; exit 1; \
	fi

# pip's cache may hold a durable-rules that was built without the patch.
.PRECIOUS: .venvs/%/made
.venvs/%/made: pyproject.toml
	@"$(INTERPRETER)" -m venv --clear $(@D)
	@$(@D)/bin/python $(INSTALL) --editable '.[dev]'
	@case $* in *-patched) CC='gcc -DPyEval_CallObject=PyObject_CallObject' \
	    $(@D)/bin/python $(INSTALL) --no-cache-dir --no-binary durable-rules '$(DURABLE_RULES)' ;; esac
	@touch $@

# --- What others install ---

# The source archive is built, a wheel from it, and the wheel is used where no checkout is in sight.
wheel-check: $(RUN) ## build the wheel, install it elsewhere, and use it there
	@set -e; unset PYTHONPATH; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	quietly() { "$$@" >"$$folder/output" 2>&1 || { cat "$$folder/output"; exit 1; }; }; \
	$(BIN)/python -m venv "$$folder/build"; \
	"$$folder/build/bin/python" $(INSTALL) hatchling; \
	quietly "$$folder/build/bin/python" -m hatchling build -t sdist -d "$$folder/dist"; \
	"$$folder/build/bin/python" -m pip wheel -qq --no-deps --no-build-isolation \
	    -w "$$folder/dist" "$$folder"/dist/*.tar.gz; \
	$(BIN)/python -m venv "$$folder/use"; \
	"$$folder/use/bin/python" $(INSTALL) "$$folder"/dist/*.whl; \
	mkdir "$$folder/elsewhere"; cd "$$folder/elsewhere"; \
	for command in --version check 'plan creuse-grand-sud'; do \
	    echo "wheel: conseil $$command"; \
	    quietly "$$folder/use/bin/conseil" $$command; \
	    test -s "$$folder/output"; head -n 5 "$$folder/output"; \
	done; \
	echo "wheel: $$(cd "$$folder/dist" && echo *.whl) works outside the checkout"

clean: ## remove environments, builds and caches
	rm -rf $(VENV) .venvs build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf benchmarks/peers/node_modules tests/editor/node_modules
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile
