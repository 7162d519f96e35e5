# deskrun: `make demo` shows it, `make test` tests it, `make install` installs it. Each sets up what it needs.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?=

OS := $(shell uname -s)
jobs = $(if $(JOBS),-j $(JOBS))
# One self-contained file that starts in two milliseconds; macOS has the Swift runtime in the system.
release = -c release --product deskrun $(jobs) $(if $(filter Linux,$(OS)),--static-swift-stdlib)
sources = Sources Tests Package.swift Benchmarks/Sources Benchmarks/Package.swift
needed_major = 6
needed_minor = 1

.PHONY: help demo test soak build install uninstall lint fmt bench clean toolchain ncurses
.DEFAULT_GOAL := help

help:
	@echo "make demo       build deskrun and open its dashboard on the embedded cluster (q ends it)"
	@echo "make test       run the tests"
	@echo "make soak       stop and continue the dashboard two hundred times (ROUNDS=500 for more)"
	@echo "make build      build the release: .build/release/deskrun"
	@echo "make install    install it below PREFIX ($(PREFIX)), with shell completions"
	@echo "make uninstall  take it away again"
	@echo "make lint       check the format of the sources"
	@echo "make fmt        format the sources"
	@echo "make bench      measure speed and memory (BASE=file compares, QUICK=1 is short)"
	@echo "make clean      delete what was built"

demo: toolchain ncurses
	@$(SWIFT) build --product deskrun $(jobs)
	@"$$($(SWIFT) build --show-bin-path)/deskrun" --demo tui

# In a temporary folder of its own: the package manager leaves empty folders in it, and the tests are held to leave none.
test: toolchain ncurses
	@temporary="$$(mktemp -d)"; trap 'rm -rf "$$temporary"' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM; \
	TMPDIR="$$temporary" $(SWIFT) test $(jobs) || exit $$?; \
	left="$$(ls -A "$$temporary" | grep -v '^TemporaryDirectory\.')"; \
	if [ -n "$$left" ]; then echo "The tests left something in the temporary folder: $$left"; exit 1; fi

# What goes wrong once in fifty times only shows when it is done often.
soak: toolchain ncurses
	DESKRUN_SOAK="$(or $(ROUNDS),200)" $(SWIFT) test $(jobs) --filter DashboardStopTests

build: toolchain ncurses
	$(SWIFT) build $(release)
	@strip "$$($(SWIFT) build $(release) --show-bin-path)/deskrun"

install: build
	@set -e; built="$$($(SWIFT) build $(release) --show-bin-path)/deskrun"; root="$(DESTDIR)$(PREFIX)"; \
	bash="$$root/share/bash-completion/completions"; zsh="$$root/share/zsh/site-functions"; \
	fish="$$root/share/fish/vendor_completions.d"; \
	mkdir -p "$$root/bin" "$$bash" "$$zsh" "$$fish"; \
	install -m 755 "$$built" "$$root/bin/deskrun"; \
	"$$built" completion bash >"$$bash/deskrun"; \
	"$$built" completion zsh >"$$zsh/_deskrun"; \
	"$$built" completion fish >"$$fish/deskrun.fish"; \
	echo "Installed $$root/bin/deskrun and completions for bash, zsh and fish."

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/deskrun" \
	  "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/deskrun" \
	  "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_deskrun" \
	  "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/deskrun.fish"

lint: toolchain
	@$(SWIFT) format lint --strict --recursive $(sources)
	@echo "The format is clean."

fmt: toolchain
	@$(SWIFT) format --in-place --recursive $(sources)

# A package of its own, in Benchmarks. SAVE=file keeps the figures, BASE=file compares with kept ones, QUICK=1 takes two
# minutes instead of ten, ONLY=micro or ONLY=terminal does a part.
bench: build
	@$(SWIFT) build --package-path Benchmarks -c release -Xswiftc -enable-testing $(jobs)
	@"$$($(SWIFT) build --package-path Benchmarks -c release -Xswiftc -enable-testing --show-bin-path)/bench" \
	  --deskrun "$$($(SWIFT) build $(release) --show-bin-path)/deskrun" $(if $(QUICK),--quick) \
	  $(if $(SAVE),--save "$(SAVE)") $(if $(BASE),--base "$(BASE)") $(if $(ONLY),--only $(ONLY))

clean:
	rm -rf .build Benchmarks/.build

toolchain:
	@command -v $(SWIFT) >/dev/null || { \
	  echo "deskrun is built with Swift $(needed_major).$(needed_minor) or newer, and there is no $(SWIFT) on PATH."; \
	  echo "https://www.swift.org/install tells how to get it."; exit 1; }
	@version="$$($(SWIFT) --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)"; \
	set -- $$version; \
	if [ -z "$$1" ]; then echo "$(SWIFT) --version does not say which Swift this is."; exit 1; fi; \
	if [ "$$1" -lt $(needed_major) ] || { [ "$$1" -eq $(needed_major) ] && [ "$$2" -lt $(needed_minor) ]; }; then \
	  echo "deskrun is built with Swift $(needed_major).$(needed_minor) or newer; this is $$1.$$2."; \
	  echo "https://www.swift.org/install tells how to get a newer one."; exit 1; fi

# The headers of ncurses, which the dashboard draws with. Asked of the compiler, not of a package manager: it decides.
ncurses:
	@echo '#include <curses.h>' | $${CC:-clang} -E -x c - >/dev/null 2>&1 || \
	echo '#include <curses.h>' | cc -E -x c - >/dev/null 2>&1 || { \
	  as_root=""; \
	  if [ "$$(id -u)" -ne 0 ]; then command -v sudo >/dev/null && as_root=sudo || as_root=none; fi; \
	  if [ "$(OS)" = Darwin ]; then line="xcode-select --install"; \
	  elif command -v apt-get >/dev/null; then line="apt-get update && apt-get install -y libncurses-dev"; \
	  elif command -v dnf >/dev/null; then line="dnf install -y ncurses-devel"; \
	  elif command -v brew >/dev/null; then line="brew install ncurses"; as_root=""; \
	  else line=""; fi; \
	  if [ -z "$$line" ]; then \
	    echo "The headers of ncurses are missing. Install your system's package for them (libncurses-dev, ncurses-devel)."; \
	    exit 1; fi; \
	  if [ "$(OS)" = Darwin ] || [ "$$as_root" = none ]; then \
	    echo "The headers of ncurses are missing, and installing them needs you. Run this, then make again:"; \
	    echo "  $$line"; exit 1; fi; \
	  echo "The headers of ncurses are missing. Installing them: $$line"; \
	  $$as_root sh -c "$$line" || { \
	    echo "That did not work. Install the headers of ncurses (libncurses-dev, ncurses-devel), then make again."; exit 1; }; }
