internal import FlowJSON
internal import FlowSpec

extension Forecaster {
    /// A node that goes on: a gate, a command or a workflow, with its legs.
    mutating func go(
        _ place: Int, _ node: Node, _ contexts: ContextBuilder, _ course: Course
    ) throws(ExpressionError) {
        var course = course
        if case .approve = node.work {
            say(.waits, place)
            return pass(place, node, &course)
        }
        if let matrix = node.matrix {
            let expansion: MatrixExpansion
            do throws(ExpressionError) {
                expansion = try contexts.expand(matrix, node, place, state)
            } catch {
                guard error.kind == .unknown else { throw error }
                say(.legs(of: error.message), place)
                return pass(place, node, &course)
            }
            apply(EventType.nodeReady, place, ["legs": .integer(expansion.legs.count)])
            apply(EventType.nodeExpanded, place, expansion.data)
        } else {
            apply(EventType.nodeReady, place)
        }
        if state.nodes[place].legs.isEmpty {
            say(.empty, place)
            return settle(place, .success, course)
        }
        courses[place] = course
        for leg in state.nodes[place].legs.indices {
            if case .workflow(let inner, let with) = node.work {
                begin(LegID(node: place, leg: leg), inner, with, node, contexts, course)
            } else {
                attempt(LegID(node: place, leg: leg), node, contexts, course)
            }
        }
        endIfWhole(place)
    }

    private mutating func say(_ fate: Forecast.Fate, _ leg: LegID) {
        say(fate, leg.node, leg: state.nodes[leg.node].isMatrix ? leg.leg : nil)
    }

    // MARK: Commands

    private mutating func attempt(
        _ leg: LegID, _ node: Node, _ contexts: ContextBuilder, _ before: Course
    ) {
        let fate: Forecast.Fate
        do throws(ExpressionError) {
            let needs = try contexts.needs(node, state, place: leg.node)
            let attempt = try contexts.attempt(leg, number: 1, node, state) { needs }
            fate = look(attempt, leg, node, before)
        } catch {
            fate =
                error.kind == .unknown
                ? unlessCached(node, error.message) : .fails(error.message)
        }
        say(fate, leg)
        switch fate {
        case .cached: finish(leg, .success)
        case .fails:
            let isTolerated = contexts.isTolerated(node, leg.node, state, leg: leg.leg)
            finish(leg, .failure, tolerated: isTolerated)
        default:
            courses[leg.node]?.isUncertain = true
            courses[leg.node]?.isOwnEndOpen = true
            courses[leg.node]?.writer = state.paths[leg.node]
            courses[leg.node]?.unknownOutputs = .all
            finish(leg, .success)
        }
    }

    /// A command runs whose cache cannot be asked yet.
    private func unlessCached(_ node: Node, _ what: String) -> Forecast.Fate {
        guard node.cache != nil else { return .runs(misses: []) }
        return cache == nil ? .runs(misses: [CacheMiss.first]) : .runsOrCached(what)
    }

    private mutating func look(
        _ attempt: Attempt, _ leg: LegID, _ node: Node, _ before: Course
    ) -> Forecast.Fate {
        guard let query = attempt.cache else { return .runs(misses: []) }
        guard let cache else { return .runs(misses: [CacheMiss.first]) }
        if let secret = node.secrets.first(where: missingSecrets.contains) {
            return .runsOrCached("the secret \(secret), which is missing")
        }
        var readsFiles = !query.inputs.isEmpty
        if case .action = attempt.program { readsFiles = true }
        if readsFiles, let writer = before.writer {
            return .runsOrCached("what \(writer) does to its files")
        }
        switch cache(attempt, before.restored) {
        case .missed(let reasons): return .runs(misses: reasons)
        case .unknown(let what): return .runsOrCached(what)
        case .found(let result, let restores):
            for (name, value) in result.outputs {
                apply(
                    EventType.nodeOutput, leg.node, leg: leg.leg,
                    ["name": .string(name), "value": value])
            }
            if let restores { courses[leg.node]?.restored.append(restores) }
            return .cached(run: result.run)
        }
    }

    private mutating func finish(_ leg: LegID, _ result: NodeResult, tolerated: Bool = false) {
        var data: JSONObject = ["result": .string(result.rawValue)]
        if tolerated { data["tolerated"] = true }
        apply(EventType.attemptFinished, leg.node, leg: leg.leg, attempt: 1, data)
    }

