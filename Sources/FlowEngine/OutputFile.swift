internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// The file that `FLOW_OUTPUT` names: `name=value` lines, or `name<<END`, lines, `END`.
enum OutputFile {
    static func read(_ bytes: [UInt8], _ declared: [OutputDeclaration])
        throws(AttemptFiles.Mistake) -> [(name: String, value: JSON)]
    {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .init("its outputs are not valid UTF-8")
        }
        var kinds: [String: Parameter.Kind] = [:]
        for output in declared { kinds[output.name] = output.kind }
        var values = JSONObject()
        for (name, text) in try pairs(bytes) {
            values[name] = nil
            values[name] = try typed(name, text, kinds[name] ?? .string)
        }
        return values.members.map { (name: $0, value: $1) }
    }

    // Bytes and not characters: to Swift CR LF is one character, and so is "=" with an accent on it.
    private static func pairs(_ bytes: [UInt8]) throws(AttemptFiles.Mistake)
        -> [(String, String)]
    {
        var pairs: [(String, String)] = []
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) { continue }
            let sign = line.firstIndex(of: 0x3D)
            if let here = mark(in: line), sign.map({ here < $0 }) ?? true {
                let end = line[(here + 2)...]
                guard let place = lines.firstIndex(of: end), !end.isEmpty else {
                    throw .init("its output '\(shown(line[..<here]))' has no line '\(shown(end))'")
                }
                let value = Array(lines[lines.startIndex..<place].joined(separator: [0x0A]))
                pairs.append((try name(line[..<here]), String(decoding: value, as: UTF8.self)))
                lines = lines[(place + 1)...]
            } else if let sign {
                let value = String(decoding: line[(sign + 1)...], as: UTF8.self)
                pairs.append((try name(line[..<sign]), value))
            } else {
                throw .init("its output '\(shown(line))' is neither name=value nor name<<END")
            }
        }
        return pairs
    }

    /// Where `<<` stands.
    private static func mark(in line: ArraySlice<UInt8>) -> Int? {
        line.indices.dropLast().first { line[$0] == 0x3C && line[$0 + 1] == 0x3C }
    }

    private static func shown(_ bytes: ArraySlice<UInt8>) -> String {
        VisibleText.safe(String(decoding: bytes, as: UTF8.self).prefix(80))
    }

    private static func name(_ bytes: ArraySlice<UInt8>) throws(AttemptFiles.Mistake) -> String {
        guard !bytes.isEmpty,
            bytes.allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || byte == 0x5F || byte == 0x2D
            })
        else { throw .init("'\(shown(bytes))' is no name for an output") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func typed(_ name: String, _ text: String, _ kind: Parameter.Kind)
        throws(AttemptFiles.Mistake) -> JSON
    {
        if kind == .string { return .string(text) }
        if kind == .duration, let seconds = DurationText.seconds(text) { return .number(seconds) }
        let value = try? JSON.read(text)
        if kind == .any { return value ?? .string(text) }
        let fits =
            switch kind {
            case .integer: value?.intValue != nil
            case .number, .duration: value?.doubleValue != nil
            case .boolean: value?.boolValue != nil
            case .array: value?.arrayValue != nil
            case .object: value?.objectValue != nil
            case .string, .any: true
            }
        guard let value, fits else {
            throw .init(
                "its output '\(name)' should be of type \(kind.rawValue), "
                    + "but is '\(VisibleText.safe(text.prefix(80)))'")
        }
        return value
    }
}
