internal import FlowText

/// Where GitHub's interface is: the one host that gets the token.
package struct GitHubAddress: Sendable, Hashable {
    /// `https://api.github.com`, with the port where it is named.
    let origin: String
    /// `/api/v3` of a GitHub Enterprise Server, else empty.
    private let path: String
    private let host: String

    /// That of GitHub itself.
    package static let standard = "https://api.github.com"

    /// - Parameter text: as `GITHUB_API_URL` has it.
    /// - Throws: `setting` for one that is not https, but for this machine itself, or that has more
    ///   than host, port and path.
    package init(_ text: String) throws(GitHubError) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Self.mistake(text, "it holds blanks or characters that no address has")
        }
        let lower = text.lowercased()
        let isSecure = lower.hasPrefix("https://")
        guard isSecure || lower.hasPrefix("http://") else {
            throw Self.mistake(text, "it does not begin with https://")
        }
        let rest = lower.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { $0 != "/" }
        let port = authority.firstMatch(of: #/:[0-9]{1,5}$/#)
        host = String(port.map { authority[..<$0.range.lowerBound] } ?? authority)
        guard host.wholeMatch(of: #/[a-z0-9.-]+|\[[0-9a-f:]+\]/#) != nil else {
            throw Self.mistake(text, "it holds more than a host, a port and a path")
        }
        // Paths of GitHub have no case, but those of who stands in for it may.
        let tail = text.dropFirst(text.count - rest.count + authority.count)
        guard tail.wholeMatch(of: #/[A-Za-z0-9._~\/-]*/#) != nil else {
            throw Self.mistake(text, "its path holds more than letters, digits and . _ ~ -")
        }
        guard isSecure || Self.isLoopback(host) else {
            throw Self.mistake(
                text, "it is not https, so that anybody on the way could read the token")
        }
        // Links in answers do not name the port that https has anyway.
        let isPlain = isSecure && authority.hasSuffix(":443")
        origin = (isSecure ? "https://" : "http://") + (isPlain ? host[...] : authority)
        path = String(tail.reversed().drop { $0 == "/" }.reversed())
    }

    private static func mistake(_ text: String, _ why: String) -> GitHubError {
        GitHubError(
            .setting, doing: "use GITHUB_API_URL \(VisibleText.quoted(text))",
            "\(why); it is \(standard), or https://HOST/api/v3 of an own server")
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "[::1]"
            || host.wholeMatch(of: #/127\.[0-9]+\.[0-9]+\.[0-9]+/#) != nil
    }

    /// The address of a path of the interface: `/repos/…`.
    func url(_ path: String) -> String { origin + self.path + path }

    /// Where an answer leads, if that is the same host; nil: elsewhere, or nowhere.
    func resolved(_ location: String) -> String? {
        guard location.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }) else {
            return nil
        }
        if location.hasPrefix("/"), !location.hasPrefix("//") { return origin + location }
        guard location.lowercased().hasPrefix(origin + "/") else { return nil }
        return origin + location.dropFirst(origin.count)
    }

    /// Whether the repositories of a host are reached here: `github.com` at `api.github.com`, those of
    /// any other host at the host itself or `api.` before it. A stand-in on this machine serves all.
    package func serves(_ other: String) -> Bool {
        let other = other.lowercased()
        return other == host || "api." + other == host || Self.isLoopback(host)
    }
}

/// A repository at GitHub.
package struct GitHubRepository: Sendable, Hashable {
    package let owner: String
    package let name: String

    /// `owner/name`
    package var slug: String { "\(owner)/\(name)" }

    /// - Parameter slug: `owner/name`; nil for anything else.
    package init?(_ slug: String) {
        let parts = slug.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy(Self.isName) else { return nil }
        owner = parts[0]
        name = parts[1]
    }

    private static func isName(_ text: String) -> Bool {
        text != "." && text != ".." && text.wholeMatch(of: #/[A-Za-z0-9._-]{1,100}/#) != nil
    }
}