    /// Settles a node of which every leg has ended.
    private mutating func endIfWhole(_ place: Int) {
        guard state.nodes[place].openLegs == 0, let course = courses[place] else { return }
        let failed = state.nodes[place].legs.filter { $0.result == .failure }
        settle(
            place, failed.isEmpty ? .success : .failure,
            tolerated: !failed.isEmpty && failed.allSatisfy(\.isTolerated), course)
    }

    // MARK: Workflows that are nodes

    private mutating func begin(
        _ leg: LegID, _ inner: SubWorkflow, _ with: Template, _ node: Node,
        _ contexts: ContextBuilder, _ before: Course
    ) {
        let params: (known: JSONObject, unknown: Set<String>)
        do throws(ExpressionError) {
            params = try self.params(inner, with, leg, node, contexts)
        } catch {
            say(.fails(error.message), leg)
            let isTolerated = contexts.isTolerated(node, leg.node, state, leg: leg.leg)
            return finish(leg, .failure, tolerated: isTolerated)
        }
        say(.runs(misses: []), leg)
        apply(
            EventType.attemptStarted, leg.node, leg: leg.leg, attempt: 1,
            ["params": .object(params.known)])
        let outer = levels[state.nodes[leg.node].frame]
        for frame in state.frames[levels.count...] {
            levels.append(
                Level(
                    contexts: outer.contexts.entering(frame.workflow, params: frame.params),
                    prefix: outer.prefix + node.id + "/", before: before,
                    unknownParams: params.unknown))
        }
    }

    /// The params of a workflow, and the names of those that are not known.
    private func params(
        _ inner: SubWorkflow, _ with: Template, _ leg: LegID, _ node: Node,
        _ contexts: ContextBuilder
    ) throws(ExpressionError) -> (known: JSONObject, unknown: Set<String>) {
        let legState = state.nodes[leg.node].legs[leg.leg]
        let context = try contexts.context(
            node, state, place: leg.node, matrix: legState.matrix, leg: leg.leg)
        var unknown: Set<String> = []
        var given = JSONObject()
        if case .object(let members) = with {
            for (name, value) in members {
                do throws(ExpressionError) {
                    given[name] = try value.evaluate(in: context)
                } catch {
                    guard error.kind == .unknown else { throw error }
                    unknown.insert(name)
                }
            }
        } else {
            given = try with.evaluate(in: context).objectValue ?? [:]
        }
        let (params, mistakes) = inner.checked(params: .object(given), unknown: unknown)
        guard mistakes.isEmpty else {
            throw ExpressionError(kind: .evaluation, message: mistakes.joined(separator: "; "))
        }
        return (params.objectValue ?? [:], unknown)
    }

    /// A workflow of which every node is settled ends, and the node that it is with it.
    mutating func end(frame: Int) {
        guard let leg = state.frames[frame].parent else { return }
        var unknown = Set(levels[frame].unknownParams.map { ["params", $0.lowercased()] })
        for place in state.frames[frame].nodes {
            guard let course = courses[place] else { continue }
            unknown.formUnion(course.unknown(of: state.definition(place).id))
            join(course, into: leg.node)
        }
        hand(outputs: frame, to: leg, unknown: unknown)
        let hasFailed = state.frames[frame].nodes.contains { place in
            let settlement = state.nodes[place].settlement
            return settlement?.result == .failure && settlement?.isTolerated == false
        }
        finish(leg, hasFailed ? .failure : .success)
        endIfWhole(leg.node)
    }

    private mutating func join(_ course: Course, into place: Int) {
        guard var outer = courses[place] else { return }
        outer.isUncertain = outer.isUncertain || course.isUncertain
        outer.isOwnEndOpen = outer.isOwnEndOpen || course.isOwnEndOpen
        outer.writer = outer.writer ?? course.writer
        outer.restored += course.restored.filter { !outer.restored.contains($0) }
        courses[place] = outer
    }

    private mutating func hand(outputs frame: Int, to leg: LegID, unknown: Set<[String]>) {
        var contexts = levels[frame].contexts
        contexts.unknown = unknown
        let context = contexts.outputContext(of: state.frames[frame], state)
        var missing: Set<String> = []
        for (name, template) in state.frames[frame].workflow.outputs.map({ ($0.name, $0.value) }) {
            var value = JSON.null
            do throws(ExpressionError) {
                value = try template.evaluate(in: context)
            } catch {
                if error.kind == .unknown { missing.insert(name) }
            }
            apply(
                EventType.nodeOutput, leg.node, leg: leg.leg,
                ["name": .string(name), "value": value])
        }
        guard !missing.isEmpty else { return }
        if case .named(let names) = courses[leg.node]?.unknownOutputs { missing.formUnion(names) }
        courses[leg.node]?.unknownOutputs = .named(missing)
    }
}
