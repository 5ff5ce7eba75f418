/// Reads the frames out of the lines of a stack trace: Python, Java, Node, .NET, Go.
struct StackTrace {
    /// Frames of the exception that the record is about, the innermost first.
    private(set) var main: [StackFrame] = []
    /// Frames of the exceptions it was caused by, in the order of their lines.
    private(set) var causes: [StackFrame] = []

    private static let mostFrames = 200

    init(_ lines: [String]) {
        if let start = lines.lastIndex(where: { $0.hasSuffix(ExceptionText.tracebackStart) }) {
            main = Self.python(lines[start...])
            causes = Self.python(lines[..<start])
        } else if let start = lines.firstIndex(where: { $0.hasPrefix("goroutine ") }) {
            main = Self.go(lines[start...])
        } else {
            readCalls(lines)
            if main.isEmpty { main = Self.python(lines[...]) }
            if main.isEmpty { main = Self.go(lines[...]) }
        }
    }

    // MARK: Python

    /// `  File "/srv/app/a.py", line 12, in create`, the innermost last.
    private static func python(_ lines: ArraySlice<String>) -> [StackFrame] {
        var frames: [StackFrame] = []
        for line in lines {
            guard let start = pythonPath(line),
                let end = line[start...].firstRange(of: "\", line ")
            else { continue }
            let rest = line[end.upperBound...]
            let number = rest.prefix { $0.isASCII && $0.isNumber }
            let function = rest.dropFirst(number.count)
            frames.append(
                StackFrame(
                    module: String(line[start..<end.lowerBound]),
                    function: function.hasPrefix(", in ") ? String(function.dropFirst(5)) : "",
                    line: Int(number)))
        }
        return frames.suffix(mostFrames).reversed()
    }

    /// Where the path begins; a trace of an exception group has `|` before its lines.
    private static func pythonPath(_ line: String) -> String.Index? {
        let text = line.utf8.drop { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: "|") }
        let mark = "File \"".utf8
        guard text.starts(with: mark) else { return nil }
        return text.index(text.startIndex, offsetBy: mark.count)
    }

    // MARK: `at` lines

    private mutating func readCalls(_ lines: [String]) {
        var isCause = false
        for line in lines where main.count + causes.count < Self.mostFrames {
            let text = line.utf8.drop { $0 == 0x20 || $0 == 0x09 }
            if text.startIndex > line.startIndex, text.starts(with: "at ".utf8) {
                guard let frame = Self.call(String(line[text.startIndex...].dropFirst(3))) else {
                    continue
                }
                if isCause { causes.append(frame) } else { main.append(frame) }
            } else if !main.isEmpty, !text.starts(with: "...".utf8) {
                // `Caused by:`, `Suppressed:`, `[cause]:` and whatever else ends the first run
                isCause = true
            }
        }
    }

    /// What follows `at `.
    private static func call(_ text: String) -> StackFrame? {
        guard let open = text.lastIndex(of: "("), text.hasSuffix(")") || text.hasSuffix(") {")
        else {
            if text.hasPrefix("async ") { return call(String(text.dropFirst(6))) }
            if let place = text.firstRange(of: ") in ") { return dotNet(text, place) }
            let (path, line) = place(Substring(text.hasSuffix(" {") ? text.dropLast(2) : text[...]))
            return path.isEmpty ? nil : StackFrame(module: path, function: "", line: line)
        }
        let close = text[open...].firstIndex(of: ")") ?? text.endIndex
        let inside = text[text.index(after: open)..<close]
        let before = text[..<open]
        if before.hasSuffix(" ") {
            // Node: `create (/srv/app/orders.js:12:9)`
            let (path, line) = place(inside)
            let words = before.split(separator: " ").filter { $0 != "async" && $0 != "new" }
            return StackFrame(module: path, function: String(words.first ?? ""), line: line)
        }
        return method(before, line: place(inside).line)
    }

    /// `java.base/java.util.ArrayList.get` in class and method.
    private static func method(_ text: Substring, line: Int?) -> StackFrame? {
        let name = text.lastIndex(of: "/").map { text[text.index(after: $0)...] } ?? text
        guard let dot = name.lastIndex(of: ".") else { return nil }
        return StackFrame(
            module: String(name[..<dot]), function: String(name[name.index(after: dot)...]),
            line: line)
    }

    /// `Shop.Orders.Create(Int32 id) in /src/Orders.cs:line 12`.
    private static func dotNet(_ text: String, _ place: Range<String.Index>) -> StackFrame? {
        let name = text[..<(text.firstIndex(of: "(") ?? place.lowerBound)]
        let tail = text[place.upperBound...]
        let line = tail.firstRange(of: ":line ").flatMap { Int(tail[$0.upperBound...]) }
        return method(name, line: line)
    }

    /// Path and line of `path:12:9` and `Orders.java:12`.
    private static func place(_ text: Substring) -> (path: String, line: Int?) {
        var path = text.hasPrefix("file://") ? text.dropFirst(7) : text
        var line: Int?
        for _ in 0..<2 {
            guard let colon = path.lastIndex(of: ":"),
                let number = Int(path[path.index(after: colon)...])
            else { break }
            line = number
            path = path[..<colon]
        }
        return (String(path), line)
    }

    // MARK: Go

    /// The first goroutine: a function, then its file on a line of its own.
    private static func go(_ lines: ArraySlice<String>) -> [StackFrame] {
        var frames: [StackFrame] = []
        var function: Substring = ""
        for line in lines {
            if line.hasPrefix("goroutine "), !frames.isEmpty { break }
            if line.hasPrefix("\t") || line.hasPrefix("    ") {
                guard !function.isEmpty else { continue }
                let text = line.drop { $0 == "\t" || $0 == " " }.prefix { $0 != " " }
                let (path, number) = place(text)
                // what stands above the panic was called because of it
                if function.hasPrefix("panic(") || function.hasPrefix("runtime.gopanic") {
                    frames = []
                } else if path.hasSuffix(".go") || path.hasSuffix(".s") {
                    frames.append(
                        StackFrame(module: path, function: name(function), line: number))
                }
                function = ""
            } else {
                function = line[...]
            }
        }
        return Array(frames.prefix(mostFrames))
    }

    /// `main.(*Store).Get` of `main.(*Store).Get(0xc000012345, …)`, without the folder of its package.
    private static func name(_ call: Substring) -> String {
        var text = call.hasPrefix("created by ") ? call.dropFirst(11) : call
        if let end = text.firstRange(of: " in goroutine ") { text = text[..<end.lowerBound] }
        if let close = text.lastIndex(of: ")"), text.index(after: close) == text.endIndex,
            let open = text[..<close].lastIndex(of: "(")
        {
            text = text[..<open]
        }
        return String(text.split(separator: "/").last ?? text)
    }
}

extension ErrorRecord {
    /// The frames of the exception, the innermost first.
    package var frames: [StackFrame] {
        givenFrames.isEmpty ? StackTrace(stack).main : givenFrames
    }

    /// The application's own frames, the innermost first, at most `most`: of the exception itself,
    /// or of what caused it where it has none. Costs one pass over the stack.
    package func ownFrames(_ most: Int = 5) -> [StackFrame] {
        if !givenFrames.isEmpty { return Array(givenFrames.filter(\.inApp).prefix(most)) }
        let trace = StackTrace(stack)
        let own = trace.main.filter(\.inApp)
        return Array((own.isEmpty ? trace.causes.filter(\.inApp) : own).prefix(most))
    }
}
