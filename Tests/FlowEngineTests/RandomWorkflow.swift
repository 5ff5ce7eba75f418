import FlowTestSupport

/// Workflows made from a seed, as text: what the reader accepts is what the engine meets.
struct RandomWorkflow {
    let text: String
    let capacity: Int

    init(seed: UInt64, nodes most: Int = 12) {
        var random = SeededGenerator(seed: seed)
        capacity = Int.random(in: 1...4, using: &random)
        var lines = ["flow: 1", "nodes:"]
        let count = Int.random(in: 1...most, using: &random)
        for number in 0..<count {
            lines.append("  n\(number):")
            lines += Self.node(number, &random).map { "    " + $0 }
        }
        lines.append("outputs: {last: \"${{ needs.n\(count - 1).outputs.value }}\"}")
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func chance(_ share: Double, _ random: inout SeededGenerator) -> Bool {
        Double.random(in: 0..<1, using: &random) < share
    }

    private static func node(_ number: Int, _ random: inout SeededGenerator) -> [String] {
        var lines: [String] = []
        let needs = (0..<number).filter { _ in chance(0.35, &random) }.suffix(4)
        if !needs.isEmpty {
            lines.append("needs: [\(needs.map { "n\($0)" }.joined(separator: ", "))]")
        }
        if let condition = condition(needs.randomElement(using: &random), &random) {
            lines.append("if: \(condition)")
        }
        let isMatrix = chance(0.3, &random)
        if isMatrix { lines.append(strategy(needs.randomElement(using: &random), &random)) }
        if chance(0.25, &random) { lines.append("continue-on-error: true") }
        if chance(0.3, &random) {
            let jitter = chance(0.5, &random) ? "none" : "full"
            lines.append(
                "retry: {max-attempts: \(Int.random(in: 2...4, using: &random)), "
                    + "delay: \(Int.random(in: 1...5, using: &random))s, jitter: \(jitter)}")
        }
        if chance(0.1, &random) { lines.append("timeout: 3s") }
        var words = ["do", "after=\(Int.random(in: 0...9, using: &random))"]
        let endings = ["0", "0", "0", "0", "1", "1,0", "75,0", "s9,1,0", "t,0", "u", "75"]
        words.append("ends=\(endings.randomElement(using: &random) ?? "0")")
        if isMatrix, chance(0.5, &random) { words[2] = "ends=${{ matrix.x == 'b' && 1 || 0 }}" }
        if chance(0.1, &random) { words.append("deaf") }
        words.append("set:value=\(number)")
        let list = (0..<Int.random(in: 0...4, using: &random)).map {
            "\"\("abcd".dropFirst($0).first ?? "a")\""
        }
        words.append("set:list=[\(list.joined(separator: ","))]")
        lines.append(
            "run: [\(words.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", "))]")
        lines.append("outputs: {value: {type: integer}, list: {type: array}}")
        return lines
    }

    private static func condition(_ need: Int?, _ random: inout SeededGenerator) -> String? {
        var all: [String?] = [
            nil, nil, nil, nil, "success()", "failure()", "always()", "cancelled()",
            "${{ !cancelled() }}", "${{ !failure() }}", "${{ false }}",
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
        var parts = ["matrix: {x: \(axis)}"]
        if chance(0.6, &random) {
            parts.append("max-parallel: \(Int.random(in: 1...2, using: &random))")
        }
        if chance(0.5, &random) { parts.append("fail-fast: false") }
        return "strategy: {\(parts.joined(separator: ", "))}"
    }
}
