package import FlowJSON
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// Judges streams of errors that are handed over as a file, as skills are judged.
package struct FeedbackDesk {
    /// What was found, in the order of the lines: `{id, finding, rate_ratio, interval, …}`.
    package let findings: [JSON]
    /// Lines that could not be judged, each with file and number; the others are judged all the
    /// same.
    package let problems: [String]

    /// - Parameters:
    ///   - file: JSONL, one skill a line; `-` is standard input.
    ///   - alone: Judges each line by itself.
    ///   - prior: A file of other skills to learn from; these themselves where it is nil.
    /// - Throws: `SystemError` where a file cannot be read.
    package init(_ file: String, alone: Bool, prior: String?) throws {
        var problems: [String] = []
        let series = try Self.series(file, &problems)
        let others = try prior.map { JudgingPrior(try Self.series($0, &problems)) }
        let judgements =
            alone ? Judging.alone(series) : Judging.together(series, prior: others)
        findings = judgements.map(\.json)
        self.problems = problems
    }

    private static func series(
        _ file: String, _ problems: inout [String]
    ) throws(SystemError) -> [JudgedSeries] {
        let bytes = try Files.read(file == "-" ? "/dev/stdin" : file)
        var all: [JudgedSeries] = []
        for (number, line) in JSONLines.lines(of: bytes) {
            let place = VisibleText.safe("\(file):\(number)")
            do throws(JSONError) {
                let json = try JSON.read(Array(line))
                do throws(JudgedSeries.LineError) {
                    all.append(try JudgedSeries(json: json))
                } catch {
                    problems.append("\(place): \(VisibleText.safe(error.message))")
                }
            } catch {
                problems.append("\(place):\(error.column): \(error.message)")
            }
        }
        return all
    }
}
