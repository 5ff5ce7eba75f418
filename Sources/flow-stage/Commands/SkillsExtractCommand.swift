internal import FlowArguments
internal import FlowJSON
internal import FlowStages
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct SkillsExtractCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract", abstract: "Find procedures in execution events.",
        discussion: """
            Without --events: in this repository's runs that have ended. Files are JSONL of events, \
            OpenTelemetry spans (JSON) or XES, also packed with gzip or zstd; - is standard input. What \
            cannot be read is named, and the rest is mined; the exit code is 1 then. With --propose what \
            the library does not have is proposed as yours: later runs leave such a proposal as it is.
            """,
        examples: [
            ("flow skills extract", "what this repository's runs keep doing"),
            ("flow skills extract --events calls.jsonl.gz --json", "one procedure a line"),
            ("flow skills extract --run last --nodes build,test --name release", "by hand"),
            ("flow skills extract --run last --name release --propose", "and into the library"),
        ])

    @Option(help: "a log of events (may be given again)", valueName: "file") var events: [String]
    @Option(name: ["--run"], help: "take the procedure from this run, by hand", valueName: "run")
    var chosen: String?
    @Option(help: "of the run, only these nodes, with commas between", valueName: "names")
    var nodes: String?
    @Option(help: "what the procedure taken by hand is called", valueName: "name")
    var name: String?
    @Option(help: "steps of a procedure, at least", valueName: "n") var minLength = 3
    @Option(help: "runs that follow it, at least", valueName: "n") var minFrequency = 2
    @Option(help: "how much alike what counts as one must be, 0 to 1", valueName: "share")
    var minSimilarity = 0.8
    @Option(help: "runs that follow it and do not fail, at least", valueName: "n") var minNodes = 3
    @Option(help: "other steps between two of it, at most", valueName: "n") var maxGap = 2
    @Option(help: "procedures, at most", valueName: "n") var limit = 100
    @Flag(help: "mine the first 80 % of the runs, and tell how that holds in the rest")
    var heldOut: Bool
    @Flag(help: "show runs that are alike in place of procedures") var groups: Bool
    @Flag(help: "propose what the library does not have, on branches") var propose: Bool
    @Flag(help: "one JSON object a line") var json: Bool

    private static let command = "flow skills extract"

    func run() throws -> Int32 {
        let thresholds = try thresholds()
        guard chosen != nil || nodes == nil && name == nil else {
            throw UsageError("--nodes and --name need --run", command: Self.command)
        }
        guard [chosen != nil, heldOut, groups].count(where: { $0 }) <= 1 else {
            throw UsageError(
                "--run, --held-out and --groups exclude each other", command: Self.command)
        }
        guard !propose || !heldOut && !groups else {
            throw UsageError(
                "--propose takes procedures: leave --held-out and --groups out",
                command: Self.command)
        }
        let place = try Workspace(
            around: Files.workingFolder, stateOverride: Environment["FLOW_STATE"])
        let desk = try ExtractionDesk(events, place, thresholds)
        for problem in desk.problems { Print.note("flow: " + problem) }
        for note in desk.notes { Print.note(note) }
        if heldOut {
            show([desk.heldOut()], HeldOutText.text)
        } else if groups {
            show(desk.groups(), Self.row)
        } else {
            let found = try procedures(of: desk)
            if found.json.isEmpty {
                Print.note("no procedure in \(desk.steps) steps of \(desk.runs) runs")
            }
            if propose {
                for outcome in try desk.propose(found, in: Place.workspace()) {
                    Print.line(
                        json ? outcome.json.text() : VisibleText.safe(outcome.words))
                }
            } else {
                show(found.json, ProcedureText.text)
            }
        }
        return desk.problems.isEmpty ? 0 : 1
    }

    private func procedures(of desk: ExtractionDesk) throws -> ExtractionDesk.Found {
        guard let run = chosen else { return desk.found }
        return try desk.procedure(
            of: run == "last" ? desk.lastRun() : run,
            nodes: nodes?.split(separator: ",").map(String.init) ?? [], name: name)
    }

    private func show(_ found: [JSON], _ text: (JSON) -> String) {
        for one in found { Print.line(json ? one.text() : text(one)) }
    }

    private func thresholds() throws -> ExtractionDesk.Thresholds {
        guard minLength >= 1, minFrequency >= 1, minNodes >= 1, limit >= 1, maxGap >= 0 else {
            throw UsageError("numbers begin at 1, that of --max-gap at 0", command: Self.command)
        }
        guard (0...1).contains(minSimilarity) else {
            throw UsageError("--min-similarity takes a share from 0 to 1", command: Self.command)
        }
        return ExtractionDesk.Thresholds(
            minLength: minLength, minFrequency: minFrequency, minSimilarity: minSimilarity,
            minNodes: minNodes, maxGap: maxGap, limit: limit)
    }

    private static func row(_ group: JSON) -> String {
        let steps = (group["steps"]?.arrayValue ?? []).compactMap(\.stringValue)
        let shown = steps.prefix(12).joined(separator: " → ") + (steps.count > 12 ? " → …" : "")
        return "\(group["runs"]?.intValue ?? 0) runs like "
            + VisibleText.safe(group["leader"]?.stringValue ?? "")
            + ", \(group["failed"]?.intValue ?? 0) failed: " + VisibleText.safe(shown)
    }
}

