import Glibc

/// A Python, the one on the path unless another is named, where there is one; tests compare with it and skip where it is absent.
enum Python {
    /// The lines that a script prints; nil where it cannot run to its end.
    static func run(_ script: String, by python: String = "python3") -> [String]? {
        let quoted = "'" + script.replacing("'", with: "'\\''") + "'"
        guard let pipe = popen("'\(python)' -c \(quoted) 2>/dev/null", "r") else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        guard pclose(pipe) == 0 else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    static let isThere = run("pass") != nil

    /// Whether its tables are those of Unicode 14, as Python 3.11's are.
    static let hasUnicode14 =
        run("import unicodedata; assert unicodedata.unidata_version == '14.0.0'") != nil
}
