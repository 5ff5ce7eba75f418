/// One call of a stack trace.
package struct StackFrame: Sendable, Hashable {
    /// The path of the file; in Java and .NET the class.
    package let module: String
    package let function: String
    package let line: Int?
    /// Whether it is the application's own code rather than a library's or the runtime's.
    package let inApp: Bool

    /// - Parameter inApp: nil to have it told by the module and the function.
    package init(module: String, function: String, line: Int? = nil, inApp: Bool? = nil) {
        self.module = module
        self.function = function
        self.line = line
        self.inApp = inApp ?? FrameOrigin.isOwn(module: module, function: function)
    }

    /// The frame as a line of a trace.
    package var text: String {
        let place = line.map { "\(module):\($0)" } ?? module
        return function.isEmpty ? "    at \(place)" : "    at \(function) (\(place))"
    }

    /// What names the frame wherever the program is installed and whatever lines were added above:
    /// the last two parts of the path (or the class) and the function, without the numbers that
    /// compilers give to closures.
    package var place: String {
        let isPath = module.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        let parts = isPath ? module.split { $0 == "/" || $0 == "\\" } : [Substring(module)]
        let name = Self.withoutNumbers(parts.suffix(2).joined(separator: "/"))
        return function.isEmpty ? name : name + ":" + Self.withoutNumbers(function)
    }

    /// `lambda$create$3` → `lambda$create`, `Orders$$Proxy$$1a2b` → `Orders`, `f.func1.2` → `f.func`.
    private static func withoutNumbers(_ name: String) -> String {
        var bytes = Array(name.utf8)
        if let cut = bytes.indices.dropFirst().first(where: {
            bytes[$0] == UInt8(ascii: "$") && bytes[$0 - 1] == UInt8(ascii: "$")
        }) {
            bytes.removeSubrange((cut - 1)...)
        }
        var kept = bytes.count
        while kept > 0 {
            var end = kept
            while end > 0, MessagePieces.isDigit(bytes[end - 1]) { end -= 1 }
            let mark = end > 0 ? bytes[end - 1] : 0
            guard end < kept, end > 0 else { break }
            if mark == UInt8(ascii: "$") || mark == UInt8(ascii: ".") {
                kept = end - 1
            } else if bytes[..<end].suffix(5).elementsEqual(".func".utf8) {
                kept = end
            } else {
                break
            }
        }
        return String(decoding: bytes[..<kept], as: UTF8.self)
    }
}

/// Tells an application's own code from that of libraries and runtimes, by where it lies.
enum FrameOrigin {
    static func isOwn(module: String, function: String) -> Bool {
        let path = Array(module.utf8)
        if path.isEmpty || path.first == UInt8(ascii: "<") { return false }
        if starts.contains(where: { path.starts(with: $0) }) { return false }
        if folders.contains(where: { Self.contains(path, $0) }) { return false }
        return !functions.contains { function.utf8.starts(with: $0) }
    }

    /// Folders in which package managers and distributions put what is not the application's.
    private static let folders = [
        "/site-packages/", "/dist-packages/", "node_modules/", "/lib/python2", "/lib/python3",
        "/pkg/mod/", "/go/src/", "/vendor/", "/gems/", "/.cargo/registry/", "/rustc/",
    ].map { Array($0.utf8) }

    /// How modules of runtimes begin, and of the libraries most services in Java are built on: there
    /// no path tells.
    private static let starts = [
        "/usr/lib", "/usr/share/", "/usr/local/lib/", "/usr/local/go/", "node:", "internal/",
        "java.",
        "javax.", "jdk.", "sun.", "com.sun.", "jakarta.", "kotlin.", "kotlinx.", "scala.",
        "groovy.",
        "org.apache.", "org.springframework.", "org.hibernate.", "org.junit.", "org.slf4j.",
        "org.eclipse.jetty.", "org.postgresql.", "com.zaxxer.", "com.mysql.", "com.fasterxml.",
        "ch.qos.logback.", "io.netty.", "io.undertow.", "reactor.", "System.", "Microsoft.",
        "importlib", "site-packages/", "dist-packages/",
    ].map { Array($0.utf8) }

    /// Functions of Go's runtime, whose path a trimmed build does not show.
    private static let functions = ["runtime.", "runtime/debug.", "panic", "net/http."]
        .map { Array($0.utf8) }

    private static func contains(_ path: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first, path.count >= part.count else { return false }
        for place in 0...(path.count - part.count) where path[place] == first {
            if path[place..<(place + part.count)].elementsEqual(part) { return true }
        }
        return false
    }
}
