/// `postgres://user@host:port/database?name=value`, as libpq reads it, with parameters of our own.
///
/// It holds no password: an address stands in workflows, logs and events.
package struct PostgresAddress: Sendable, Hashable {
    /// As it was written.
    package let text: String
    /// Without the parameters: what errors name.
    package let place: String
    /// What libpq gets.
    let connection: String
    /// The parameters that libpq does not know, decoded.
    package let parameters: [String: String]

    package static func isAddress(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    /// - Parameter names: the parameters that are not libpq's.
    /// - Throws: `address` for one that holds a password, has a parameter twice or is wrongly encoded.
    package init(_ text: String, taking names: [String]) throws(PostgresError) {
        let doing = "use a postgres:// source"
        let cut = text.firstIndex(of: "?") ?? text.endIndex
        let base = text[..<cut]
        var left: [Substring] = []
        var taken: [String: String] = [:]
        var hasPassword = Self.hasPassword(base)
        for pair in text[cut...].dropFirst().split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            hasPassword = hasPassword || name.lowercased().hasSuffix("password")
            guard names.contains(name) else {
                left.append(pair)
                continue
            }
            guard parts.count == 2, let value = Self.decoded(parts[1]), !value.isEmpty else {
                throw PostgresError(
                    .address, doing: doing,
                    "its '\(name)' is empty or wrongly encoded; write % and two digits for blanks "
                        + "and other special characters")
            }
            guard taken.updateValue(value, forKey: name) == nil else {
                throw PostgresError(.address, doing: doing, "it has '\(name)' twice")
            }
        }
        guard !hasPassword else {
            throw PostgresError(
                .address, doing: doing,
                "it holds a password, which would stand in the run's log; leave it out and set "
                    + "PGPASSWORD or PGPASSFILE for the node")
        }
        self.text = text
        place = String(base)
        parameters = taken
        connection = base + (left.isEmpty ? "" : "?" + left.joined(separator: "&"))
    }

    /// Whether something stands between a colon and the last `@`, wherever libpq would see it end.
    private static func hasPassword(_ base: Substring) -> Bool {
        let place = base.dropFirst(base.hasPrefix("postgres://") ? 11 : 13)
        guard let at = place.lastIndex(of: "@") else { return false }
        return place[..<at].contains(":")
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2).map { Character(Unicode.Scalar($0)) }
            guard digits.count == 2, let high = digits[0].hexDigitValue,
                let low = digits[1].hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
            rest = rest.dropFirst(2)
        }
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
