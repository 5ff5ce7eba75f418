# Two commands do everything on a fresh Debian 12 machine with a Swift toolchain:
#   make run     installs what is missing, builds, and takes real sample errors round the loop
#   make test    everything that must hold before a change lands
# The others: build, bench, install PREFIX=…, and the loop's stages by name on REPO=….
#   make soak    the long counts, hours of them; each part runs by itself as well:
#     soak-kills      kill -9, signals and failing disks at thousands of moments of a run
#     soak-git        kill -9 at every call of libgit2; 500 rounds of eight flows in one repository
#     soak-miner      kill -9 of the miner while others write and rotate its logs
#     soak-fuzz       ten million inputs for the readers of logs
#     soak-orders     whole labelled logs in several orders and shardings
#     soak-graphs     random workflows, retries, plans, caches, places and histories of fixes
#     soak-models     the whole of Banking77 beside scikit-learn
#     soak-rest       every other test, built for release
#     soak-thread     the tests under the thread sanitizer
#     soak-address    the tests under the address sanitizer

PREFIX ?= /usr/local
REPO ?= demo
RELEASE = FLOW_STATIC=1 swift build -c release --static-swift-stdlib
FLOW = .build/release/flow

# Who reads FLOW_SOAK stands in one of these lists; a test in PackageTests looks.
SOAK_KILLS = CommandTests.CrashTests CommandTests.KillTests CommandTests.SignalTests \
    CommandTests.FullDiskTests
SOAK_GIT = CommandTests.GitCrashTests CommandTests.ContentionTests CommandTests.MergeGateTests \
    CommandTests.InterruptedTransferTests
SOAK_MINER = CommandTests.MineKillTests
SOAK_FUZZ = FlowMiningTests.ReaderFuzzTests
SOAK_ORDERS = FlowMiningTests.LoghubOrderTests
SOAK_GRAPHS = FlowEngineTests.RandomRunTests FlowEngineTests.RandomRetryTests \
    FlowStoreTests.PlacesTrialTests FlowStoreTests.RandomCacheTests CommandTests.CapsTests \
    CommandTests.PlanTrialTests FlowSkillsTests.FixGateTests FlowSkillsTests.ExtractionTrialTests
SOAK_MODELS = FlowLearningTests.ScikitLearnParityTests
SOAK_ALL = $(SOAK_MODELS) $(SOAK_KILLS) $(SOAK_GIT) $(SOAK_MINER) $(SOAK_FUZZ) $(SOAK_ORDERS) $(SOAK_GRAPHS)
SOAK = FLOW_SOAK=1 swift test -c release --scratch-path .build/soak

.PHONY: setup setup-test setup-bench build run test lint bench install clean \
    soak soak-kills soak-git soak-miner soak-fuzz soak-orders soak-graphs soak-models soak-rest \
    soak-thread soak-address skills-integrate skills-feedback skills-sync-trm skills-sync-catalog retrain

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

soak: soak-kills soak-git soak-miner soak-fuzz soak-orders soak-graphs soak-models soak-rest \
    soak-thread soak-address

soak-kills: setup-test
	$(SOAK) $(addprefix --filter ,$(SOAK_KILLS))

soak-git: setup-test
	$(SOAK) $(addprefix --filter ,$(SOAK_GIT))

soak-miner: setup-test
	$(SOAK) $(addprefix --filter ,$(SOAK_MINER))

soak-fuzz: setup-test
	$(SOAK) $(addprefix --filter ,$(SOAK_FUZZ))

soak-orders: setup-test
	$(SOAK) $(addprefix --filter ,$(SOAK_ORDERS))

soak-graphs: setup-test
	$(SOAK) $(addprefix --filter ,$(SOAK_GRAPHS))

soak-models: setup-test
	$(SOAK) $(addprefix --filter ,$(SOAK_MODELS))

soak-rest: setup-test
	$(SOAK) $(addprefix --skip ,$(SOAK_ALL))

soak-thread: setup-test
	swift test --sanitize=thread --scratch-path .build/thread

soak-address: setup-test
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
	@Benchmarks/catalog $(FLOW)
	@Benchmarks/ledger $(FLOW)
	@Benchmarks/feedback $(FLOW)
	@Benchmarks/learning $(FLOW)
	@Benchmarks/extraction $(FLOW)

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
