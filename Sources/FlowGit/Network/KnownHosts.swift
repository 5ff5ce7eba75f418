internal import FlowSystem

/// The host keys that a person trusts: OpenSSH's `known_hosts` files (sshd(8), "SSH_KNOWN_HOSTS FILE
/// FORMAT").
///
/// libssh2 reads `~/.ssh/known_hosts` only, knows neither patterns nor `@revoked`, and tells a host
/// that is not there from one with another key by no message; so flow decides by itself. A key that a
/// certificate authority vouches for (`@cert-authority`) counts as unknown.
struct KnownHosts {
    enum Verdict: Equatable {
        case known, unknown, revoked
        /// The host has another key of this type, at this place (`FILE:LINE`).
        case changed(String)
        /// The host has only keys of these other types.
        case otherTypes([String])
    }

    private struct Entry {
        let names: Substring
        let isRevoked: Bool
        let type: String
        let key: [UInt8]
        let place: String
    }

    private var entries: [Entry] = []

    init() {}

    /// The files that OpenSSH reads, or those that are named instead; what is not there is empty.
    init(files: [String]) {
        for file in files {
            if let text = try? Files.text(file, limit: 16 << 20) { add(text, file: file) }
        }
    }

    /// Adds the lines of a file; a line that cannot be read is passed over, as OpenSSH does.
    mutating func add(_ text: String, file: String) {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (number, line) in lines.enumerated() {
            var words = line.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, first.first != "#", first != "@cert-authority" else {
                continue
            }
            let isRevoked = first == "@revoked"
            if isRevoked { words.removeFirst() }
            guard words.count >= 3, let key = Base64.decode(words[2]) else { continue }
            entries.append(
                Entry(
                    names: words[0], isRevoked: isRevoked, type: String(words[1]), key: key,
                    place: "\(file):\(number + 1)"))
        }
    }

    /// What is known of a key that a host has shown.
    /// - Parameter key: as it travels (RFC 4253, 6.6): its type, then its numbers.
    func verdict(of key: [UInt8], at address: RemoteAddress) -> Verdict {
        let type = Self.type(of: key)
        var own: [Entry] = []
        for entry in entries {
            let isOwn = Self.matches(entry.names, address.hostName)
            // As OpenSSH: an entry without a port vouches for the same key at another port.
            guard isOwn || Self.matches(entry.names, address.host) else { continue }
            if entry.isRevoked {
                if entry.key == key { return .revoked }
            } else if isOwn || entry.key == key {
                own.append(entry)
            }
        }
        if own.contains(where: { $0.key == key }) { return .known }
        if let other = own.first(where: { $0.type == type }) { return .changed(other.place) }
        return own.isEmpty ? .unknown : .otherTypes(own.map(\.type))
    }

    /// Whether any key of a host is known.
    func names(_ address: RemoteAddress) -> Bool {
        entries.contains {
            !$0.isRevoked
                && (Self.matches($0.names, address.hostName)
                    || Self.matches($0.names, address.host))
        }
    }

    /// `ssh-ed25519` of a key as it travels; empty where it is none.
    static func type(of key: [UInt8]) -> String {
        var reader = WireReader(key)
        return reader.string().map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// As `ssh-keygen -l` shows it.
    static func fingerprint(_ key: [UInt8]) -> String {
        "SHA256:" + Base64.encode(SHA256.digest(key), padded: false)
    }

    private static func matches(_ names: Substring, _ host: String) -> Bool {
        if names.hasPrefix("|1|") {
            let parts = names.split(separator: "|")
            guard parts.count == 3, let salt = Base64.decode(parts[1]),
                let code = Base64.decode(parts[2])
            else { return false }
            return HMACSHA1.code(Array(host.utf8), key: salt) == code
        }
        var isNamed = false
        for name in names.split(separator: ",") {
            if name.first == "!" {
                if Wildcard.matches(name.dropFirst().lowercased(), host) { return false }
            } else if Wildcard.matches(name.lowercased(), host) {
                isNamed = true
            }
        }
        return isNamed
    }
}

/// `*` and `?` as OpenSSH's files use them.
enum Wildcard {
    /// Costs O(pattern × text).
    static func matches(_ pattern: String, _ text: String) -> Bool {
        let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
        var (place, at) = (0, 0)
        var star: (place: Int, at: Int)?
        while at < text.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = (place, at)
                place += 1
            } else if place < pattern.count,
                pattern[place] == text[at] || pattern[place] == UInt8(ascii: "?")
            {
                place += 1
                at += 1
            } else if let last = star {
                star = (last.place, last.at + 1)
                (place, at) = (last.place + 1, last.at + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

/// Reads the strings of ssh's wire format (RFC 4251, 5).
struct WireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// The four bytes of a number.
    mutating func number() -> Int? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func string() -> ArraySlice<UInt8>? {
        guard let length = number(), length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return rest.prefix(length)
    }
}
