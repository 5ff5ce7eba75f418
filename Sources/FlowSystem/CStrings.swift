/// Strings as execve(2) takes them: one behind the other, a NUL byte after each.
package struct CStrings: Sendable, Hashable {
    private var bytes: [UInt8] = []
    private var offsets: [Int] = []

    package init() {}

    package init(_ strings: [String]) {
        reserve(strings.count, bytes: strings.reduce(0) { $0 + $1.utf8.count })
        for string in strings { append(string) }
    }

    /// Makes room for further strings, which have so many bytes.
    package mutating func reserve(_ strings: Int, bytes more: Int) {
        offsets.reserveCapacity(offsets.count + strings)
        bytes.reserveCapacity(bytes.count + more + strings)
    }

    package mutating func append(_ string: String) { append(string, "", "") }

    /// Adds the two as one string.
    package mutating func append(_ first: String, _ second: String) { append(first, second, "") }

    /// Adds the three as one string.
    package mutating func append(_ first: String, _ second: String, _ third: String) {
        offsets.append(bytes.count)
        bytes.append(contentsOf: first.utf8)
        bytes.append(contentsOf: second.utf8)
        bytes.append(contentsOf: third.utf8)
        bytes.append(0)
    }

    /// Whether no string has a NUL byte in it, where C would see its end.
    var areWhole: Bool { bytes.reduce(0) { $0 + ($1 == 0 ? 1 : 0) } == offsets.count }

    /// Lends a NULL-terminated array of the strings.
    func lent<Result>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result) -> Result {
        bytes.withUnsafeBytes { buffer in
            withUnsafeTemporaryAllocation(
                of: UnsafeMutablePointer<CChar>?.self, capacity: offsets.count + 1
            ) { pointers in
                let start = buffer.bindMemory(to: CChar.self).baseAddress
                for (place, offset) in offsets.enumerated() {
                    pointers.initializeElement(
                        at: place, to: start.map { UnsafeMutablePointer(mutating: $0 + offset) })
                }
                pointers.initializeElement(at: offsets.count, to: nil)
                guard let first = pointers.baseAddress else {
                    fatalError("an array that is never empty")
                }
                return body(first)
            }
        }
    }
}

extension CStrings: ExpressibleByArrayLiteral {
    package init(arrayLiteral strings: String...) { self.init(strings) }
}
