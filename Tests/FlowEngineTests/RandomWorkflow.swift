import FlowTestSupport

/// Workflows made from a seed, as text: what the reader accepts is what the engine meets.
struct RandomWorkflow {
    let text: String
    /// The workflows that are nodes of it, by what `uses:` calls them.
    let workflows: [String: String]
    let capacity: Int
    let processors: Int
    /// Until when strangers have a place of each pool, in seconds.
    let strangers: [String: Double]

    init(seed: UInt64, nodes most: Int = 12) {
        var random = SeededGenerator(seed: seed)
        capacity = Int.random(in: 1...4, using: &random)
        processors = Int.random(in: 1...4, using: &random)
        var strangers: [String: Double] = [:]
        for pool in ["p", "q", "group:g"] where Self.chance(0.3, &random) {
            strangers[pool] = Double.random(in: 0...10, using: &random)
        }
        self.strangers = strangers
        let inner = Self.workflow(nodes: 4, uses: [], &random)
        let middle = Self.workflow(nodes: 4, uses: ["./inner.yaml"], &random)
        workflows = ["./inner.yaml": inner, "./middle.yaml": middle]
        text = Self.workflow(nodes: most, uses: workflows.keys.sorted(), &random)
    }

    private static func workflow(
        nodes most: Int, uses: [String], _ random: inout SeededGenerator
    ) -> String {
        let sizes = (1...2).map { _ in Int.random(in: 1...3, using: &random) }
        var lines = ["flow: 1", "pools: {p: \(sizes[0]), q: \(sizes[1])}"]
        if chance(0.2, &random) { lines.append("concurrency: g") }
        lines += [
            "params:", "  x: {type: string, default: none}",
            "  few: {type: array, default: [a, b]}", "nodes:",
        ]
        let count = Int.random(in: 1...most, using: &random)
        for number in 0..<count {
            lines.append("  n\(number):")
            lines += node(number, uses: uses, &random).map { "    " + $0 }
        }
        lines += ["outputs:", "  value: \"${{ needs.n\(count - 1).outputs.value }}\""]
        lines += ["  list: \"${{ needs.n0.outputs.list }}\""]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func chance(_ share: Double, _ random: inout SeededGenerator) -> Bool {
        Double.random(in: 0..<1, using: &random) < share
    }

    private static func node(
        _ number: Int, uses: [String], _ random: inout SeededGenerator
    ) -> [String] {
        var lines: [String] = []
        let needs = (0..<number).filter { _ in chance(0.35, &random) }.suffix(4)
        if !needs.isEmpty {
            lines.append("needs: [\(needs.map { "n\($0)" }.joined(separator: ", "))]")
        }
        if let condition = condition(needs.randomElement(using: &random), &random) {
            lines.append("if: \(condition)")
        }
        if chance(0.08, &random) { return lines + gate(&random) }
        let isMatrix = chance(0.3, &random)
        if isMatrix { lines.append(strategy(needs.randomElement(using: &random), &random)) }
        if chance(0.25, &random) { lines.append("continue-on-error: true") }
        if chance(0.15, &random), let inner = uses.randomElement(using: &random) {
            lines.append("uses: \(inner)")
            if isMatrix {
                lines.append("with: {x: \"${{ toJSON(matrix.x) }}\"}")
            } else if chance(0.5, &random) {
                lines.append("with: {x: \"${{ params.x }}\", few: \"${{ params.few }}\"}")
            }
            return lines
        }
        return lines + limits(&random) + command(number, isMatrix: isMatrix, &random)
    }

    private static func limits(_ random: inout SeededGenerator) -> [String] {
        var lines: [String] = []
        if chance(0.2, &random) { lines.append("pool: \(chance(0.5, &random) ? "p" : "q")") }
        if chance(0.2, &random) {
            lines.append("resources: {cpus: \(Int.random(in: 1...5, using: &random))}")
        }
        if chance(0.3, &random) {
            let jitter = chance(0.5, &random) ? "none" : "full"
            lines.append(
                "retry: {max-attempts: \(Int.random(in: 2...4, using: &random)), "
                    + "delay: \(Int.random(in: 1...5, using: &random))s, jitter: \(jitter)}")
        }
        if chance(0.1, &random) { lines.append("timeout: 3s") }
        return lines
    }

    private static func command(
        _ number: Int, isMatrix: Bool, _ random: inout SeededGenerator
    ) -> [String] {
        var words = ["do", "after=\(Int.random(in: 0...9, using: &random))"]
        let endings = ["0", "0", "0", "0", "1", "1,0", "75,0", "s9,1,0", "t,0", "u", "75"]
        words.append("ends=\(endings.randomElement(using: &random) ?? "0")")
        if chance(0.1, &random) {
            words[2] = "ends=${{ params.x == 'good' && '0' || '1' }}"
        } else if isMatrix, chance(0.5, &random) {
            words[2] = "ends=${{ matrix.x == 'b' && 1 || 0 }}"
        }
        if chance(0.1, &random) { words.append("deaf") }
        let isCached = chance(0.1, &random)
        if isCached, chance(0.5, &random) { words.append("cached") }
        words.append("set:value=\(number)")
        let list = (0..<Int.random(in: 0...4, using: &random)).map {
            "\"\("abcd".dropFirst($0).first ?? "a")\""
        }
        words.append("set:list=[\(list.joined(separator: ","))]")
        let quoted = words.map { "'\($0.replacing("'", with: "''"))'" }
        return [
            "run: [\(quoted.joined(separator: ", "))]",
            "outputs: {value: {type: integer}, list: {type: array}}",
        ] + (isCached ? ["cache: {inputs: [a]}"] : [])
    }

    private static func gate(_ random: inout SeededGenerator) -> [String] {
        var people = [chance(0.7, &random) ? "yes" : "no"]
        if chance(0.5, &random) { people.append("after\(Int.random(in: 0...9, using: &random))") }
        var parts = ["reviewers: [\(people.joined(separator: ", "))]"]
        if chance(0.4, &random) {
            parts.append("timeout: \(Int.random(in: 1...9, using: &random))s")
            let expiry = ["approve", "reject", "fail"].randomElement(using: &random) ?? "fail"
            parts.append("on-timeout: \(expiry)")
        }
        parts.append("form: {value: {type: integer, default: 1}, list: {type: array, default: []}}")
        return ["approve: {\(parts.joined(separator: ", "))}"]
    }

    private static func condition(_ need: Int?, _ random: inout SeededGenerator) -> String? {
        var all: [String?] = [
            nil, nil, nil, nil, "success()", "failure()", "always()", "cancelled()",
            "${{ !cancelled() }}", "${{ !failure() }}", "${{ false }}", "params.x == 'none'",
        ]
        if let need {
            all += [
                "needs.n\(need).result == 'success'",
                "${{ always() && needs.n\(need).result == 'skipped' }}",
                "${{ always() && needs.n\(need).outputs.value > 2 }}",
            ]
        }
        return all.randomElement(using: &random) ?? nil
    }

    private static func strategy(_ need: Int?, _ random: inout SeededGenerator) -> String {
        var axis = ["[]", "[a]", "[a, b]", "[a, b, c, d]"].randomElement(using: &random) ?? "[]"
        // Of a need that failed the list is null, which is no list: the node fails then.
        if let need, chance(0.5, &random) { axis = "\"${{ needs.n\(need).outputs.list }}\"" }
        if chance(0.2, &random) { axis = "\"${{ params.few }}\"" }
        var parts = ["matrix: {x: \(axis)}"]
        if chance(0.6, &random) {
            parts.append("max-parallel: \(Int.random(in: 1...2, using: &random))")
        }
        if chance(0.5, &random) { parts.append("fail-fast: false") }
        if chance(0.2, &random) {
            parts.append("batch: \(Int.random(in: 1...3, using: &random))")
        } else {
            if chance(0.2, &random) { parts.append("exclude: [{x: a}]") }
            if chance(0.2, &random) { parts.append("include: [{x: b, y: 1}, {x: e}]") }
            if chance(0.2, &random) { parts.append("key: \"k${{ matrix.x }}\"") }
        }
        return "strategy: {\(parts.joined(separator: ", "))}"
    }
}
