internal import FlowMining
internal import FlowSkills
internal import FlowStore
internal import FlowSystem

/// The signatures that a run works with, as the stages need them.
struct SignatureMemory {
    let signatures: [Signature]
    let components: [ComponentDays]

    /// What this run has mined or, where it has mined nothing, the newest mining.
    init(_ context: StageContext) throws {
        let mining = try MemoryStore(context.state).mining(of: context.run)
        signatures = try mining.signatures.map { try Signature(json: $0) }
        components = try mining.components.map { try ComponentDays(json: $0) }
    }

    static func remember(
        _ signatures: [Signature], components: [ComponentDays], renamed: [AliasPair],
        _ context: StageContext
    ) throws {
        try MemoryStore(context.state).keep(
            run: context.run, signatures: signatures.map { ($0.fingerprint.text, $0.json) },
            components: components.map(\.json), renamed: renamed.map { ($0.old, $0.new) })
    }
}

extension Signature {
    /// What a skill's draft and the catalog are made of: closed days only.
    var evidence: SignatureEvidence {
        SignatureEvidence(
            fingerprint: fingerprint.text, component: component, type: type, template: template,
            messageRegex: messageRegex, hits7d: hits7d, hits30d: hits30d, firstSeen: firstSeen,
            lastSeen: lastSeen, examples: examples,
            trend: FlowSkills.Trend(trend.way, expected7d: expected7d))
    }
}

extension FlowMining.Trend {
    fileprivate var way: FlowSkills.Trend.Way {
        switch self {
        case .increasing: .increasing
        case .decreasing: .decreasing
        case .stable: .stable
        }
    }
}
