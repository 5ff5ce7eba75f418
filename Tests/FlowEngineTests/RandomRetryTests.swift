@testable import FlowEngine
import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Testing

/// What holds for every retry, tried on many.
@Suite struct RandomRetryTests {
    private static let isSoak = Environment["FLOW_SOAK"] != nil
    private static let base = Environment["FLOW_SEED"].flatMap { UInt64($0) } ?? 0

    private static func simulation(_ seed: UInt64, _ params: JSONObject = [:]) throws -> Simulation
    {
        let random = RandomWorkflow(seed: seed)
        var simulation = try Simulation(random.text, workflows: random.workflows, params: params)
        simulation.capacity = random.capacity
        return simulation
    }

    /// A run that ended somehow: of its own accord or cancelled, and perhaps taken up again.
    private static func ended(
        _ simulation: Simulation, _ random: inout SeededGenerator
    ) throws -> Simulation.Trace {
        var part = simulation
        if Bool.random(using: &random) {
            part.cancelAfter = Double.random(in: 0...20, using: &random)
        }
        var trace = try part.run()
        if trace.status == .waiting {
            trace = try simulation.runThrough(resuming: trace.log.events)
        }
        if trace.status != .success, Bool.random(using: &random) {
            trace = try simulation.runThrough(resuming: trace.log.events)
        }
        return trace
    }

    private static func check(_ second: Simulation.Trace, _ plan: RetryPlan, _ comment: Comment) {
        #expect(second.runner.violations == [], comment)
        #expect(second.state.openNodes == 0, comment)
        let started = Set(second.runner.started.map(\.attempt.nodeID))
        #expect(started.isDisjoint(with: plan.kept), comment)
    }

    @Test("of any run, from any of its nodes on: the new run ends, and what is kept does not run")
    func kept() throws {
        let seeds = Self.base..<(Self.base + (Self.isSoak ? 20_000 : 200))
        print("seeds \(seeds)")
        var resumed = 0
        for seed in seeds {
            var random = SeededGenerator(seed: seed)
            let simulation = try Self.simulation(seed)
            let first = try Self.ended(simulation, &random)
            resumed += first.log.events.contains { $0.type == EventType.runResumed } ? 1 : 0
            let name = try #require(first.state.paths.randomElement(using: &random))
            let isAll = first.state.status != .success && Bool.random(using: &random)
            let plan = RetryPlan(
                first.log.events, first.state, run: "old", workflow: simulation.workflow,
                contexts: simulation.contexts,
                redo: isAll ? [] : [try NodeAddress(name, in: first.state)])
            let second = try simulation.runThrough(keeping: plan.drafts)
            let comment: Comment = "seed \(seed), from \(isAll ? "-" : name)"
            Self.check(second, plan, comment)
            for path in plan.kept { #expect(second.results[path] == first.results[path], comment) }
        }
        #expect(resumed > 20)
    }

    @Test("with other params: what is not kept is what a run has that evaluates it now")
    func params() throws {
        let seeds = Self.base..<(Self.base + (Self.isSoak ? 20_000 : 200))
        print("seeds \(seeds)")
        var moved = 0
        for seed in seeds {
            var random = SeededGenerator(seed: seed)
            let first = try Self.ended(try Self.simulation(seed), &random)
            let few: [JSON] = [["b", "a"], ["c", "b", "a"], ["b"], [], ["a", "b", "d"]]
            let changed: JSONObject = [
                "x": Bool.random(using: &random) ? "good" : "none",
                "few": few.randomElement(using: &random) ?? [],
            ]
            let simulation = try Self.simulation(seed, changed)
            let plan = RetryPlan(
                first.log.events, first.state, run: "old", workflow: simulation.workflow,
                contexts: simulation.contexts, redo: [])
            moved += plan.drafts.contains { $0.data["kept_as"] != nil } ? 1 : 0
            let second = try simulation.runThrough(keeping: plan.drafts)
            let comment: Comment = "seed \(seed), with \(changed)"
            Self.check(second, plan, comment)
            try Self.checkEvaluated(second, simulation, plan, comment)
        }
        #expect(moved > 0)
    }

    /// Legs and params of all that the new run did not keep are those that its params give.
    private static func checkEvaluated(
        _ trace: Simulation.Trace, _ simulation: Simulation, _ plan: RetryPlan, _ comment: Comment
    ) throws {
        let state = trace.state
        let kept = Set(plan.kept)
        let keptLegs = Set(
            plan.drafts.filter { $0.type == EventType.attemptFinished }
                .map { "\($0.node ?? "") \($0.leg ?? 0)" })
        for path in Set(state.paths).subtracting(kept) {
            guard let place = state.place(of: path) else { continue }
            let node = state.nodes[place]
            let frame = state.frames[node.frame]
            let contexts =
                node.frame == 0
                ? simulation.contexts
                : simulation.contexts.entering(frame.workflow, params: frame.params)
            let definition = state.definition(place)
            if let matrix = definition.matrix, node.isMatrix, node.settlement?.result != .skipped {
                let legs = try contexts.expand(matrix, definition, place, state).legs
                #expect(node.legs.map(\.key) == legs.map(\.key), comment)
                #expect(node.legs.map(\.matrix) == legs.map(\.values), comment)
            }
            guard case .workflow(let inner, let with) = definition.work else { continue }
            for (index, leg) in node.legs.enumerated() {
                guard let begun = leg.frame, !keptLegs.contains("\(path) \(index)")
                else { continue }
                let params = try contexts.params(
                    inner, with, LegID(node: place, leg: index), definition, state,
                    needs: try contexts.needs(definition, state, place: place))
                #expect(state.frames[begun].params == params, comment)
            }
        }
    }
}
