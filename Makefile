# Two commands do everything on a fresh Debian 12 machine with a Swift toolchain:
#   make run     installs what is missing, builds, and takes real sample errors round the loop
#   make test    everything that must hold before a change lands
# The others: build, soak, bench, install PREFIX=…, and the loop's stages by name on REPO=….

PREFIX ?= /usr/local
REPO ?= demo
RELEASE = FLOW_STATIC=1 swift build -c release --static-swift-stdlib
FLOW = .build/release/flow

.PHONY: setup setup-test setup-bench build run test lint soak bench install clean \
    skills-integrate skills-feedback skills-sync-trm skills-sync-catalog retrain

setup:
	@Scripts/setup build

setup-test:
	@Scripts/setup test

setup-bench:
	@Scripts/setup bench

build: setup
	$(RELEASE)

$(FLOW):
	$(MAKE) build

run: build
	@Scripts/demo $(FLOW) demo

lint:
	swift format lint --strict -r Sources Tests Package.swift

test: setup-test lint
	swift build --build-tests
	swift test --skip-build

# The long counts: many kills, many random graphs, and the sanitizers.
soak: setup-test
	FLOW_SOAK=1 swift test -c release --scratch-path .build/soak
	swift test --sanitize=thread --scratch-path .build/thread
	swift test --sanitize=address --scratch-path .build/address

bench: setup-bench build
	@Benchmarks/nodes $(FLOW)
	@Benchmarks/cached $(FLOW)
	@Benchmarks/startup $(FLOW)
	@Benchmarks/validate $(FLOW)
	@Benchmarks/matrix $(FLOW)
	@Benchmarks/peers $(FLOW)
	@Benchmarks/postgres $(FLOW)
	@Benchmarks/knowledge $(FLOW)
	@Benchmarks/grouping $(FLOW)
	@Benchmarks/proposals $(FLOW)
	@Benchmarks/ledger $(FLOW)
	@Benchmarks/feedback $(FLOW)

install: $(FLOW)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/flow/datasets/samples/causes
	install -s -m 755 .build/release/flow .build/release/flow-stage $(DESTDIR)$(PREFIX)/bin
	cp -R workflows $(DESTDIR)$(PREFIX)/share/flow
	install -m 644 datasets/samples/*.log datasets/samples/README.md \
	    $(DESTDIR)$(PREFIX)/share/flow/datasets/samples
	install -m 644 datasets/samples/causes/*.tsv $(DESTDIR)$(PREFIX)/share/flow/datasets/samples/causes
	cp -R datasets/samples/knowledge $(DESTDIR)$(PREFIX)/share/flow/datasets/samples

clean:
	rm -rf .build demo

skills-integrate: $(FLOW)
	$(FLOW) -C $(REPO) run integrate.yaml

skills-feedback: $(FLOW)
	$(FLOW) -C $(REPO) run integrate.yaml --only mine --only feedback --only commit

skills-sync-trm: $(FLOW)
	$(FLOW) -C $(REPO) run integrate.yaml --only dataset --only commit

skills-sync-catalog: $(FLOW)
	$(FLOW) -C $(REPO) run integrate.yaml --only mine --only catalog --only commit

retrain: $(FLOW)
	$(FLOW) -C $(REPO) run retrain.yaml
