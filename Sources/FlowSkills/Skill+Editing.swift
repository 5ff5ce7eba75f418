internal import FlowJSON
package import FlowSystem
internal import FlowYAML
internal import FlowText

extension Skill {
    /// The document with the status that merging gives and the time from which it acts; every other
    /// byte stays. A procedure is `experimental` until its tries say that it works (`Feedback.tried`),
    /// unless a person has written `approved` into it.
    /// - Throws: `SkillsError` for text that is not YAML or that has no mapping to write into.
    package static func approved(
        _ bytes: [UInt8], path: String, deployedAt: Timestamp
    ) throws(SkillsError) -> [UInt8] {
        let skill = check(bytes, path: path).0
        let isUntried = skill?.procedure != nil && skill?.status != .approved
        let status: Status = isUntried ? .experimental : .approved
        return try edited(bytes, path: path) { (document: inout SkillEdit) throws(YAMLError) in
            try document.set([
                (["status"], .string(status.rawValue)),
                (["metadata", "deployed_at"], .string(deployedAt.rfc3339)),
            ])
        }
    }

    /// The document with status `deprecated`; every other byte stays.
    /// - Throws: `SkillsError` as `approved`.
    package static func deprecated(
        _ bytes: [UInt8], path: String
    ) throws(SkillsError) -> [UInt8] {
        try edited(bytes, path: path) { (document: inout SkillEdit) throws(YAMLError) in
            try document.set([(["status"], .string(Status.deprecated.rawValue))])
        }
    }

    /// The document with another version of its procedure: version, fingerprint, steps, parameters,
    /// preconditions and evidence. Name, status and every other byte stay, and so do description and
    /// tags that a person has changed.
    /// - Throws: `SkillsError` as `approved`.
    package static func revised(
        _ bytes: [UInt8], path: String, to procedure: Procedure
    ) throws(SkillsError) -> [UInt8] {
        var kept: Set<String> = ["category"]
        if let old = check(bytes, path: path).0?.procedure {
            if !old.isDescribedByFlow { kept.insert("description") }
            if !old.isTaggedByFlow { kept.insert("tags") }
        }
        return try edited(bytes, path: path) { (document: inout SkillEdit) throws(YAMLError) in
            try document.set([(["match", "fingerprint"], .string(procedure.fingerprint))])
            for (key, value) in procedure.members where !kept.contains(key) {
                try document.set([([.key(key)], value)])
            }
        }
    }

    /// A procedure's document with the confidence that its tries give; every other byte stays.
    /// - Throws: `SkillsError` as `approved`.
    static func tried(
        _ bytes: [UInt8], path: String, confidence: Double, isApproved: Bool
    ) throws(SkillsError) -> [UInt8] {
        try edited(bytes, path: path) { (document: inout SkillEdit) throws(YAMLError) in
            if isApproved {
                try document.set([(["status"], .string(Status.approved.rawValue))])
            }
            try document.set([(["metadata", "confidence"], .number(confidence))])
        }
    }

    /// Counts that a judgement brings up to date; nil leaves the document's own.
    package struct Counts: Sendable, Hashable {
        package var hits7d: Int?
        package var hits30d: Int?
        package var lastSeen: Timestamp?

        package init(hits7d: Int? = nil, hits30d: Int? = nil, lastSeen: Timestamp? = nil) {
            self.hits7d = hits7d
            self.hits30d = hits30d
            self.lastSeen = lastSeen
        }
    }