/// What held in later runs, for people.
private enum HeldOutText {
    static func text(_ held: JSON) -> String {
        func number(_ key: String) -> Int { held[key]?.intValue ?? 0 }
        let head =
            "mined from \(number("mined_runs")) runs, held out \(number("held_out_runs")): "
            + "\(Share.text(held["run_coverage"])) of them follow a procedure, "
            + "\(Share.text(held["step_coverage"])) of their steps are explained, "
            + "\(Share.text(held["precision"])) of what was begun was gone through with"
        let rows = (held["procedures"]?.arrayValue ?? []).map { row in
            let breaks = (row["breaks"]?.arrayValue ?? []).map {
                "\($0["missing"]?.stringValue ?? "") (\($0["runs"]?.intValue ?? 0))"
            }
            return "\(row["name"]?.stringValue ?? "")  \(row["followed"]?.intValue ?? 0) of "
                + "\(row["begun"]?.intValue ?? 0) that began it"
                + (breaks.isEmpty ? "" : "; missing: " + breaks.joined(separator: ", "))
        }
        return ([head] + rows.map { VisibleText.safe($0) }).joined(separator: "\n")
    }
}

/// A procedure in two lines for people.
private enum ProcedureText {
    static func text(_ procedure: JSON) -> String {
        let steps = (procedure["steps"]?.arrayValue ?? []).map { step in
            let name = step["name"]?.stringValue ?? ""
            let shown = name.isEmpty ? step["type"]?.stringValue ?? "" : name
            return step["optional"] == true ? "[\(shown) \(Share.text(step["share"]))]" : shown
        }
        let head =
            "\(procedure["name"]?.stringValue ?? "")  "
            + facts(procedure).joined(separator: "; ")
        return VisibleText.safe(head) + "\n    "
            + VisibleText.safe(steps.joined(separator: " → "))
    }

    private static func facts(_ procedure: JSON) -> [String] {
        let evidence = procedure["evidence"] ?? [:]
        var facts = [
            "\(evidence["support"]?.intValue ?? 0) runs of \(evidence["begun"]?.intValue ?? 0) "
                + "that began it"
        ]
        if let success = evidence["success"], let interval = success["interval"]?.arrayValue {
            facts.append(
                "success \(Share.text(success["rate"])) (\(Share.text(interval.first)) to "
                    + "\(Share.text(interval.last)))")
        }
        if evidence["lift"]?["raises_success"] == true,
            let ratio = evidence["lift"]?["ratio"]?.doubleValue
        {
            facts.append("raises success, × \((ratio * 100).rounded() / 100)")
        }
        if let median = evidence["seconds"]?["p50"]?.doubleValue {
            facts.append("median \(time(median))")
        }
        let parameters = (procedure["parameters"]?.arrayValue ?? []).map { parameter in
            let name = parameter["name"]?.stringValue ?? ""
            return parameter["required"] == true ? name : "[\(name)]"
        }
        if !parameters.isEmpty { facts.append("asks for " + parameters.joined(separator: ", ")) }
        return facts
    }

    private static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\((seconds * 10).rounded() / 10) s"
        case ..<7200: "\(Int((seconds / 60).rounded())) min"
        case ..<172_800: "\(Int((seconds / 3600).rounded())) h"
        default: "\(Int((seconds / 86_400).rounded())) days"
        }
    }
}

private enum Share {
    static func text(_ share: JSON?) -> String {
        "\(Int(((share?.doubleValue ?? 0) * 100).rounded())) %"
    }
}
