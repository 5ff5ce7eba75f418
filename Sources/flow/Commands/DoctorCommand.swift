internal import FlowArguments
internal import FlowEngine
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
        do {
            _ = try session.settings()
        } catch {
            findings.append(Finding(subject: "settings", isFine: false, words: "\(error)"))
        }
        checkGitHub(session.workspace.root)
        checkState(session)
        checkGit(session)
    }

    private mutating func checkGit(_ session: Session) {
        guard Programs.stage != nil else { return }
        let question = StageQuestion(
            words: ["checkup"], workspace: session.workspace.root, patience: 30,
            doing: "ask git")
        do {
            let answer = try question.ask(on: Lane(processGuard: nil))
            for check in try JSONLines.read(answer.output) {
                findings.append(
                    Finding(
                        subject: check["name"]?.stringValue ?? "",
                        isFine: check["ok"]?.boolValue ?? false,
                        words: check["message"]?.stringValue ?? ""))
            }
        } catch {
            findings.append(Finding(subject: "git", isFine: false, words: "\(error)"))
        }
    }

    /// libcurl is missed only where GitHub is used, for which a token stands.
    private mutating func checkGitHub(_ folder: String) {
        guard Programs.stage != nil, let lane = try? Lane(processGuard: nil) else { return }
        let token = Environment["GITHUB_TOKEN"] ?? (try? DotEnv.read(in: folder))?["GITHUB_TOKEN"]
        let isUsed = token?.isEmpty == false
        let question = StageQuestion(
            words: ["github-needs"], workspace: folder, patience: 10, doing: "look for libcurl")
        do {
            _ = try question.ask(on: lane)
            findings.append(Finding(subject: "libcurl", isFine: true, words: "can be loaded"))
        } catch {
            findings.append(
                Finding(
                    subject: "libcurl", isFine: !isUsed,
                    words: "\(error.message); pull requests and issues at GitHub need it"))
        }
    }

    private mutating func check(_ subject: String, _ found: String?, or remedy: String) {
        findings.append(
            Finding(subject: subject, isFine: found != nil, words: found ?? remedy))
    }

    private mutating func checkState(_ session: Session) {
        let path = session.workspace.state
        do {
            let state = try StateFolder(reading: path)
            var problems = [state.obstacle?.description, fullness(path)].compactMap { $0 }
            if session.hasRun { problems += try session.history().problems().map(\.description) }
            findings += problems.map { Finding(subject: "state", isFine: false, words: $0) }
            guard problems.isEmpty else { return }
            let words = session.hasRun ? "is sound" : "is made by the first run"
            findings.append(Finding(subject: "state", isFine: true, words: "\(path) \(words)"))
        } catch {
            findings.append(Finding(subject: "state", isFine: false, words: "\(error)"))
        }
    }

    /// The least that a disk should have free: a log of some ten thousand events.
    private static let leastFree = 10_000_000

    private func fullness(_ path: String) -> String? {
        guard let free = Files.freeBytes(at: Files.nearest(path)), free < Self.leastFree else {
            return nil
        }
        return "the disk of \(path) has \(ByteCount(bytes: free)) free; make room: with a little "
            + "of it, flow runs prune --quota 500M makes more"
    }
}
