import FlowJSON
import FlowSkills
import FlowSystem
import FlowTestSupport
import Testing

/// A repository whose logs are mined, and whose skills are judged by what its ledger says.
struct LedgerBench {
    let stages: StageBench
    /// The sample's error, and when its skill began to act.
    static let deployed = "2025-10-25T09:00:00Z"
    static let month = "skills/ledger/2025-10.jsonl"
    private static let now = Timestamp(StageBench.now)?.day ?? 0

    init() throws { stages = try StageBench() }

    /// Writes a log of `component` with some errors and other records on each day before now; nil
    /// leaves a day out.
    func log(
        _ component: String = "shop.cart", _ what: String = "no stock", days: Int = 70,
        _ counts: (_ daysAgo: Int) -> (errors: Int, others: Int)?
    ) throws {
        var lines = ""
        for ago in (1...days).reversed() {
            guard let (errors, others) = counts(ago) else { continue }
            let date = Timestamp(day: Self.now - ago).date
            for number in 0..<errors + others {
                let level = number < errors ? "ERROR" : "INFO"
                let text = number < errors ? "\(what) of item \(number)" : "served \(number)"
                lines += "\(date) 09:00:00,\(100 + number) \(level) \(component): \(text)\n"
            }
        }
        try Files.write(lines, to: stages.at("logs/\(component).log"))
    }

    /// Days before now of the deployment.
    static let deployedAgo = now - (Timestamp(deployed)?.day ?? 0)

    /// - Parameter state: another folder of state, as another machine has one.
    func variables(_ state: String = "state") -> [String: String] {
        ["FLOW_STATE": stages.at(state)]
    }

    @discardableResult
    func mine(_ state: String = "state", logs: String = "logs/*") throws -> [JSON] {
        let input: JSON = [
            "source": .string(stages.at(logs)), "min-hits": 1, "window": 30, "self-check": "off",
        ]
        let handed = try stages.run("skills/mine", input, variables: variables(state))
        return try handed.value("candidates")?.arrayValue ?? []
    }

    /// The document of a mined candidate as a skill that acts.
    func skill(_ candidate: JSON) throws -> (path: String, text: String) {
        let path = Path.join("skills", candidate["file"]?.stringValue ?? "")
        let text = try #require(candidate["text"]?.stringValue)
        let deployed = try #require(Timestamp(Self.deployed))
        let bytes = try Skill.approved(Array(text.utf8), path: path, deployedAt: deployed)
        return (path, String(decoding: bytes, as: UTF8.self))
    }

    @discardableResult
    func approve(_ candidates: [JSON]) throws -> [String] {
        let files = try candidates.map(skill)
        try stages.commit(files)
        return files.map(\.path)
    }

    func feedback(_ state: String = "state", _ input: JSON = ["method": "ratio"]) throws
        -> StageBench.Handed
    {
        try stages.run("skills/feedback", input, variables: variables(state))
    }

    /// Commits what feedback handed over.
    func commit(_ handed: StageBench.Handed, key: String = "c") throws {
        _ = try stages.run(
            "git/commit",
            ["changes": try handed.value("changes") ?? [], "message": "Sync"], key: key)
    }

    /// The lines of the ledger on the default branch.
    func lines() throws -> [JSON] {
        let names = try stages.git("ls-tree", "-r", "--name-only", "main", "skills/ledger").lines
        return try names.flatMap { name in
            try JSONLines.read(stages.git("show", "main:\(name)").checked().outputBytes)
        }
    }

    func commit(as name: String, _ path: String, adding line: String) throws {
        let place = Path.join(stages.workspace, path)
        let old = Files.exists(place) ? try Files.text(place) : ""
        try Files.write(old + line + "\n", to: place)
        try stages.git("add", "-A").checked()
        try stages.git(
            "-c", "user.name=\(name)", "-c", "user.email=\(name)@example.org", "commit", "-q",
            "-m", "work"
        ).checked()
    }
}

extension StageBench.Handed {
    /// What was found of each skill.
    func findings() throws -> [String] {
        (try value("findings")?.arrayValue ?? []).compactMap { $0["finding"]?.stringValue }
    }

    /// `file:line message` of each problem.
    func problems() throws -> [String] {
        (try value("problems")?.arrayValue ?? []).map {
            "\($0["file"]?.stringValue ?? ""):\($0["line"]?.intValue ?? 0) "
                + ($0["message"]?.stringValue ?? "")
        }
    }
}
