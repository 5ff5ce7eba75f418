internal import FlowSystem

/// What OpenSSH's `~/.ssh/config` would do for a host and flow, which goes through libssh2, does not.
struct SSHConfig {
    /// The settings that matter for reaching the host, as `IdentityFile (line 3)`.
    let ignored: [String]

    private static let matter: Set = [
        "hostname", "port", "user", "proxyjump", "proxycommand", "identityfile", "identityagent",
        "certificatefile", "pkcs11provider", "securitykeyprovider", "userknownhostsfile",
        "globalknownhostsfile", "hostkeyalias", "hostkeyalgorithms",
    ]

    /// - Parameter text: of the file; `Include` is not followed, and a `Match` counts as if it did.
    init(_ text: String, host: String) {
        var ignored: [String] = []
        var isOwn = true
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        for (number, line) in lines.enumerated() {
            let line = line.trimmed
            guard !line.isEmpty, line.first != "#" else { continue }
            let name = line.prefix { !$0.isWhitespace && $0 != "=" }
            let rest = line.dropFirst(name.count).drop { $0.isWhitespace || $0 == "=" }
            switch name.lowercased() {
            case "host": isOwn = Self.matches(rest, host)
            case "match": isOwn = true
            case let key where isOwn && Self.matter.contains(key):
                ignored.append("\(name) (line \(number + 1))")
            default: continue
            }
        }
        self.ignored = ignored
    }

    /// Of the person whose home it is; nothing where there is no such file.
    init(home: String, host: String) {
        let text = try? Files.text(Path.join(home, ".ssh/config"), limit: 1 << 20)
        self.init(text ?? "", host: host)
    }

    private static func matches(_ patterns: Substring, _ host: String) -> Bool {
        var isNamed = false
        for pattern in patterns.split(whereSeparator: \.isWhitespace) {
            let name = pattern.drop { $0 == "!" }.drop { $0 == "\"" }.prefix { $0 != "\"" }
            guard Wildcard.matches(name.lowercased(), host) else { continue }
            if pattern.first == "!" { return false }
            isNamed = true
        }
        return isNamed
    }

    /// A sentence for messages; nil where nothing is lost.
    var warning: String? {
        ignored.isEmpty
            ? nil
            : "~/.ssh/config sets \(ignored.joined(separator: ", ")) for it, which flow does not read: "
                + "write host, port and user into the remote's address (ssh://USER@HOST:PORT/PATH), "
                + "and name a key with git config core.sshCommand 'ssh -i FILE'"
    }
}
