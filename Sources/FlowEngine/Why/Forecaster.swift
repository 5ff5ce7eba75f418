internal import FlowJSON
package import FlowSpec
internal import FlowSystem

/// Goes through a run as the scheduler would, with the same expressions and the same cache, and starts
/// nothing.
///
/// It takes it that what runs succeeds, that gates are approved, and that nodes of which neither needs the
/// other leave each other's files alone. What depends on the outputs or the files of a command that would
/// run is not known before the run, and is said to be that.
package struct Forecaster {
    /// Says what the cache would say once the files of these results are restored.
    package typealias Cache = (Attempt, _ restored: [[UInt8]]) -> CacheForecast

    let selection: Set<Int>?
    /// Secrets of which the value is not there.
    let missingSecrets: Set<String>
    /// nil: there are no earlier results.
    let cache: Cache?
    var state: RunState
    var levels: [Level]
    var courses: [Int: Course] = [:]
    var forecast = Forecast()
    private var ready: [Int] = []
    private var seq = 0

    /// One workflow of the run.
    struct Level {
        var contexts: ContextBuilder
        /// What its nodes' paths begin with, without legs.
        let prefix: String
        /// What has gone before all of its nodes.
        let before: Course
        /// Params that are not known.
        var unknownParams: Set<String> = []
    }

    /// What is known of the world after a node.
    struct Course {
        /// Whether something upstream, or the node itself, may fail.
        var isUncertain = false
        /// Whether the node may be skipped, which is not known.
        var mayBeSkipped = false
        /// Whether how the node itself ends is not known.
        var isOwnEndOpen = false
        /// A command that may have changed files.
        var writer: String?
        /// Results whose files have been restored, in order.
        var restored: [[UInt8]] = []
        var unknownOutputs = Unknown.nothing

        enum Unknown { case nothing, all, named(Set<String>) }

        /// What expressions that read the node cannot know.
        func unknown(of id: String) -> Set<[String]> {
            let path = ["needs", id.lowercased()]
            let end: Set = isOwnEndOpen ? [path + ["result"]] : []
            switch unknownOutputs {
            case .nothing: return end
            case .all: return end.union([path + ["outputs"]])
            case .named(let names):
                return end.union(names.map { path + ["outputs", $0.lowercased()] })
            }
        }
    }

    package init(
        _ workflow: Workflow, contexts: ContextBuilder, selection: Set<String>?,
        missingSecrets: Set<String> = [], cache: Cache?
    ) {
        self.missingSecrets = missingSecrets
        self.cache = cache
        self.selection = selection.map { ids in
            Set(workflow.nodes.indices.filter { ids.contains(workflow.nodes[$0].id) })
        }
        state = RunState(workflow, params: contexts.params)
        levels = [Level(contexts: contexts, prefix: "", before: Course())]
    }

    package mutating func run() -> Forecast {
        ready = state.takeReadied()
        var next = 0
        while next < ready.count {
            decide(ready[next])
            ready += state.takeReadied()
            next += 1
        }
        return forecast
    }

    // MARK: What has happened, as far as the state knows

    mutating func apply(
        _ type: String, _ place: Int, leg: Int? = nil, attempt: Int? = nil, _ data: JSONObject = [:]
    ) {
        seq += 1
        let draft = EventDraft(
            type, node: state.paths[place], leg: leg, attempt: attempt, data: data)
        state.apply(
            Event(seq: seq, time: Timestamp(microseconds: 0), run: "", draft: draft))
    }

    mutating func settle(
        _ place: Int, _ result: NodeResult, tolerated: Bool = false, _ course: Course
    ) {
        courses[place] = course
        var data: JSONObject = ["result": .string(result.rawValue)]
        if tolerated { data["tolerated"] = true }
        apply(EventType.nodeFinished, place, data)
        let frame = state.nodes[place].frame
        if state.frames[frame].openNodes == 0 { end(frame: frame) }
    }

    mutating func say(_ fate: Forecast.Fate, _ place: Int, leg: Int? = nil) {
        let level = levels[state.nodes[place].frame]
        let pattern = level.prefix + state.definition(place).id
        forecast.parts[pattern, default: []].append(
            Forecast.Part(
                path: state.paths[place], leg: leg.map { state.nodes[place].legs[$0].key },
                fate: fate))
    }

    // MARK: One node

    private mutating func decide(_ place: Int) {
        let node = state.definition(place)
        var course = before(place)
        if let selection, state.nodes[place].frame == 0, !selection.contains(place) {
            say(.skipped(.unselected), place)
            return settle(place, .skipped, tolerated: true, course)
        }
        let contexts = contexts(of: place, course)
        let open = zip(state.graph.needs[place], node.needs).filter { need, _ in
            courses[need]?.mayBeSkipped == true
        }.map(\.1)
        do throws(ExpressionError) {
            if let reason = try contexts.skipReason(node, place, state, isCancelled: false) {
                say(.skipped(skipReason(place, node, reason)), place)
                return settle(place, .skipped, course)
            }
            if open.isEmpty || node.condition?.usesStatusFunction == true {
                return try go(place, node, contexts, course)
            }
            say(.depends(condition: nil, needs: open), place)
        } catch {
            guard error.kind == .unknown else { return fail(place, error, contexts, course) }
            say(.depends(condition: node.condition?.expression.source, needs: open), place)
        }
        course.mayBeSkipped = true
        pass(place, node, &course)
    }

    /// A node of which no more can be said goes on, as far as those behind it know.
    mutating func pass(_ place: Int, _ node: Node, _ course: inout Course) {
        course.isUncertain = true
        course.isOwnEndOpen = true
        course.unknownOutputs = .all
        if case .approve = node.work {} else { course.writer = state.paths[place] }
        settle(place, .success, course)
    }

    mutating func fail(
        _ place: Int, _ error: ExpressionError, _ contexts: ContextBuilder, _ course: Course
    ) {
        say(.fails(error.message), place)
        let isTolerated = contexts.isTolerated(state.definition(place), place, state)
        settle(place, .failure, tolerated: isTolerated, course)
    }

    private func skipReason(_ place: Int, _ node: Node, _ reason: String) -> Forecast.SkipReason {
        for (need, id) in zip(state.graph.needs[place], node.needs)
        where node.condition?.usesStatusFunction != true {
            guard let settlement = state.nodes[need].settlement,
                !settlement.letsDependentsGoOn
            else { continue }
            return .need(id, isSkipped: settlement.result == .skipped)
        }
        return .condition(node.condition?.expression.source ?? reason)
    }

    /// What has gone before a node.
    func before(_ place: Int) -> Course {
        var course = levels[state.nodes[place].frame].before
        for need in state.graph.needs[place] {
            guard let other = courses[need] else { continue }
            course.isUncertain = course.isUncertain || other.isUncertain
            course.writer = course.writer ?? other.writer
            course.restored += other.restored.filter { !course.restored.contains($0) }
        }
        return course
    }

    /// What the expressions of a node see, and what of that they cannot know.
    func contexts(of place: Int, _ course: Course) -> ContextBuilder {
        let level = levels[state.nodes[place].frame]
        let node = state.definition(place)
        var unknown = Set(level.unknownParams.map { ["params", $0.lowercased()] })
        for (need, id) in zip(state.graph.needs[place], node.needs) {
            guard let other = courses[need] else { continue }
            unknown.formUnion(other.unknown(of: id))
            if other.mayBeSkipped { unknown.insert(["success"]) }
        }
        if course.isUncertain { unknown.insert(["failure"]) }
        if course.writer != nil || !course.restored.isEmpty { unknown.insert(["hashFiles"]) }
        var contexts = level.contexts
        contexts.unknown = unknown
        return contexts
    }
}
