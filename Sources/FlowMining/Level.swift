/// How bad a record is, least first.
package enum Level: Int, Sendable, Hashable, Comparable, CaseIterable, CustomStringConvertible {
    case debug, info, notice, warning, error, critical

    package static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }

    package var description: String {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }

    /// The level that a program's word for it means, in any case; nil for any other word.
    package init?(word: some StringProtocol) {
        // most words are none, and this is asked of nearly each word of a log
        guard word.utf8.count <= 11, let first = word.utf8.first, Self.mayBegin(first),
            let level = Self.words[word.lowercased()]
        else { return nil }
        self = level
    }

    /// The level of a number: 10–60 as bunyan and pino count, 0–7 as syslog does.
    package init?(number: Int) {
        switch number {
        case 0...2: self = .critical
        case 3: self = .error
        case 4: self = .warning
        case 5: self = .notice
        case 6: self = .info
        case 7: self = .debug
        case 10..<30: self = .debug
        case 30..<40: self = .info
        case 40..<50: self = .warning
        case 50..<60: self = .error
        case 60...: self = .critical
        default: return nil
        }
    }

    /// The level of a severity number of OpenTelemetry, 1–24.
    package init?(telemetry number: Int) {
        switch number {
        case 1...8: self = .debug
        case 9...12: self = .info
        case 13...16: self = .warning
        case 17...20: self = .error
        case 21...24: self = .critical
        default: return nil
        }
    }

    private static func mayBegin(_ byte: UInt8) -> Bool {
        switch byte | 0x20 {
        case UInt8(ascii: "a"), UInt8(ascii: "c")...UInt8(ascii: "f"), UInt8(ascii: "h"),
            UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "n"), UInt8(ascii: "p"),
            UInt8(ascii: "s")...UInt8(ascii: "w"):
            true
        default: false
        }
    }

    private static let words: [String: Level] = {
        let lists: [(Level, String)] = [
            (
                .debug,
                "debug trace verbose fine finer finest config silly dbg trc debug1 debug2 debug3 debug4 debug5"
            ),
            (.info, "info information informational log detail statement hint context inf"),
            (.notice, "notice note"),
            (.warning, "warning warn wrn"),
            (.error, "error err severe failure fail"),
            (.critical, "critical crit fatal panic alert emerg emergency ftl"),
        ]
        var result: [String: Level] = [:]
        for (level, words) in lists {
            for word in words.split(separator: " ") { result[String(word)] = level }
        }
        return result
    }()
}
