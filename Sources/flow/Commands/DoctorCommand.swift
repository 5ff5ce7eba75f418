internal import FlowArguments
internal import FlowJSON
internal import FlowStore
internal import FlowSystem

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what is missing on this machine, and the command that mends it.",
        examples: [("flow doctor", "exits 1 where something is missing")])

    @Flag(help: "one JSON object a line") var json: Bool

    func run() throws -> Int32 {
        let findings = Checkup(try Session()).findings
        for finding in findings {
            if json {
                Output.print(lines: [finding.json])
            } else {
                let symbol = finding.isFine ? Style.green("✓") : Style.red("✗")
                Output.print("\(symbol) \(finding.subject): \(finding.words)")
            }
        }
        return findings.allSatisfy(\.isFine) ? Program.succeeded : Program.failed
    }
}

/// What flow needs of a machine, looked at.
struct Checkup {
    struct Finding {
        let subject: String
        let isFine: Bool
        /// What was found; where it is not fine, what to do.
        let words: String

        var json: JSON {
            ["check": .string(subject), "ok": .bool(isFine), "message": .string(words)]
        }
    }

    private(set) var findings: [Finding] = []

    init(_ session: Session) {
        check("flow-stage", Programs.stage, or: "install it beside flow: make install")
        check(
            "files that come with flow", SharedFiles.folder,
            or: "share/flow is missing beside flow's folder: make install")
        check(
            "sh", Command.find("sh", path: Environment["PATH"] ?? ""),
            or: "no sh in PATH: apt-get install dash")
        check(
            "git repository", session.workspace.gitFolder.map { _ in session.workspace.root },
            or: "\(session.workspace.root) is in none; the stages that write git need one: git init"
        )
        checkState(session)
    }

    private mutating func check(_ subject: String, _ found: String?, or remedy: String) {
        findings.append(
            Finding(subject: subject, isFine: found != nil, words: found ?? remedy))
    }

    private mutating func checkState(_ session: Session) {
        let path = session.workspace.state
        guard Files.exists(path) else {
            return findings.append(
                Finding(subject: "state", isFine: true, words: "\(path) is made by the first run"))
        }
        do {
            let store = try RunStore(try session.state())
            let problems = try store.problems()
            findings += problems.map {
                Finding(subject: "state", isFine: false, words: $0.description)
            }
            if problems.isEmpty {
                findings.append(
                    Finding(subject: "state", isFine: true, words: "\(path) is sound"))
            }
        } catch {
            findings.append(Finding(subject: "state", isFine: false, words: "\(error)"))
        }
    }
}
