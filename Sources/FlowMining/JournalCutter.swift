/// Cuts the bytes of systemd's export format into entries and keeps of each what is read, never more
/// of a field than its limit.
///
/// The format (https://systemd.io/JOURNAL_EXPORT_FORMATS): `NAME=value` and a newline; for a value
/// that holds a newline `NAME`, a newline, its length in eight bytes with the least first, the value
/// and a newline. An empty line ends the entry.
struct JournalCutter: Sendable {
    struct Item {
        let entry: JournalEntry
        /// Where it begins, in bytes from the start of the source.
        let offset: Int
        /// From 1.
        let number: Int
        /// Bytes of its fields that were left out.
        let lost: Int
    }

    private enum Place {
        case name, value, newline
        /// Bytes of the length that are read, and what they make so far.
        case length(Int, UInt64)
        /// Bytes of the value that are still to come.
        case data(UInt64)
    }

    private static let longestName = 64

    let limit: Int
    private var place = Place.name
    private var name: [UInt8] = []
    private var isNameCut = false
    /// The field that is kept; nil for all others.
    private var field: String?
    private var value: [UInt8] = []
    private var fields: [String: [UInt8]] = [:]
    private var isAtEntryEnd = false
    private var lost = 0
    private var number = 0
    private var length = 0
    /// Where the entry that is being collected begins.
    private(set) var offset: Int

    init(limit: Int, offset: Int) {
        self.limit = limit
        self.offset = offset
    }

    /// Whether the last entry has no end yet.
    var isInEntry: Bool { length > 0 }

    /// Passes over bytes before the first entry.
    mutating func passOver(_ count: Int) { offset += count }

    mutating func read(_ chunk: ArraySlice<UInt8>, _ take: (Item) -> Void) {
        var rest = chunk
        while let first = rest.first {
            let before = rest.count
            switch place {
            case .name: readName(&rest)
            case .value: readValue(&rest)
            case .length(let count, let size):
                rest.removeFirst()
                let more = size | UInt64(first) << UInt64(8 * count)
                place = count < 7 ? .length(count + 1, more) : more == 0 ? .newline : .data(more)
            case .data(let size):
                let part = rest.prefix(Int(clamping: size))
                keep(part)
                rest = rest.dropFirst(part.count)
                let left = size - UInt64(part.count)
                place = left > 0 ? .data(left) : .newline
            case .newline:
                rest.removeFirst()
                endField()
            }
            length += before - rest.count
            if case .name = place, isAtEntryEnd {
                isAtEntryEnd = false
                emit(take)
            }
        }
    }

    /// The last entry, where only its empty line is missing; false where more is.
    mutating func finish(_ take: (Item) -> Void) -> Bool {
        guard isInEntry else { return true }
        guard case .name = place, name.isEmpty else { return false }
        emit(take)
        return true
    }

    private mutating func readName(_ rest: inout ArraySlice<UInt8>) {
        let part = rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\n") }
        let room = max(0, Self.longestName - name.count)
        name += part.prefix(room)
        if part.count > room { isNameCut = true }
        rest = rest.dropFirst(part.count)
        guard let end = rest.popFirst() else { return }
        if name.isEmpty, end == UInt8(ascii: "\n") {
            isAtEntryEnd = true
            return
        }
        let text = isNameCut ? "" : String(decoding: name, as: UTF8.self)
        field = JournalEntry.names.contains(text) ? text : nil
        value = []
        place = end == UInt8(ascii: "=") ? .value : .length(0, 0)
        name.removeAll(keepingCapacity: true)
        isNameCut = false
    }

    private mutating func readValue(_ rest: inout ArraySlice<UInt8>) {
        let part = rest[..<(LineCutter.newline(rest) ?? rest.endIndex)]
        keep(part)
        rest = rest.dropFirst(part.count)
        guard rest.popFirst() != nil else { return }
        endField()
    }

    private mutating func keep(_ part: ArraySlice<UInt8>) {
        guard field != nil else { return }
        let room = max(0, limit - value.count)
        value += part.prefix(room)
        lost += max(0, part.count - room)
    }

    private mutating func endField() {
        if let field, fields[field] == nil { fields[field] = value }
        value = []
        field = nil
        place = .name
    }

    private mutating func emit(_ take: (Item) -> Void) {
        // more than one empty line may stand between two entries
        if !fields.isEmpty || length > 1 {
            number += 1
            take(
                Item(
                    entry: JournalEntry(fields: fields), offset: offset, number: number, lost: lost)
            )
        }
        offset += length
        length = 0
        fields = [:]
        lost = 0
    }
}
