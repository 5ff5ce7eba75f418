internal import FlowMining
internal import FlowSkills
internal import FlowStore
internal import FlowSystem

/// The signatures of the latest mining, as the other stages need them.
struct SignatureMemory {
    let signatures: [Signature]
    /// UTC days of which something was read.
    let days: Set<Int>

    init(_ state: StateFolder) throws {
        let store = try MemoryStore(state)
        signatures = try store.signatures().map { try Signature(json: $0) }
        days = try store.days()
    }

    static func remember(_ signatures: [Signature], days: Set<Int>, in state: StateFolder) throws {
        try MemoryStore(state).replace(
            signatures: signatures.map { ($0.fingerprint.text, $0.json) }, days: days)
    }
}

extension Signature {
    /// What a skill's draft and the catalog are made of: closed days only.
    var evidence: SignatureEvidence {
        SignatureEvidence(
            fingerprint: fingerprint.text, component: component, type: type, template: template,
            messageRegex: messageRegex, hits7d: hits7d, hits30d: hits30d, firstSeen: firstSeen,
            lastSeen: lastSeen, examples: examples)
    }
}
