internal import FlowEngine
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// Prints what attempts have printed, a piece at a time: the longest line needs no memory.
struct LogPrinter {
    /// Whether a line tells of which attempt the next lines are.
    let hasTitles: Bool
    /// Whether control characters stay.
    let isRaw: Bool
    private let device: TerminalDevice
    private var titled = ""
    private var isInLine = false

    init(hasTitles: Bool, isRaw: Bool, device: TerminalDevice = .output) {
        self.hasTitles = hasTitles
        self.isRaw = isRaw
        self.device = device
    }

    /// Prints what a log has that has not been printed.
    mutating func print(_ log: AttemptLogReader) {
        while true {
            let bytes = log.next()
            if bytes.isEmpty { return }
            title(log.title)
            if isRaw {
                device.write(bytes)
            } else {
                let text = String(decoding: bytes, as: UTF8.self)
                device.write(VisibleText.safe(text, lines: true))
            }
            isInLine = bytes.last != UInt8(ascii: "\n")
        }
    }

    /// Ends a line that its attempt has not ended; raw bytes stay as they are, unless the runner of
    /// GitHub Actions reads them, which takes a command only at the start of a line.
    mutating func finishLine() {
        if isInLine, !isRaw || Environment.isGitHubActions { device.write("\n") }
        isInLine = false
    }

    private mutating func title(_ title: String) {
        guard titled != title else { return }
        finishLine()
        titled = title
        if hasTitles { device.write(Style.bold("== \(VisibleText.safe(title))") + "\n") }
    }
}

/// What one attempt printed, from its beginning on.
final class AttemptLogReader {
    /// The node, with its leg where it has one.
    let title: String
    private let path: String
    private var file: GrowingFile?
    /// The beginning of a character whose rest has not come yet.
    private var rest: [UInt8] = []

    init(title: String, path: String) {
        self.title = title
        self.path = path
    }

    /// The next piece, which ends with a whole character; empty where nothing has come.
    func next() -> [UInt8] {
        if file == nil { file = GrowingFile(path) }
        guard let file else { return [] }
        let more = file.next()
        guard !more.isEmpty else { return [] }
        var bytes = rest + more
        let cut = Self.unfinished(bytes)
        rest = Array(bytes.suffix(cut))
        bytes.removeLast(cut)
        return bytes.isEmpty ? next() : bytes
    }

    /// How many bytes at the end may be the beginning of a character (UTF-8, RFC 3629).
    private static func unfinished(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where bytes.count >= back {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }
}
