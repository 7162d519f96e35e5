# The main targets: `make demo`, `make test`, `make build` and `make install`. Each target first checks for what it
# needs (Scripts/), and names what is missing.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?=

OS := $(shell uname -s)
jobs = $(if $(JOBS),-j $(JOBS))
# One self-contained file that starts in two milliseconds; macOS has the Swift runtime in the system. The available
# static libraries are determined once, by the first target that needs them.
linking = $(eval linking := $$(shell Scripts/linking-flags "$(SWIFT)"))$(linking)
release = -c release --product deskrun $(jobs) $(linking)
sources = Sources Tests Package.swift Benchmarks/Sources Benchmarks/Package.swift Fuzz/Fuzzer.swift
# Two builds of the same sources differ only in these sections, which are not used at run time: the compiler's hashes of
# imported modules, and the linker's hash of the whole file.
varying = $(if $(filter Linux,$(OS)),-R .swift_modhash -R .note.gnu.build-id)
needed_major = 6
needed_minor = 2

.PHONY: help demo test tsan soak pictures docs build install uninstall dist bare-root lint fmt bench fuzz clean toolchain ncurses
.DEFAULT_GOAL := help

help:
	@echo "make demo       build deskrun and open its dashboard on the embedded cluster (q ends it)"
	@echo "make test       run the tests"
	@echo "make tsan       run the tests with the thread sanitizer"
	@echo "make soak       repeat what chance decides, many times (ROUNDS=500, ONLY=DashboardStopTests)"
	@echo "make pictures   take the pictures in docs/pictures of the program (ONLY=overview takes those)"
	@echo "make docs       check the links, and run the commands, in README and docs"
	@echo "make build      build the release: .build/release/deskrun"
	@echo "make install    copy what was built to PREFIX ($(PREFIX)), with manual pages and shell completions"
	@echo "make uninstall  remove it from there"
	@echo "make dist       make the files of a release from a clean checkout, in dist/"
	@echo "make bare-root  run what was built in a root file system with nothing else in it"
	@echo "make lint       check the format of the sources"
	@echo "make fmt        format the sources"
	@echo "make bench      measure speed and memory (BASE=file compares, QUICK=1 is short)"
	@echo "make fuzz       feed every reader of text from outside at random (SECONDS=60 each, ONLY=name)"
	@echo "make clean      delete what was built"

demo: toolchain ncurses
	@$(SWIFT) build --product deskrun $(jobs)
	@"$$($(SWIFT) build --show-bin-path)/deskrun" --demo tui

test: toolchain ncurses
	@WIDTH="$(WIDTH)" Scripts/run-tests "$(SWIFT)" $(jobs)

# In a separate folder, so that the next normal build is not a full one.
tsan: toolchain ncurses
	@SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH="$(or $(WIDTH),4)" \
	  $(SWIFT) test --sanitize=thread -Xswiftc -DTHREAD_SANITIZER --scratch-path .build/tsan $(jobs)

# Faults that occur once in fifty runs only show with many repetitions: these tests repeat more with DESKRUN_SOAK.
soaked = DashboardStopTests DashboardEndTests AtOnceTests DemoJourneyTests OutputEndTests ValuesJourneyTests WhyTests \
  ChildEnvironmentTests CopiedCommandTests PlanTests UpgradeTests \
  NormalWorkTests DemoWorldTests DemoServerTests HistoryKeepingTests FuzzTests GitHubTargetTests MergePropertyTests
space := $(subst ,, )
soak: toolchain ncurses
	DESKRUN_SOAK="$(or $(ROUNDS),200)" SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH="$(or $(WIDTH),4)" \
	  $(SWIFT) test $(jobs) --filter '$(or $(ONLY),$(subst $(space),|,$(strip $(soaked))))'

# Runs the program with its demo on the tests' terminal emulator, and draws each screen as an SVG.
pictures: toolchain ncurses
	DESKRUN_PICTURES="$(or $(ONLY),all)" $(SWIFT) test $(jobs) --filter TakingPictures

# A part of `make test`, as a separate target for writing documentation.
docs: toolchain ncurses
	$(SWIFT) test $(jobs) --filter 'LinkTests|ShownCommandTests|PicturesTests|DocumentationTests'

build: toolchain ncurses
	$(SWIFT) build $(release)
	@strip $(varying) "$$($(SWIFT) build $(release) --show-bin-path)/deskrun"

# Copies the result of `make build`, so that `sudo make install` needs no Swift and leaves no files owned by root in
# .build.
install:
	@DESTDIR="$(DESTDIR)" Scripts/install-built "$(PREFIX)"

uninstall:
	@DESTDIR="$(DESTDIR)" Scripts/install-built "$(PREFIX)" uninstall

# REPOSITORY=OWNER/NAME is where the release will be; the default is the checkout's remote. MAINTAINER="NAME <ADDRESS>"
# goes into the .deb.
dist: build
	@Scripts/dist "$$($(SWIFT) build $(release) --show-bin-path)/deskrun"

bare-root: build
	@Scripts/try-in-bare-root "$$($(SWIFT) build $(release) --show-bin-path)/deskrun"

lint: toolchain
	@$(SWIFT) format lint --strict --recursive $(sources)
	@echo "The format is clean."

fmt: toolchain
	@$(SWIFT) format --in-place --recursive $(sources)

# A separate package, in Benchmarks. SAVE=file saves the figures, BASE=file compares with saved ones, QUICK=1 takes two
# minutes instead of ten, ONLY=micro or ONLY=terminal runs a part.
bench: build
	@$(SWIFT) build --package-path Benchmarks -c release -Xswiftc -enable-testing $(jobs)
	@"$$($(SWIFT) build --package-path Benchmarks -c release -Xswiftc -enable-testing --show-bin-path)/bench" \
	  --deskrun "$$($(SWIFT) build $(release) --show-bin-path)/deskrun" $(if $(QUICK),--quick) \
	  $(if $(SAVE),--save "$(SAVE)") $(if $(BASE),--base "$(BASE)") $(if $(ONLY),--only $(ONLY))

# SECONDS for each reader, ONLY=name for one; the names are in Tests/EngineTests/Knowledge/Fuzz and Tests/TUITests/Fuzz.
fuzz: toolchain ncurses
	@Fuzz/run "$(or $(SECONDS),60)" "$(ONLY)"

clean:
	rm -rf .build Benchmarks/.build Fuzz/.build dist

toolchain:
	@Scripts/check-build-tools "$(SWIFT)" $(needed_major) $(needed_minor)

ncurses:
	@Scripts/install-curses-headers
