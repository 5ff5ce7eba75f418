internal import FlowSystem

/// What `core.sshCommand` asks for, as far as flow, which starts no `ssh`, can do it by itself.
struct SSHCommand: Equatable {
    /// Files of private keys, in their order.
    private(set) var identities: [String] = []
    /// Whether the agent is left out.
    private(set) var identitiesOnly = false
    /// Instead of OpenSSH's own.
    private(set) var knownHosts: [String] = []
    /// What it asks for that flow cannot do.
    private(set) var unknown: [String] = []

    /// - Parameter home: what `~` stands for.
    init(_ text: String, home: String) {
        // How strict ssh would be: flow always is.
        let harmless = [
            "batchmode", "checkhostip", "loglevel", "stricthostkeychecking", "connecttimeout",
            "serveraliveinterval", "serveralivecountmax", "passwordauthentication",
            "preferredauthentications", "hashknownhosts", "updatehostkeys",
        ]
        var words = Self.words(text)[...]
        let program = words.popFirst() ?? "ssh"
        if Path.name(program) != "ssh" { unknown.append(program) }
        while let word = words.popFirst() {
            if word.hasPrefix("-i") {
                let file = word.count > 2 ? String(word.dropFirst(2)) : words.popFirst() ?? ""
                identities.append(Self.expanded(file, home))
            } else if word.hasPrefix("-o") {
                let option = word.count > 2 ? String(word.dropFirst(2)) : words.popFirst() ?? ""
                let parts = option.split(maxSplits: 1) { $0 == "=" || $0 == " " }.map(String.init)
                let value = parts.count == 2 ? parts[1].trimmed : ""
                switch parts.first?.trimmed.lowercased() ?? "" {
                case "identityfile": identities.append(Self.expanded(value, home))
                case "identitiesonly": identitiesOnly = value == "yes"
                case "userknownhostsfile":
                    knownHosts += Self.words(value).map { Self.expanded($0, home) }
                case let name where harmless.contains(name): continue
                default: unknown.append("-o \(option)")
                }
            } else if !["-q", "-T", "-x", "-a", "-4", "-6", "-v", "-vv", "-vvv"].contains(word) {
                unknown.append(word)
            }
        }
    }

    private static func expanded(_ path: String, _ home: String) -> String {
        path.hasPrefix("~/") ? Path.join(home, String(path.dropFirst(2))) : path
    }

    /// A command line's words, quotes taken away.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in text {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character.isWhitespace {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words
    }
}
