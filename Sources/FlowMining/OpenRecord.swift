internal import FlowSystem

/// A record whose lines are still coming, and what tells which lines belong to it.
struct OpenRecord: Sendable {
    private static let keptLines = 400
    /// Bytes of a line after the first; with `keptLines` it bounds what an open record holds.
    private static let keptBytes = 8192
    /// Lines of an uncaught error of Node before its first frame.
    private static let nodeLines = 60

    var head: LogHead
    var time: Timestamp?
    /// nil where its lines have no stamps.
    var style: Stamp.Style?
    private(set) var lines: [String] = []
    private(set) var leftOut = 0
    var source: ErrorRecord.Source
    /// Of carried lines, which are joined by it.
    var sender: CarriedText.Sender?
    /// How bad the carrier says it is.
    var carrierLevel: Level?

    /// A traceback of Python has begun and its exception is not yet seen.
    private(set) var inTraceback = false
    private var hasTraceback = false
    /// A blank line or the sentence between two tracebacks came last.
    private var betweenTracebacks = false
    private var node = Node.none
    /// A panic or a dump of goroutines.
    private var inGo = false
    /// A line that ends with a brace waits for the one that closes it.
    private var inBraces = false

    private enum Node {
        case none, beforeFrames, frames
    }

    init(
        head: LogHead, time: Timestamp? = nil, style: Stamp.Style? = nil,
        source: ErrorRecord.Source
    ) {
        self.head = head
        self.time = time
        self.style = style
        self.source = source
    }

    /// Adds a line, whether or not it belongs to the record.
    mutating func append(_ text: String) {
        if lines.isEmpty {
            if Self.isNodePlace(text) { node = .beforeFrames }
            inGo = Self.beginsPanic(text) || text.hasPrefix("goroutine ")
        }
        let isIndented = ExceptionText.indent(text) > 0
        if text.hasSuffix(ExceptionText.tracebackStart) {
            // an exception group draws a bar before its lines, also before the last one
            inTraceback = !Self.isDrawn(text)
            hasTraceback = true
        } else if inTraceback, !text.isEmpty, !isIndented {
            inTraceback = false
        }
        betweenTracebacks =
            ExceptionText.isChain(text) || (betweenTracebacks && text.isEmpty)
        if isIndented, ExceptionText.isFrame(text) {
            if node != .none { node = .frames }
            if text.hasSuffix("{") { inBraces = true }
        }
        if inBraces, Self.closes(text) { inBraces = false }
        lines.append(lines.isEmpty ? text : Self.bounded(text))
        if lines.count > Self.keptLines {
            lines.remove(at: Self.keptLines / 2)
            leftOut += 1
        }
    }

    /// Whether a line without a stamp of its own belongs to the record.
    func goesOn(_ text: String) -> Bool {
        if text.hasSuffix(ExceptionText.tracebackStart) {
            // libraries write a traceback below the line that tells of the error
            if hasTraceback, Self.isDrawn(text) { return true }
            let isLogged = head.level != nil && !head.component.isEmpty
            return inTraceback || betweenTracebacks || (isLogged && !hasTraceback)
        }
        if inTraceback || text.isEmpty { return true }
        if ExceptionText.indent(text) > 0 || ExceptionText.isChain(text) { return true }
        if node == .beforeFrames { return lines.count < Self.nodeLines }
        if betweenTracebacks { return false }
        if inBraces, Self.closes(text) { return true }
        if inGo { return Self.isGo(text) }
        if node == .frames, text.hasPrefix("Node.js v") || text.hasPrefix("Emitted 'error' event") {
            return true
        }
        return text.hasPrefix("Caused by: ")
    }

    /// A line of an exception group.
    private static func isDrawn(_ text: String) -> Bool {
        let first = text.utf8.first { $0 != 0x20 }
        return first == UInt8(ascii: "+") || first == UInt8(ascii: "|")
    }

    /// Whether the line is the last of its record, whatever follows.
    static func ends(_ text: String) -> Bool { text.hasPrefix("Node.js v") }

    /// What a runtime writes on its own, through no logging library.
    static func isUncaught(_ text: String) -> Bool {
        beginsPanic(text) || text.hasPrefix("Exception in thread \"")
    }

    private static func beginsPanic(_ text: String) -> Bool {
        text.hasPrefix("panic: ") || text.hasPrefix("fatal error: ")
    }

    private static func closes(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == UInt8(ascii: "}") || first == UInt8(ascii: "]")
        else { return false }
        return text.utf8.allSatisfy { "}])".utf8.contains($0) }
    }

    /// A line of a dump of goroutines that is not indented: `main.f(0x1, ...)`, `goroutine 7 [running]:`.
    private static func isGo(_ text: String) -> Bool {
        let starts = [
            "goroutine ", "[signal ", "created by ", "exit status ", "runtime stack:", "panic(",
            "...additional frames elided...", "[originating from goroutine ",
        ]
        if starts.contains(where: text.hasPrefix) { return true }
        guard text.utf8.last == UInt8(ascii: ")") else { return false }
        let name = text.utf8.prefix { $0 != UInt8(ascii: "(") && $0 != 0x20 }
        return name.count < text.utf8.count && name.contains(UInt8(ascii: "."))
            && text.utf8[name.endIndex] == UInt8(ascii: "(")
    }

    private static let nodeStarts = [
        "/", "file://", "node:", "<anonymous_script>:", "[eval]:", "evalmachine.",
    ]

    /// `/srv/app/server.js:12`: where an uncaught error of Node was thrown.
    private static func isNodePlace(_ text: String) -> Bool {
        guard let last = text.utf8.last, MessagePieces.isDigit(last),
            nodeStarts.contains(where: text.hasPrefix), let colon = text.lastIndex(of: ":"),
            text[text.index(after: colon)...].utf8.allSatisfy(MessagePieces.isDigit)
        else { return false }
        let path = text[..<colon]
        return !path.hasPrefix("/") && !path.hasPrefix("file:") || path.hasSuffix(".js")
            || path.hasSuffix(".mjs")
            || path.hasSuffix(".cjs") || path.hasSuffix(".ts")
    }

    private static func bounded(_ text: String) -> String {
        guard text.utf8.count > keptBytes else { return text }
        return String(decoding: text.utf8.prefix(keptBytes), as: UTF8.self) + "…"
    }

    /// The record that its lines make.
    var record: ErrorRecord {
        let exception = ExceptionText(lines, head: style != nil || head.level != nil)
        var stack = exception.stack
        if leftOut > 0 {
            stack.insert("… \(leftOut) lines left out", at: min(stack.count, Self.keptLines / 2))
        }
        var record = ErrorRecord(
            time: time, component: head.component, type: exception.type,
            message: exception.message, stack: stack, level: head.level ?? carrierLevel,
            host: head.host, source: source)
        if head.level == nil, !exception.type.isEmpty || inGo {
            // output that nobody gave a level is carried as information
            record.level = carrierLevel.map { max($0, .error) }
        }
        // in a stamped log further lines are details of the message, not the message itself
        if style == nil, leftOut == 0 { record.whole = exception.whole }
        return record
    }
}
