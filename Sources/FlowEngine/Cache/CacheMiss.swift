/// Why no earlier result stands for a leg: what a cache said, read again for people.
package struct CacheMiss: Sendable, Hashable {
    /// Reasons that are no field.
    package static let first = "no earlier result"
    package static let gone = "its earlier result is no longer kept"

    private let reasons: [String]

    /// - Parameter reasons: those of `CacheAnswer.missed`, or of an attempt's `cache_misses`.
    package init(_ reasons: [String]) { self.reasons = reasons }

    /// Whether fields are named that differ from the last time.
    private var namesFields: Bool {
        guard let first = reasons.first, first != Self.first, first != Self.gone else {
            return false
        }
        // What is in the way stands alone, with a reason behind the path.
        return reasons.count > 1 || !first.hasSuffix(")") || Self.changed(first) != nil
    }

    /// The second half of `it ran because it needs nothing, and …`.
    package var words: String {
        if namesFields {
            let fields = reasons.map { Self.changed($0) ?? "\($0) changed" }
            return "no earlier result stands for it: \(fields.joined(separator: ", "))"
        }
        switch reasons.first {
        case Self.first?: return "there is no earlier result that could stand for it"
        case Self.gone?: return Self.gone
        case let refusal? where refusal.hasPrefix("outputs: "):
            return "its earlier result cannot be restored: \(refusal.dropFirst("outputs: ".count))"
        default: return "no result can stand for it: \(reasons.joined(separator: ", "))"
        }
    }

    /// `inputs: src/a.c (added)` in words; nil for what is no change of a file.
    private static func changed(_ reason: String) -> String? {
        for what in ["added", "changed", "removed"] where reason.hasSuffix(" (\(what))") {
            return "\(reason.dropLast(what.count + 3)) was \(what)"
        }
        return nil
    }
}

extension CacheMiss {
    var causes: [Why.Cause] {
        reasons.map { Why.Cause(namesFields ? .change : .uncached, $0) }
    }
}
