internal import CGit2
internal import FlowSystem
internal import FlowText

/// The keys that flow shows an ssh server, one after the other.
struct SSHAccess {
    enum Key: Equatable {
        case agent
        case file(String, type: String)

        var isRSA: Bool {
            if case .file(_, let type) = self { return type == "ssh-rsa" }
            return false
        }
    }

    /// Those that can be tried, in their order.
    private(set) var keys: [Key] = []
    /// Why others cannot.
    private(set) var skipped: [String] = []
    let knownHosts: KnownHosts
    /// Where a new host's key goes.
    let knownHostsFile: String
    /// What `core.sshCommand` asks for in vain.
    let unknown: [String]
    /// The one that `keys` names.
    private(set) var agent: SSHAgent?
    /// How long an agent may think of which keys it has.
    static let agentPatience = Duration.seconds(10)

    private let home: String

    /// - Parameters:
    ///   - entries: git's configuration, of which `core.sshCommand` counts.
    ///   - patience: how long an agent may say nothing.
    init(
        _ entries: [(name: String, value: String)], _ environment: [String: String],
        patience: Duration = SSHAccess.agentPatience
    ) {
        home = environment["HOME"] ?? ""
        let text = entries.last { $0.name == "core.sshcommand" }?.value ?? ""
        let command = SSHCommand(text, home: home)
        let folder = Path.join(home, ".ssh")
        unknown = command.unknown
        let own = command.knownHosts
        let files =
            own.isEmpty
            ? [Path.join(folder, "known_hosts"), Path.join(folder, "known_hosts2")] : own
        knownHosts = KnownHosts(
            files: files + ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"])
        knownHostsFile = files[0]
        for file in command.identities { add(file, isNamed: true) }
        if !command.identitiesOnly { addAgent(environment["SSH_AUTH_SOCK"] ?? "", patience) }
        guard command.identities.isEmpty else { return }
        // RSA last: servers today refuse what libssh2 signs with it.
        for name in ["id_ed25519", "id_ecdsa", "id_rsa"] {
            add(Path.join(folder, name), isNamed: false)
        }
    }

    private mutating func add(_ path: String, isNamed: Bool) {
        let shown = VisibleText.safe(path)
        guard let text = try? Files.text(path, limit: 1 << 16) else {
            if isNamed || Files.exists(path) { skipped.append("\(shown) cannot be read") }
            return
        }
        guard let key = SSHKeyFile(text) else {
            skipped.append("\(shown) is no private key")
            return
        }
        if key.isEncrypted {
            skipped.append(
                "\(shown) has a pass phrase, which only an agent can take: ssh-add \(shown)")
        } else if key.isOnDevice {
            skipped.append("\(shown) lies on a device, which flow cannot ask")
        } else {
            keys.append(.file(path, type: key.type))
        }
    }

    private mutating func addAgent(_ socket: String, _ patience: Duration) {
        guard !socket.isEmpty else { return }
        let shown = "SSH_AUTH_SOCK (\(VisibleText.safe(socket)))"
        switch SSHAgent.look(at: socket, patience: patience) {
        case .answers(let agent):
            self.agent = agent
            keys.append(.agent)
        case .absent: skipped.append("no agent answers at \(shown)")
        case .silent:
            skipped.append(
                "the agent at \(shown) says nothing for \(patience.shown); end it and start another"
            )
        }
    }
}

extension SSHAccess {
    /// Why a server's key is not trusted, and the command that mends it; nil where it is.
    func objection(to key: [UInt8], of address: RemoteAddress) -> String? {
        let type = KnownHosts.type(of: key)
        let host = VisibleText.safe(address.hostName)
        let shown =
            "\(host) shows the key \(KnownHosts.fingerprint(key)) (\(VisibleText.safe(type)))"
        let scan = scan(address, Self.scanned(type))
        switch knownHosts.verdict(of: key, at: address) {
        case .known: return nil
        case .unknown:
            return "\(shown), which no known_hosts file has; if that is its fingerprint, run "
                + "'\(scan)'"
        case .otherTypes(let types):
            return "\(shown), of which known_hosts has only other kinds of key "
                + "(\(types.map { VisibleText.safe($0) }.joined(separator: ", "))); if that is its "
                + "fingerprint, run '\(scan)'"
        case .changed(let place):
            return
                "\(shown), and \(VisibleText.safe(place)) has another one: the server was given a "
                + "new key, or somebody stands in between; if the new fingerprint is right, run "
                + "'ssh-keygen -R \"\(host)\"' and then '\(scan)'"
        case .revoked:
            return "\(shown), which known_hosts marks as revoked: do not use this server"
        }
    }

    /// The command that brings a host's key into the file of those that are known.
    func scan(_ address: RemoteAddress, _ type: String) -> String {
        "ssh-keyscan -p \(address.port) -t \(type) \(VisibleText.safe(address.host)) >> "
            + VisibleText.safe(knownHostsFile)
    }

    private static func scanned(_ type: String) -> String {
        type == "ssh-ed25519" ? "ed25519" : type.hasPrefix("ecdsa") ? "ecdsa" : "rsa"
    }

    /// Why nobody was let in.
    /// - Parameter tried: the keys that the server refused.
    func refusal(of address: RemoteAddress, user: String, tried: [Key]) -> String {
        let who = "\(VisibleText.safe(user))@\(address.shownHost)"
        var parts: [String] = []
        if tried.isEmpty {
            parts.append("flow has no key to show \(who)")
        } else {
            parts.append("\(who) accepts none of flow's keys (\(Self.list(tried)))")
        }
        parts += skipped
        if tried.contains(where: \.isRSA) {
            parts.append(Self.aboutRSA)
        } else if tried.isEmpty, skipped.isEmpty {
            parts.append(
                "make one with 'ssh-keygen -t ed25519' and give its public half to the server, or "
                    + "hand on an agent (env-pass: [SSH_AUTH_SOCK])")
        }
        if !unknown.isEmpty { parts.append(Self.about(unknown: unknown)) }
        if let warning = warning(of: address) { parts.append(warning) }
        return parts.joined(separator: "; ")
    }

    static let aboutRSA =
        "libssh2 signs with RSA keys by SHA-1, which servers refuse today; use an ed25519 key: "
        + "ssh-keygen -t ed25519"

    static func about(unknown: [String]) -> String {
        "core.sshCommand asks for what flow cannot do "
            + "(\(unknown.map { VisibleText.safe($0) }.joined(separator: ", ")))"
    }

    /// What `~/.ssh/config` would do for a host; nil: nothing that matters.
    func warning(of address: RemoteAddress) -> String? {
        SSHConfig(home: home, host: address.host).warning
    }

    private static func list(_ keys: [Key]) -> String {
        keys.map { key in
            switch key {
            case .agent: "those of the agent"
            case .file(let path, let type):
                VisibleText.safe(type.isEmpty ? path : "\(path), \(type)")
            }
        }.joined(separator: "; ")
    }
}
