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
    /// Skills by the fingerprint that they cover.
    private let skills: [String: (id: String, path: String)]

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
        try self.init(workspace, []) { aliases in
            var source = MinedSource(
                masks: try MessageMasks(of: workspace.root), splits: aliases.groupSplits)
            let (files, tables) = try source.read(sources, reader)
            for file in files { file.report.notes(of: file.path).forEach(note) }
            for table in tables { table.report.notes(of: table.place).forEach(note) }
            let miner = source.miner
            let groups = MinedGroups(miner, Miner.Window(now: now))
            // what the groups were before is known of what is kept only
            for text in miner.coarsenings + groups.coarsenings(GroupMemory()) {
                note(VisibleText.safe(text))
            }
            return groups.signatures
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
        var skills: [String: (id: String, path: String)] = [:]
        for member in try view?.skills().members ?? [] {
            skills[aliases.newest(member.skill.match.fingerprint)] =
                (member.skill.id, member.file.path)
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
        package let hitsToday: Int
        /// Errors without a time.
        package let undated: Int
        package let trend: String
        /// Thirty days, up to the last closed one on which there was any error.
        package let days: [Int]
        /// The skill that covers it; nil: none does.
        package let skill: String?
        package let skillPath: String?
        package let timeline: Timeline
        /// The newest first.
        package let releases: [Release]
        /// Errors in 1,000 records of the component; nil: unknown.
        package let rate: Double?
        package let firstSeen: String?
        package let lastSeen: String?
        package let examples: [String]
        /// Everything, with `skill`.
        package let json: JSON
    }

    /// A release in which a signature was seen.
    package struct Release {
        package let name: String
        package let hits: Int
        package let firstSeen: String
        package let lastSeen: String
    }

    /// What a list begins with.
    package enum Order: String, CaseIterable {
        case impact
        case firstSeen = "first-seen"
        case lastSeen = "last-seen"
    }

    /// Those with the highest impact first.
    var all: [Signature] { signatures }

    package var isEmpty: Bool { signatures.isEmpty }

    /// The signatures, those with the highest impact first.
    package var rows: [Row] { signatures.map(row) }

    /// Some of the signatures; those without a time come last.
    /// - Parameter uncovered: only those that no skill covers.
    package func rows(by order: Order, uncovered: Bool, limit: Int) -> [Row] {
        let sorted: [Signature]
        switch order {
        case .impact: sorted = signatures
        case .firstSeen: sorted = newest(\.firstSeen)
        case .lastSeen: sorted = newest(\.lastSeen)
        }
        return sorted.filter { !uncovered || skills[$0.fingerprint.text] == nil }.prefix(limit)
            .map(row)
    }

    private func newest(_ time: (Signature) -> Timestamp?) -> [Signature] {
        // equal ones stay in the order of impact
        signatures.enumerated().sorted { one, other in
            let times = (time(one.element)?.microseconds, time(other.element)?.microseconds)
            return (times.0 ?? .min, other.offset) > (times.1 ?? .min, one.offset)
        }.map(\.element)
    }

    /// The signature whose fingerprint begins so.
    /// - Throws: where there is none, or more than one.
    package func row(_ prefix: String) throws -> Row { row(try signature(prefix)) }

    private func row(_ signature: Signature) -> Row {
        let skill = skills[signature.fingerprint.text]
        var counts: [Int: Int] = [:]
        for day in signature.daily { counts[day.day] = day.count }
        var json = signature.json.objectValue ?? [:]
        json["skill"] = skill.map { .string($0.id) } ?? .null
        json["rate_per_1000"] = signature.ratePer1000.map { .number($0) } ?? .null
        return Row(
            fingerprint: signature.fingerprint.text, component: signature.component,
            template: signature.template, hits7d: signature.hits7d, hits30d: signature.hits30d,
            hitsToday: signature.hitsToday, undated: signature.undated,
            trend: signature.trend.rawValue,
            days: ((lastDay - 29)...lastDay).map { counts[$0] ?? 0 }, skill: skill?.id,
            skillPath: skill?.path, timeline: Timeline(signature, until: lastDay),
            releases: signature.releases.map {
                Release(
                    name: $0.name, hits: $0.hits, firstSeen: $0.firstSeen.rfc3339,
                    lastSeen: $0.lastSeen.rfc3339)
            }, rate: signature.ratePer1000,
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
