import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Testing

/// Promises that hold for every workflow, tried on many; `FLOW_SOAK` tries many more.
@Suite struct RandomRunTests {
    private static let isSoak = Environment["FLOW_SOAK"] != nil
    private static let base = Environment["FLOW_SEED"].flatMap { UInt64($0) } ?? 0

    private static func seeds(_ few: UInt64, soak: UInt64) -> Range<UInt64> {
        let range = base..<(base + (isSoak ? soak : few))
        print("seeds \(range)")
        return range
    }

    /// Says what happened in the runs, and that nothing of it is missing.
    private static func report(_ census: Census, except others: Set<Census.Part> = []) {
        if isSoak { print("from seed \(base): \(census.text)") }
        #expect(census.missing(except: others) == [])
    }

    private static func simulation(_ seed: UInt64) throws -> Simulation {
        let random = RandomWorkflow(seed: seed)
        var simulation = try Simulation(random.text, workflows: random.workflows)
        simulation.capacity = random.capacity
        simulation.processors = random.processors
        simulation.strangers = random.strangers
        return simulation
    }

    private static func checkEnded(_ trace: Simulation.Trace, _ comment: Comment) {
        #expect(trace.runner.violations == [], comment)
        #expect(trace.state.openNodes == 0, comment)
        #expect(trace.log.isDurable, comment)
        #expect(trace.log.events.map(\.seq) == Array(1...trace.log.events.count), comment)
        #expect(trace.log.events.first?.type == EventType.runCreated, comment)
        #expect(trace.log.events.last?.type == EventType.runFinished, comment)
        #expect(trace.log.events.count { $0.type == EventType.runFinished } == 1, comment)
        var open: Set<String> = []
        for event in trace.log.events where event.type.hasPrefix("attempt.") {
            let leg = "\(event.draft.node ?? "")/\(event.draft.leg ?? -1)"
            if event.type == EventType.attemptStarted {
                #expect(open.insert(leg).inserted, comment)
            } else if event.type == EventType.attemptFinished, event.data["cached_from"] == nil {
                #expect(open.remove(leg) != nil, comment)
            }
        }
        #expect(open == [], comment)
    }

    @Test("every run ends, no node before its needs, no cap exceeded, nothing runs twice")
    func promises() throws {
        var census = Census()
        for seed in Self.seeds(400, soak: 100_000) {
            let trace = try Self.simulation(seed).runThrough()
            Self.checkEnded(trace, "seed \(seed)")
            census.add(trace)
            guard Self.isSoak else { continue }
            let again = try Self.simulation(seed).runThrough()
            #expect(again.log.text == trace.log.text, "seed \(seed)")
        }
        Self.report(census, except: [.cancelled, .late, .lost])
    }

    @Test("a cancelled run ends too, and says so")
    func cancelled() throws {
        var census = Census()
        for seed in Self.seeds(300, soak: 20_000) {
            var simulation = try Self.simulation(seed)
            var random = SeededGenerator(seed: seed)
            simulation.cancelAfter = Double.random(in: 0...20, using: &random)
            let first = try simulation.run()
            let isEnded = first.status != .waiting
            #expect(isEnded || first.places.isEmpty, "seed \(seed): a waiting run holds nothing")
            simulation.cancelAfter = isEnded ? simulation.cancelAfter : nil
            let trace = isEnded ? first : try simulation.runThrough(resuming: first.log.events)
            Self.checkEnded(trace, "seed \(seed)")
            if isEnded, trace.status != .cancelled {
                let end = trace.log.events.last?.time ?? .distantFuture
                let at = Timestamp(seconds: 1_800_000_000)
                    .adding(seconds: simulation.cancelAfter ?? 0)
                #expect(end <= at, "seed \(seed)")
            }
            census.add(trace)
        }
        Self.report(census, except: [.lost])
    }

    /// The digest over the logs of many runs.
    static func digest() throws -> String {
        var text = ""
        for seed in UInt64(0)..<(isSoak ? 2_000 : 100) {
            var simulation = try simulation(seed)
            if seed % 3 == 0 { simulation.cancelAfter = 5 }
            text += try simulation.runThrough().log.text
        }
        return SHA256.hex(text.utf8)
    }

