package import FlowJSON
internal import FlowSystem

extension Miner {
    /// All that is counted, for a later run to go on with: `merge` of it and of what that run reads
    /// is what one run over both would have. Holds no private parts of messages.
    package var json: JSON {
        let bounded = bounded
        let parts = bounded.parts.sorted { $0.key < $1.key }
        return [
            "version": .integer(Fingerprint.version),
            "least": .string(least.description),
            "errors": .integer(errors),
            "quiet": .object(
                JSONObject(
                    quiet.sorted { $0.key < $1.key }.map {
                        ($0.key.description, .integer($0.value))
                    })),
            "since": since.map { .integer($0) } ?? .null,
            "coarseness": bounded.coarseness.json,
            "exposure": .object(
                JSONObject(
                    exposure.sorted { $0.key < $1.key }.map { component, days in
                        (component, days.json)
                    })),
            "parts": .array(
                parts.map { part, entries in
                    [
                        "component": .string(part.component), "type": .string(part.type),
                        "frame": .string(part.frame),
                        "entries": .array(
                            entries.sorted { $0.key < $1.key }.map { $1.json(key: $0) }),
                    ]
                }),
        ]
    }

    /// Reads what `json` wrote.
    /// - Throws: `badDocument` for another version of the grouping or a damaged document; then the
    ///   sources must be read again from their start.
    package init(json: JSON) throws(MiningError) {
        let damaged = MiningError(
            .badDocument, doing: "go on with the counts of an earlier run",
            "they are damaged or of another version; remove them to read everything again")
        guard json["version"]?.intValue == Fingerprint.version,
            let least = json["least"]?.stringValue.flatMap({ Level(word: $0) }),
            let errors = json["errors"]?.intValue, let quiet = json["quiet"]?.objectValue,
            let coarseness = json["coarseness"].flatMap({ Coarseness(json: $0) }),
            let exposure = json["exposure"]?.objectValue, let parts = json["parts"]?.arrayValue
        else { throw damaged }
        self.init(from: least)
        self.errors = errors
        self.coarseness = coarseness
        // not there in what an earlier flow has kept
        since = json["since"]?.intValue
        for (word, count) in quiet.members {
            guard let level = Level(word: word), let count = count.intValue else { throw damaged }
            self.quiet[level] = count
        }
        for (component, days) in exposure.members {
            guard let days = DayTotals(json: days) else { throw damaged }
            self.exposure[component] = days
        }
        for part in parts {
            guard let component = part["component"]?.stringValue,
                let type = part["type"]?.stringValue, let frame = part["frame"]?.stringValue,
                let entries = part["entries"]?.arrayValue
            else { throw damaged }
            var read: [MessageKey: Entry] = [:]
            for entry in entries {
                guard let (key, value) = Entry.read(entry) else { throw damaged }
                read[key] = value
            }
            keys += read.count
            self.parts[Part(component: component, type: type, frame: frame)] = read
        }
    }
}

extension Miner.Entry {
    fileprivate func json(key: MessageKey) -> JSON {
        [
            "key": .string(key.packed.hex), "traits": .string(traits.hex), "days": days.json,
            "undated": .integer(undated), "examples": .array(examples.texts.map { .string($0) }),
        ]
    }

    fileprivate static func read(_ json: JSON) -> (MessageKey, Miner.Entry)? {
        guard let packed = json["key"]?.stringValue.flatMap(bytes), let key = MessageKey(packed),
            let traits = json["traits"]?.stringValue.flatMap(bytes),
            traits.count == key.tokens.count,
            let days = json["days"].flatMap({ DayTotals(json: $0) }),
            let undated = json["undated"]?.intValue, let examples = json["examples"]?.arrayValue
        else { return nil }
        var entry = Miner.Entry(days: days, undated: undated, traits: traits)
        for example in examples { entry.examples.add(example.stringValue ?? "") }
        return (key, entry)
    }

    /// The bytes of an even number of hexadecimal digits.
    private static func bytes(_ hex: String) -> [UInt8]? {
        let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == hex.utf8.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
    }
}
