internal import FlowText

/// What was found wrong with a log, each kind counted and some named.
package struct EventNotes: Sendable {
    /// Sentences of what was left out or could not be believed; a command that has one ends with 1.
    package private(set) var problems: [String] = []
    /// Sentences of what is unusual, where nothing was left out.
    package private(set) var notes: [String] = []
    /// Events that were left out.
    package private(set) var skipped = 0
    private var counts: [String: Int] = [:]
    /// So many of one kind are named.
    private static let named = 5

    /// - Parameter kind: What further ones are counted under: `lines that cannot be read`.
    mutating func problem(_ kind: String, _ sentence: String, skipping: Int = 0) {
        skipped += skipping
        counts[kind, default: 0] += 1
        if counts[kind, default: 0] <= Self.named { problems.append(VisibleText.safe(sentence)) }
    }

    mutating func note(_ sentence: String) { notes.append(VisibleText.safe(sentence)) }

    /// Says how many more there are of each kind.
    mutating func close() {
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) where count > Self.named {
            problems.append("\(count - Self.named) more \(kind)")
        }
        counts = [:]
    }
}
