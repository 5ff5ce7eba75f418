internal import FlowJSON
package import FlowSystem

/// A skill document that flow writes for a group of errors, before any person has seen it.
package struct SkillDraft: Sendable, Hashable {
    package let id: String
    package let kind: Skill.Kind
    package let name: String
    package let evidence: SignatureEvidence
    package let owners: [String]
    /// The run's `now`.
    package let generatedAt: Timestamp

    /// The confidence of a skill of which nothing is known.
    package static let priorConfidence = 0.5

    package init(
        id: String, evidence: SignatureEvidence, owners: [String], generatedAt: Timestamp
    ) {
        self.id = id
        self.kind = evidence.kindChoice.kind
        self.name = evidence.name
        self.evidence = evidence
        self.owners = owners
        self.generatedAt = generatedAt
    }

    /// Drafts for some groups, with ids that differ from each other and from those in use.
    /// - Parameter taken: The fingerprint of each id in use.
    package static func drafts(
        _ evidence: [SignatureEvidence], owners: [String], generatedAt: Timestamp,
        taken: [String: String] = [:]
    ) -> [SkillDraft] {
        let ids = SkillName.ids(
            evidence.map { ($0.kindChoice.kind, $0.fingerprint) }, taken: taken)
        return zip(ids, evidence).map {
            SkillDraft(id: $0, evidence: $1, owners: owners, generatedAt: generatedAt)
        }
    }

    /// `<ID>_<slug>.yaml`.
    package var file: String { SkillName.file(id: id, name: name) }

    /// Where the proposal puts it: `skills/proposed/<ID>_<slug>.yaml`.
    package var proposedPath: String { Path.join(SkillName.proposedFolder, file) }

    /// The examples that are kept.
    package var examples: [String] { Array(evidence.examples.prefix(5)) }

    /// The document in the key order of `docs/formats.md`; every scalar reads back byte for byte.
    package var text: String {
        typealias T = SkillText
        let priority = Skill.Priority(hits7d: evidence.hits7d)
        return """
            id: \(T.scalar(id))
            name: \(T.scalar(name))
            kind: \(kind.rawValue)
            status: proposed
            priority: \(priority.rawValue)
            match:
              component: \(T.scalar(evidence.component))
              fingerprint: \(fingerprint)
              template: \(T.quoted(evidence.template))
              message_regex: \(T.quoted(evidence.messageRegex))
            action: \(T.flow(action))
            evaluation:
              tests: \(T.flow(tests))
            \(metadata)
            \(list("examples", examples))
            owners: \(T.flow(.array(owners.map(JSON.string))))
            notes: \(T.isLiteral(notes) ? T.literal(notes) : T.quoted(notes) + "\n")
            """
    }

    /// A UUID needs no quotes although it may begin with a digit.
    private var fingerprint: String {
        SkillName.isFingerprint(evidence.fingerprint)
            ? evidence.fingerprint : SkillText.scalar(evidence.fingerprint)
    }

    private var action: JSON {
        switch kind {
        case .procedure: ["type": "apply"]
        case .guardrail:
            ["type": "block", "message": .string("Prevented: \(name)"), "suggest_fix": true]
        case .fixer:
            [
                "type": "autopatch", "script": .string("autopatches/\(id.lowercased()).py"),
                "dry_run": true, "safe_mode": true, "rollback_on_failure": true,
            ]
        }
    }

    private var tests: JSON {
        [
            [
                "name": "repeats less than baseline after 7 d", "metric": "hits_7d_delta",
                "target": "<= -50%",
            ]
        ]
    }

    private var metadata: String {
        let impact = Skill.impactScore(hits7d: evidence.hits7d, hits30d: evidence.hits30d)
        return """
            metadata:
              hits_7d: \(evidence.hits7d)
              hits_30d: \(evidence.hits30d)
              impact_score: \(JSON.number(impact).text())
              first_seen: \(evidence.firstSeen?.rfc3339 ?? "null")
              last_seen: \(evidence.lastSeen?.rfc3339 ?? "null")
              confidence: \(JSON.number(Self.priorConfidence).text())
              confidence_history: []
              deployed_at: null
              generated_at: \(generatedAt.rfc3339)
              auto_generated: true
            """
    }

    /// On one line where it fits, else one element a line.
    private func list(_ key: String, _ elements: [String]) -> String {
        let line = "\(key): [" + elements.map(SkillText.quoted).joined(separator: ", ") + "]"
        if line.unicodeScalars.count <= 100 { return line }
        return key + ":" + elements.map { "\n  - " + SkillText.quoted($0) }.joined()
    }
}
