internal import FlowText

/// Where a remote is, taken apart.
package struct RemoteAddress: Sendable, Hashable {
    package enum Kind: Sendable, Hashable { case path, ssh, https, http, other }

    package let kind: Kind
    /// As it stands in the address; nil where it names nobody.
    package let user: String?
    /// Lower case, without the brackets of an IPv6 address; empty for a path.
    package let host: String
    /// The scheme's own where the address names none; 0 for a path.
    package let port: Int
    /// With its slash; of a `host:path` what stands after the colon.
    package let path: String

    private static let schemes: [String: (Kind, Int)] = [
        "ssh": (.ssh, 22), "git+ssh": (.ssh, 22), "ssh+git": (.ssh, 22), "https": (.https, 443),
        "http": (.http, 80), "file": (.path, 0),
    ]

    /// Reads `scheme://user@host:port/path`, `user@host:path` or a path.
    package init(_ url: String) {
        let authority: Substring
        if let mark = url.firstRange(of: "://") {
            let scheme = Self.schemes[url[..<mark.lowerBound].lowercased()] ?? (.other, 0)
            let rest = url[mark.upperBound...]
            authority = rest.prefix { $0 != "/" }
            kind = scheme.0
            path = String(rest[authority.endIndex...])
            (host, port) = Self.place(Self.split(authority).place, scheme.1)
        } else if let colon = url.firstIndex(of: ":"), !url[..<colon].contains("/") {
            authority = url[..<colon]
            kind = .ssh
            path = String(url[url.index(after: colon)...])
            (host, port) = (Self.split(authority).place.lowercased(), 22)
        } else {
            // A colon after a slash belongs to the path.
            authority = ""
            (kind, host, port, path) = (.path, "", 0, url)
        }
        user = Self.split(authority).user
    }

    private static func split(_ authority: Substring) -> (user: String?, place: Substring) {
        guard let at = authority.lastIndex(of: "@") else { return (nil, authority) }
        return (
            String(authority[..<at].prefix { $0 != ":" }), authority[authority.index(after: at)...]
        )
    }

    private static func place(_ text: Substring, _ usual: Int) -> (String, Int) {
        if text.first == "[", let end = text.lastIndex(of: "]") {
            let rest = text[text.index(after: end)...]
            return (
                text[text.index(after: text.startIndex)..<end].lowercased(),
                Int(rest.dropFirst()) ?? usual
            )
        }
        let parts = text.split(separator: ":", maxSplits: 1)
        return ((parts.first ?? "").lowercased(), parts.count == 2 ? Int(parts[1]) ?? usual : usual)
    }

    /// Host and port as `known_hosts` writes them: `example.org`, `[example.org]:2222`.
    var hostName: String { port == 22 ? host : "[\(host)]:\(port)" }

    /// `example.org:8443` for messages.
    var shownHost: String {
        let isUsual = Self.schemes.values.contains { $0 == (kind, port) }
        return VisibleText.safe(isUsual ? host : "\(host):\(port)")
    }
}
