internal import FlowSystem
internal import FlowText

/// What one attempt prints: kept in a file, which is made at the first byte, and the last line at
/// hand.
final class AttemptLog {
    private let path: String
    private var file: AppendingFile?
    private var line: [UInt8] = []
    private(set) var lastLine = ""
    /// Why the file cannot be written; what is printed is lost from there on.
    private(set) var failure: SystemError?
    /// Bytes of a line that people are shown.
    private static let shown = 400
    private var stream: MaskedStream

    /// - Parameter mask: hides secrets before anything is kept.
    init(path: String, mask: SecretMask) {
        self.path = path
        stream = mask.stream()
    }

    /// Keeps the bytes; gives the last line that has ended with them, if one has.
    func write(_ bytes: UnsafeRawBufferPointer) -> String? {
        if stream.isEmpty { return take(bytes) }
        var line: String?
        stream.write(bytes) { line = take($0) ?? line }
        return line
    }

    /// Keeps what was held back since it could have become a secret; call it after the last bytes.
    func finish() -> String? {
        var line: String?
        stream.finish { line = take($0) ?? line }
        return line
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> String? {
        keep(bytes)
        guard let end = bytes.lastIndex(of: 0x0A) else {
            line.append(contentsOf: bytes.prefix(Self.shown - min(line.count, Self.shown)))
            if !line.isEmpty { lastLine = Self.visible(line) }
            return nil
        }
        let start = bytes[..<end].lastIndex(of: 0x0A).map { $0 + 1 }
        var last = start == nil ? line : []
        last.append(contentsOf: bytes[(start ?? 0)..<end].prefix(Self.shown))
        line = Array(bytes[(end + 1)...].prefix(Self.shown))
        if !last.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            lastLine = Self.visible(last)
        }
        return lastLine
    }

    private static func visible(_ bytes: [UInt8]) -> String {
        var bytes = bytes
        while let last = bytes.last, last == 0x0D || last == 0x20 { bytes.removeLast() }
        return VisibleText.safe(String(decoding: bytes, as: UTF8.self))
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        guard failure == nil else { return }
        do throws(SystemError) {
            if file == nil {
                try Files.makeFolder(Path.folder(path))
                file = try AppendingFile(path)
            }
            try file?.append(bytes)
        } catch {
            failure = error
        }
    }
}
