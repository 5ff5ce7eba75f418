package import FlowJSON
internal import FlowMining
internal import FlowSkills
package import FlowStore
package import FlowSystem
internal import FlowText

/// The signatures of the newest mining, for people.
package struct SignatureDesk {
    let workspace: Workspace
    private let signatures: [Signature]
    /// The last closed day on which there was an error.
    private let lastDay: Int
    /// Those of the default branch, and those that the newest mining found.
    let aliases: Aliases
    /// Ids of skills by the fingerprint that they cover.
    private let skills: [String: String]

    /// What the newest mining found.
    package init(_ workspace: Workspace) throws {
        let memory = try MemoryStore(try StateFolder(workspace.state))
        let mining = try memory.mining(of: "")
        let renamed = try memory.renamed(by: "").map { AliasPair(old: $0.old, new: $0.new) }
        try self.init(workspace, renamed) { _ in
            try mining.signatures.map { try Signature(json: $0) }
        }
    }

    /// What is in some sources, which are read whole and kept nowhere.
    /// - Parameters:
    ///   - sources: files, patterns, `-` or `postgres://` tables.
    ///   - format: `auto`, or as `LogFormat` is named.
    ///   - note: called with what could not be read.
    package init(
        mining sources: [String], format: String, timezone: String, now: Timestamp,
        _ workspace: Workspace, note: (String) -> Void
    ) throws {
        let reader = try SourceReader(format: format, timezone: timezone, now: now)
        var source = MinedSource(masks: try MessageMasks(of: workspace.root))
        let (files, tables) = try source.read(sources, reader)
        for file in files { file.report.notes(of: file.path).forEach(note) }
        for table in tables { table.report.notes(of: table.place).forEach(note) }
        try self.init(workspace, []) {
            source.miner.signatures(Miner.Window(now: now), splits: $0.groupSplits)
        }
    }

    private init(
        _ workspace: Workspace, _ renamed: [AliasPair],
        _ mined: (Aliases) throws -> [Signature]
    ) throws {
        self.workspace = workspace
        let view = try? RepositoryView(workspace.root)
        aliases = (try view?.aliases() ?? Aliases()).adding(renamed).0
        signatures = aliases.joined(try mined(aliases))
        lastDay = signatures.compactMap(\.daily.last?.day).max() ?? 0
        var skills: [String: String] = [:]
        for member in try view?.skills().members ?? [] {
            skills[aliases.newest(member.skill.match.fingerprint)] = member.skill.id
        }
        self.skills = skills
    }

    /// One signature as a list shows it.
    package struct Row {
        package let fingerprint: String
        package let component: String
        package let template: String
        package let hits7d: Int
        package let hits30d: Int
        package let trend: String
        /// Thirty days, up to the last closed one on which there was any error.
        package let days: [Int]
        /// The skill that covers it; nil: none does.
        package let skill: String?
        package let firstSeen: String?
        package let lastSeen: String?
        package let examples: [String]
        /// Everything, with `skill`.
        package let json: JSON
    }

    /// The signatures, those with the highest impact first.
    package var rows: [Row] { signatures.map(row) }

    /// The signature whose fingerprint begins so.
    /// - Throws: where there is none, or more than one.
    package func row(_ prefix: String) throws -> Row { row(try signature(prefix)) }

    private func row(_ signature: Signature) -> Row {
        let skill = skills[signature.fingerprint.text]
        var counts: [Int: Int] = [:]
        for day in signature.daily { counts[day.day] = day.count }
        var json = signature.json.objectValue ?? [:]
        json["skill"] = skill.map { .string($0) } ?? .null
        return Row(
            fingerprint: signature.fingerprint.text, component: signature.component,
            template: signature.template, hits7d: signature.hits7d, hits30d: signature.hits30d,
            trend: signature.trend.rawValue,
            days: ((lastDay - 29)...lastDay).map { counts[$0] ?? 0 }, skill: skill,
            firstSeen: signature.firstSeen?.rfc3339, lastSeen: signature.lastSeen?.rfc3339,
            examples: signature.examples, json: .object(json))
    }

    func signature(_ prefix: String) throws -> Signature {
        let renamed = aliases.renamed.filter { $0.hasPrefix(prefix) }.map(aliases.newest)
        let found = signatures.filter {
            $0.fingerprint.text.hasPrefix(prefix) || renamed.contains($0.fingerprint.text)
        }
        guard let signature = found.first else {
            throw StageError(
                "there is no signature \(VisibleText.safe(prefix)) in the newest mining; flow errors "
                    + "list shows those that there are")
        }
        guard found.count == 1 else {
            let names = found.prefix(3).map(\.fingerprint.text).joined(separator: ", ")
            throw StageError(
                "\(VisibleText.safe(prefix)) means \(found.count) signatures, such as \(names); write "
                    + "more of it")
        }
        return signature
    }
}
