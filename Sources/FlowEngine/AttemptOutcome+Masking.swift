internal import FlowJSON
internal import FlowSystem
internal import FlowText

extension AttemptOutcome {
    /// The outcome without secrets, in all that the command said and in all that is said of it.
    func masked(_ mask: SecretMask) -> AttemptOutcome {
        if mask.isEmpty { return self }
        var outcome = self
        outcome.outputs = outputs.map { (mask.mask($0.name), $0.value.masked(mask)) }
        outcome.events = events.map { event in
            EventDraft(
                mask.mask(event.type), node: event.node, leg: event.leg, attempt: event.attempt,
                data: event.data.masked(mask))
        }
        outcome.mistake = mistake.map(mask.mask)
        outcome.lastLine = mask.mask(lastLine)
        outcome.cacheMisses = cacheMisses.map(mask.mask)
        if case .unstarted(let error) = result.end {
            outcome.result.end = .unstarted(
                SystemError(
                    code: error.code, doing: mask.mask(error.doing),
                    message: mask.mask(error.message)))
        }
        return outcome
    }
}

extension JSON {
    /// The value without secrets in its strings and keys; a number that shows one becomes a string.
    func masked(_ mask: SecretMask) -> JSON {
        switch self {
        case .null, .bool: self
        case .integer, .double:
            mask.contains(text().utf8) ? .string(SecretMask.replacement) : self
        case .string(let text): .string(mask.mask(text))
        case .array(let elements): .array(elements.map { $0.masked(mask) })
        case .object(let object): .object(object.masked(mask))
        }
    }
}

extension JSONObject {
    func masked(_ mask: SecretMask) -> JSONObject {
        JSONObject(members.map { (mask.mask($0), $1.masked(mask)) })
    }
}