    @Test("the same seed gives the same log byte for byte, in every process")
    func sameLog() async throws {
        let digest = try Self.digest()
        #expect(try Self.digest() == digest)
        let other = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            TerminalDevice.error.write("digest=\(try RandomRunTests.digest())\n")
        }
        let said = String(decoding: other?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("digest=\(digest)"), "the other process said \(said)")
    }

    /// What must be the same however often a run was interrupted: of its own workflow and of all that
    /// are nodes of it.
    private static func conclusion(_ trace: Simulation.Trace) -> [String] {
        let state = trace.state
        let places = Set(state.paths).compactMap(state.place).filter { isSteady($0, state) }
        return places.map { place in
            let node = state.nodes[place]
            let path = state.paths[place]
            let isWhole = node.settlement?.result != .failure
            let outputs = isWhole ? node.legs.flatMap(\.outputs).map { "\($0)=\($1)" } : []
            return "\(path) \(trace.results[path] ?? "") \(outputs)"
        }.sorted() + [trace.status?.rawValue ?? "none"]
    }

    /// Which legs of a matrix were ended by the first failure depends on time, and so does what
    /// happened inside those that are workflows.
    private static func isSteady(_ place: Int, _ state: RunState) -> Bool {
        guard let parent = state.frames[state.nodes[place].frame].parent else { return true }
        let node = state.nodes[parent.node]
        return !(node.isMatrix && node.failFast && node.settlement?.result == .failure)
            && isSteady(parent.node, state)
    }

    /// Whether a gate has a time: then what an interruption costs changes the end.
    private static func isTimed(_ simulation: Simulation) -> Bool {
        simulation.workflow.everyWorkflow.flatMap(\.nodes).contains { node in
            guard case .approve(let gate) = node.work else { return false }
            return gate.timeout != nil
        }
    }

    private static func cut(
        _ simulation: Simulation, after count: Int, _ whole: Simulation.Trace, _ comment: Comment
    ) throws {
        var first = simulation
        first.limit = count
        let part = try first.run()
        let resumed = try simulation.runThrough(resuming: part.log.events)
        checkEnded(resumed, comment)
        if !isTimed(simulation) { #expect(conclusion(resumed) == conclusion(whole), comment) }
    }

    @Test("a run cut after any event and resumed ends the same, and no finished attempt runs again")
    func cutAnywhere() throws {
        for seed in Self.seeds(40, soak: 2_000) {
            let simulation = try Self.simulation(seed)
            let whole = try simulation.runThrough()
            for length in 1..<whole.log.events.count {
                try Self.cut(
                    simulation, after: length, whole, "seed \(seed), cut after \(length)")
            }
        }
    }

    @Test("a run that is cut again and again ends the same")
    func cutOften() throws {
        var census = Census()
        for seed in Self.seeds(100, soak: 5_000) {
            let simulation = try Self.simulation(seed)
            let whole = try simulation.runThrough()
            var random = SeededGenerator(seed: seed)
            var events: [Event] = []
            for _ in 0..<5 {
                var part = simulation
                part.limit = events.count + Int.random(in: 1...20, using: &random)
                let trace = try part.run(resuming: events)
                events = trace.log.events
                #expect(trace.runner.violations == [], "seed \(seed)")
                if trace.status != nil { break }
            }
            let isOver = events.last?.type == EventType.runFinished
            let end = isOver ? nil : try simulation.runThrough(resuming: events)
            if let end {
                Self.checkEnded(end, "seed \(seed)")
                census.add(end)
                if Self.isTimed(simulation) { continue }
                #expect(Self.conclusion(end) == Self.conclusion(whole), "seed \(seed)")
            }
        }
        Self.report(census, except: [.cancelled, .late])
    }

    @Test("a run that ended badly and is taken up keeps what succeeded and ends again")
    func takenUp() throws {
        var census = Census()
        for seed in Self.seeds(300, soak: 20_000) {
            var simulation = try Self.simulation(seed)
            var random = SeededGenerator(seed: seed)
            if seed % 2 == 0 {
                simulation.cancelAfter = Double.random(in: 0...20, using: &random)
            }
            var trace = try simulation.run()
            simulation.cancelAfter = nil
            if trace.status == .waiting {
                trace = try simulation.runThrough(resuming: trace.log.events)
            }
            for _ in 0..<4 where trace.status != .success {
                let before = trace
                trace = try simulation.runThrough(resuming: before.log.events)
                let comment: Comment = "seed \(seed)"
                #expect(trace.runner.violations == [], comment)
                #expect(trace.state.openNodes == 0, comment)
                #expect(trace.log.events.last?.type == EventType.runFinished, comment)
                for (id, result) in before.results where result == "success" && !id.contains("/") {
                    #expect(trace.results[id] == "success", comment)
                    #expect(!trace.runner.started.contains { $0.attempt.nodeID == id }, comment)
                }
                let numbers = trace.log.events.filter { $0.type == EventType.attemptStarted }
                    .map { "\($0.draft.node ?? "")/\($0.draft.leg ?? -1)/\($0.draft.attempt ?? 0)" }
                #expect(Set(numbers).count == numbers.count, comment)
            }
            census.add(trace)
        }
        Self.report(census, except: [.lost])
    }
}
