internal import FlowJSON
internal import FlowText

/// `skills/problems`: fails where stages before it have found something wrong in the repository's
/// files, and names it. So everything else is done and published, and the run still does not succeed.
enum ProblemsStage: Stage {
    static let reference = "skills/problems"

    static func run(_ context: StageContext) throws {
        var lines: [String] = []
        for problem in context.array("found").flatMap({ $0.arrayValue ?? [] }) {
            let line = VisibleText.safe(Self.line(problem))
            if !lines.contains(line) { lines.append(line) }
        }
        guard lines.isEmpty else {
            let count = lines.count == 1 ? "1 problem" : "\(lines.count) problems"
            throw StageError(
                "\(count) in the repository's files; all else is done:\n"
                    + lines.joined(separator: "\n"))
        }
        context.summary("nothing is wrong in the repository's files")
    }

    /// What has no place in a file is a sentence alone.
    private static func line(_ problem: JSON) -> String {
        if let sentence = problem.stringValue { return sentence }
        let place = [
            problem["file"]?.stringValue ?? "", "\(problem["line"]?.intValue ?? 1)",
            "\(problem["column"]?.intValue ?? 1)",
        ].joined(separator: ":")
        return "\(place): \(problem["message"]?.stringValue ?? "")"
    }
}
