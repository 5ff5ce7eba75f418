internal import FlowJSON

/// A file of one JSON object a line, of which a change touches only the lines it changes.
struct LineFile<Value: Sendable>: Sendable {
    /// One line with its end; a blank one has no value.
    private struct Line: Sendable {
        var bytes: ArraySlice<UInt8>
        var value: Value?
    }

    private var lines: [Line] = []

    init() {}

    /// Reads the bytes of a file, `doing` of which the messages speak.
    /// - Throws: `unreadableLine` with the number of the first line that `read` refuses or that is
    ///   no JSON; `remedy` says what to do then.
    init(
        reading bytes: [UInt8], doing: String, remedy: String,
        _ read: (JSON) throws(LineMistake) -> Value
    ) throws(LearningError) {
        lines = try Self.lines(of: bytes, read).map { line throws(LearningError) in
            switch line.value {
            case .success(let value): return Line(bytes: line.bytes, value: value)
            case .failure(let mistake):
                throw LearningError(
                    .unreadableLine, doing: doing, "\(mistake.message); \(remedy)",
                    line: line.number)
            }
        }
    }

    /// One line of a file, with its end, and what stands on it: nothing on a blank one.
    struct ReadLine {
        /// From 1.
        let number: Int
        let bytes: ArraySlice<UInt8>
        let value: Result<Value?, LineMistake>
    }

    /// Every line, those too that cannot be read.
    static func lines(
        of bytes: [UInt8], _ read: (JSON) throws(LineMistake) -> Value
    ) -> [ReadLine] {
        var lines: [ReadLine] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let next = min(end + 1, bytes.count)
            let value: Result<Value?, LineMistake>
            do throws(LineMistake) {
                value = .success(try Self.value(bytes[start..<end], read))
            } catch {
                value = .failure(error)
            }
            lines.append(
                ReadLine(number: lines.count + 1, bytes: bytes[start..<next], value: value))
            start = next
        }
        return lines
    }

    private static func value(
        _ line: ArraySlice<UInt8>, _ read: (JSON) throws(LineMistake) -> Value
    ) throws(LineMistake) -> Value? {
        guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return nil }
        let json: JSON
        do throws(JSONError) {
            json = try JSON.read(Array(line))
        } catch {
            throw LineMistake("column \(error.column): \(error.message)")
        }
        return try read(json)
    }

    var bytes: [UInt8] { Array(lines.map(\.bytes).joined()) }

    var values: [Value] { lines.compactMap(\.value) }

    /// The values with the places of their lines, from 0.
    var places: [(place: Int, value: Value)] {
        lines.enumerated().compactMap { place, line in line.value.map { (place, $0) } }
    }

    subscript(place: Int) -> Value? { lines[place].value }

    /// Writes a value's line anew.
    mutating func replace(_ place: Int, _ value: Value, _ json: JSON) {
        lines[place] = Self.line(value, json)
    }

    /// Adds a line at the end and gives its place; a last line that had no end gets one.
    @discardableResult
    mutating func append(_ value: Value, _ json: JSON) -> Int {
        if let last = lines.indices.last, lines[last].bytes.last != UInt8(ascii: "\n") {
            lines[last].bytes.append(UInt8(ascii: "\n"))
        }
        lines.append(Self.line(value, json))
        return lines.count - 1
    }

    mutating func removeAll(where isGone: (Value) -> Bool) {
        lines.removeAll { $0.value.map(isGone) ?? false }
    }

    private static func line(_ value: Value, _ json: JSON) -> Line {
        Line(bytes: (json.bytes(.spaced) + [UInt8(ascii: "\n")])[...], value: value)
    }
}