    /// The document with another confidence, with these steps appended to its history, of which the
    /// newest 10 stay, and with counts brought up to date; every other byte stays.
    /// - Throws: `SkillsError` as `approved`.
    package static func judged(
        _ bytes: [UInt8], path: String, confidence: Double, entries: [HistoryEntry], counts: Counts
    ) throws(SkillsError) -> [UInt8] {
        try edited(bytes, path: path) { (document: inout SkillEdit) throws(YAMLError) in
            for entry in entries.suffix(historyLimit) {
                try document.append(
                    entry.json, ["metadata", "confidence_history"], keepingLast: historyLimit)
            }
            var values: [(path: [YAMLStep], value: JSON)] = [
                (["metadata", "confidence"], .number(confidence))
            ]
            if let hits = counts.hits7d {
                values.append((["metadata", "hits_7d"], .integer(hits)))
            }
            if let hits = counts.hits30d {
                values.append((["metadata", "hits_30d"], .integer(hits)))
            }
            if let seven = counts.hits7d, let thirty = counts.hits30d {
                let impact = impactScore(hits7d: seven, hits30d: thirty)
                values.append((["metadata", "impact_score"], .number(impact)))
            }
            if let time = counts.lastSeen {
                values.append((["metadata", "last_seen"], .string(time.rfc3339)))
            }
            try document.set(values)
        }
    }

    private static func edited(
        _ bytes: [UInt8], path: String,
        _ change: (inout SkillEdit) throws(YAMLError) -> Void
    ) throws(SkillsError) -> [UInt8] {
        do throws(YAMLError) {
            var edit = SkillEdit(document: try YAMLDocument.read(bytes))
            try change(&edit)
            return edit.document.bytes
        } catch {
            let mistake = Mistake(
                path: path, line: error.mark.line, column: error.mark.column,
                message: error.message)
            throw SkillsError(
                code: .notEditable, doing: "edit \(VisibleText.safe(path))",
                message: error.message, mistakes: [mistake])
        }
    }
}

extension Skill.HistoryEntry {
    /// The members in the order of `docs/formats.md`.
    var json: JSON {
        [
            "timestamp": .string(timestamp.rfc3339), "old": .number(old), "new": .number(new),
            "reason": .string(reason), "hits_7d": .integer(hits7d),
            "expected_7d": .number(expected7d), "rate_ratio": rateRatio.map(JSON.number) ?? .null,
            "interval": interval.map {
                .array([.number($0.low), $0.high.map(JSON.number) ?? .null])
            }
                ?? .null,
            "method": .string(method),
        ]
    }
}

/// A document on its way through several edits; values that are right already are left alone.
private struct SkillEdit {
    var document: YAMLDocument

    mutating func set(_ values: [(path: [YAMLStep], value: JSON)]) throws(YAMLError) {
        var changed: [(path: [YAMLStep], value: JSON)] = []
        for value in values where try node(value.path)?.json != value.value {
            changed.append(value)
        }
        if changed.isEmpty { return }
        document = try YAMLDocument.read(try document.setting(changed))
        for (path, _) in changed { try unquoteTime(path) }
    }

    mutating func append(
        _ value: JSON, _ path: [YAMLStep], keepingLast limit: Int
    ) throws(YAMLError) {
        document = try YAMLDocument.read(
            try document.appending(value, to: path, keepingLast: limit))
        let count = node(path)?.sequence?.count ?? 0
        try unquoteTime(path + [.index(count - 1), .key("timestamp")])
    }

    /// The editor quotes a time, to be safe with every reader; a skill's other times stand without
    /// quotes, so this one does too.
    private mutating func unquoteTime(_ path: [YAMLStep]) throws(YAMLError) {
        guard let node = node(path), let text = node.scalar?.text, node.scalar?.isPlain == false,
            Timestamp(text)?.rfc3339 == text
        else { return }
        var edits = TextEdits(document.bytes)
        edits.replace(node.start.offset..<node.end.offset, with: text)
        document = try YAMLDocument.read(edits.applied())
    }

    private func node(_ path: [YAMLStep]) -> YAMLNode? {
        var node = document.root
        for step in path {
            switch step {
            case .key(let key): node = node?[key]
            case .index(let index):
                guard let elements = node?.sequence, elements.indices.contains(index) else {
                    return nil
                }
                node = elements[index]
            }
        }
        return node
    }
}
