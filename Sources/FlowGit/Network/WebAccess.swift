internal import CGit2
internal import FlowSystem
internal import FlowText
internal import Synchronization

/// What flow shows a web server to be let in; never sent over plain HTTP.
struct WebAccess {
    /// Headers that git's configuration adds to each request (`http.URL.extraHeader`), which is how
    /// actions/checkout leaves its token.
    private(set) var headers: [String] = []
    /// Where the token comes from, and the token.
    private(set) var token: (source: String, value: String)?
    /// Variables that hold a token, in the order in which they are looked at.
    static let variable = "FLOW_REMOTE_TOKEN"
    static let gitHubVariable = "GITHUB_TOKEN"

    init(
        _ address: RemoteAddress, _ entries: [(name: String, value: String)],
        _ environment: [String: String]
    ) {
        guard address.kind == .https else { return }
        headers = WebSettings(entries).values("extraheader", for: address)
        if let value = environment[Self.variable]?.trimmed, !value.isEmpty {
            token = (Self.variable, value)
            headers.removeAll(where: Self.isAuthorization)
        } else if !hasHeader, let value = environment[Self.gitHubVariable]?.trimmed,
            !value.isEmpty
        {
            let server = environment["GITHUB_SERVER_URL"] ?? "https://github.com"
            let own = RemoteAddress(server)
            // Anybody else has no business with it.
            if (own.kind, own.host, own.port) == (address.kind, address.host, address.port) {
                token = (Self.gitHubVariable, value)
            }
        }
    }

    /// Whether a header says who flow is.
    var hasHeader: Bool { headers.contains(where: Self.isAuthorization) }

    /// What no message may contain.
    var secrets: [String] {
        let values = headers.filter(Self.isAuthorization).flatMap { header in
            let value = header.drop { $0 != ":" }.dropFirst().trimmed
            return [value, value.split(separator: " ").last.map(String.init) ?? value]
        }
        return values + [token?.value].compactMap(\.self)
    }

    private static func isAuthorization(_ header: String) -> Bool {
        header.prefix { $0 != ":" }.trimmed.lowercased() == "authorization"
    }
}

/// git's `http.*` settings, of which a URL may say for which addresses they hold.
struct WebSettings {
    private let entries: [(name: String, value: String)]

    init(_ entries: [(name: String, value: String)]) { self.entries = entries }

    /// The values of a setting for an address: those whose URL fits it most closely (git-config(1),
    /// "http.<url>.*"); an empty value takes back the ones before it.
    func values(_ name: String, for address: RemoteAddress) -> [String] {
        var best = -1
        var values: [String] = []
        for entry in entries where entry.name.hasPrefix("http.") {
            let key = entry.name.dropFirst("http.".count)
            guard key == name || key.hasSuffix("." + name) else { continue }
            let url = key == name ? "" : String(key.dropLast(name.count + 1))
            guard let closeness = Self.closeness(url, address), closeness >= best else { continue }
            if closeness > best { values = [] }
            best = closeness
            if entry.value.isEmpty { values = [] } else { values.append(entry.value) }
        }
        return values
    }

    /// How closely a setting's URL fits an address; nil: not at all.
    private static func closeness(_ url: String, _ address: RemoteAddress) -> Int? {
        if url.isEmpty { return 0 }
        let own = RemoteAddress(url)
        guard own.kind == address.kind, own.port == address.port, isHost(own.host, address.host),
            own.user == nil || own.user == address.user
        else { return nil }
        let folder = own.path.hasSuffix("/") ? own.path : own.path + "/"
        guard (address.path + "/").hasPrefix(folder) else { return nil }
        return 1 + 4 * folder.utf8.count + (own.host == address.host ? 2 : 0)
            + (own.user == nil ? 0 : 1)
    }

    /// Whether a host is the one named; `*` stands for one part of a name.
    private static func isHost(_ pattern: String, _ host: String) -> Bool {
        let (wanted, given) = (pattern.split(separator: "."), host.split(separator: "."))
        return wanted.count == given.count
            && zip(wanted, given).allSatisfy { $0 == "*" || $0 == $1 }
    }
}

/// Whose certificates libgit2 believes; one choice for the whole process.
enum TrustedAuthorities {
    private static let chosen = Mutex<String?>(nil)

    /// Chooses the file of git's `http.sslCAInfo`; nil, the system's own.
    static func choose(_ file: String?) throws(GitError) {
        let system = "/etc/ssl/certs/ca-certificates.crt"
        let failed = chosen.withLock { chosen in
            if chosen == file { return false }
            chosen = file
            return flow_git2_trust(file ?? system) < 0
        }
        guard failed, let file else { return }
        throw GitError(
            .invalid, doing: "read the certificates of http.sslCAInfo",
            "\(VisibleText.safe(file)) is missing or no list of certificates (PEM)")
    }
}
