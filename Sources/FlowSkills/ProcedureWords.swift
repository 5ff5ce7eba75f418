internal import FlowJSON
internal import FlowSystem

extension Procedure {
    /// What was seen of it in runs, a sentence each.
    package var seen: [String] { ProcedureWords(self).sentences }

    /// What a caller gives, one each: name, type, examples.
    package var asked: [String] { parameters.map(ProcedureWords.line) }
}

/// What a proposal says of a procedure, in flow's own words; what is another's is indented and made
/// harmless (`ForeignText`).
struct ProcedureWords {
    let procedure: Procedure
    private var evidence: Procedure.Evidence { procedure.evidence }

    init(_ procedure: Procedure) { self.procedure = procedure }

    /// How often it was followed, what came of it, and whether it helps.
    var sentences: [String] {
        let optional = procedure.steps.count(where: \.isOptional)
        return [
            "A procedure of \(Self.count(procedure.steps.count, "step"))"
                + (optional > 0 ? ", \(optional) of them optional" : "") + ". "
                + Self.count(evidence.support, "run") + " followed it, "
                + Self.count(evidence.executions, "time") + " in all; "
                + Self.count(evidence.begun, "run") + " began it.",
            success, lift,
        ] + times
    }

    private var success: String {
        guard let success = evidence.success else {
            return "How the runs ended that began it is not known."
        }
        let (low, high) = (success.interval.lowerBound, success.interval.upperBound)
        return "Of \(Self.count(success.runs, "run")) that began it and whose end is known "
            + "\(success.succeeded) followed it and succeeded: \(Self.percent(success.rate)) "
            + "(95 % interval: \(Self.percent(low)) to \(Self.percent(high)))."
    }

    private var lift: String {
        let lift = evidence.lift
        guard lift.following.runs > 0, lift.others.runs > 0 else {
            return
                "Whether it raises success is not known: there are no other runs to compare with."
        }
        let counts =
            "\(lift.following.succeeded) of \(lift.following.runs) runs that follow it succeeded, "
            + "\(lift.others.succeeded) of the \(lift.others.runs) others "
            + "(p = \(JSON.number(lift.p.rounded(places: 6)).text()))"
        guard lift.isRaising else { return "That it raises success is not shown: \(counts)." }
        let times = lift.ratio.map {
            " by a factor of \(JSON.number($0.rounded(places: 2)).text())"
        }
        return "It raises success\(times ?? ""): \(counts)."
    }

    private var times: [String] {
        var sentences: [String] = []
        func shown(_ value: Double) -> String { JSON.number(value.rounded(places: 2)).text() }
        if let seconds = evidence.seconds {
            sentences.append(
                "It takes \(shown(seconds.median)) s in the median, and one time in ten more than "
                    + "\(shown(seconds.p90)) s.")
        }
        if let cost = evidence.cost {
            sentences.append(
                "It costs \(shown(cost.median)) US dollars in the median, and one time in ten more "
                    + "than \(shown(cost.p90)).")
        }
        if let first = evidence.first, let last = evidence.last {
            sentences.append("First seen \(first.rfc3339), last seen \(last.rfc3339).")
        }
        return sentences
    }

    /// The paragraphs of a proposal that show steps, parameters and preconditions.
    var parts: [String] {
        var parts = [
            "Its steps, in order:",
            ForeignText.indented(
                procedure.steps.enumerated().map { Self.line($1, $0 + 1) }.joined(separator: "\n")
            ),
        ]
        if procedure.parameters.isEmpty {
            parts.append("It asks for nothing.")
        } else {
            parts.append("What it asks for:")
            parts.append(
                ForeignText.indented(
                    procedure.parameters.map(Self.line).joined(separator: "\n")))
        }
        if !procedure.preconditions.isEmpty {
            parts.append("What had been done before it in nearly every run:")
            parts.append(
                ForeignText.indented(
                    procedure.preconditions.map { Self.flat($0.name.isEmpty ? $0.type : $0.name) }
                        .joined(separator: "\n")))
        }
        return parts
    }

    /// What follows from a merge.
    func approval(isUpdate: Bool) -> String {
        let merge =
            isUpdate
            ? "Merging makes it version \(procedure.version) of the procedure; the one before it stays in "
                + "git's history."
            : "Merging accepts it: the next run moves it to skills/ with status experimental."
        let other =
            isUpdate ? "it has other steps, options, parameters or values" : "its steps are others"
        return merge
            + " flow skills apply then writes a workflow of its steps and runs it, and what comes of each "
            + "try is counted: three that succeed approve it. Once rejected it is not proposed again until "
            + "somebody reopens it (flow proposals reopen) or \(other)."
    }

    private static func line(_ step: Procedure.Step, _ number: Int) -> String {
        let arguments = step.arguments.map { argument in
            let name = argument.path.isEmpty ? "" : "\(argument.path): "
            switch argument.source {
            case .literal(let value): return name + value.text()
            case .parameter(let parameter): return name + "<\(parameter)>"
            case .output(let from, let path):
                return name + "what \(from) gave" + (path.isEmpty ? "" : " as \(path)")
            }
        }
        return flat(
            "\(number). \(step.title)" + (step.isOptional ? " [\(percent(step.share))]" : "")
                + (arguments.isEmpty ? "" : " (\(arguments.joined(separator: ", ")))"))
    }

    fileprivate static func line(_ parameter: Procedure.Parameter) -> String {
        var text = "\(parameter.name), \(parameter.type)"
        if !parameter.isRequired { text += ", not always" }
        if let fallback = parameter.fallback { text += ", else \(fallback.text())" }
        if !parameter.examples.isEmpty {
            text += ": " + parameter.examples.map { $0.text() }.joined(separator: ", ")
        }
        if parameter.distinct > parameter.examples.count {
            text += " (\(parameter.distinct) values seen)"
        }
        return flat(text)
    }

    /// On one line.
    private static func flat(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.isWhitespace ? " " : $0 }))
    }

    private static func count(_ number: Int, _ word: String) -> String {
        number == 1 ? "1 \(word)" : "\(number) \(word)s"
    }

    /// Of a share as the document has it, in four digits.
    private static func percent(_ share: Double) -> String {
        "\(Int(((share * 10_000).rounded() / 100).rounded())) %"
    }
}
