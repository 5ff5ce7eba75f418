internal import FlowSystem

/// What can be told of a private key's file without a pass phrase.
struct SSHKeyFile: Equatable {
    /// `ssh-ed25519`; empty where the file does not say.
    let type: String
    /// Whether it can be read only with a pass phrase.
    let isEncrypted: Bool

    /// nil for what is no private key.
    init?(_ text: String) {
        let lines = text.split { $0.isNewline }.map { $0.trimmed }
        guard let first = lines.first, first.hasPrefix("-----BEGIN "),
            first.hasSuffix("PRIVATE KEY-----")
        else { return nil }
        guard first.contains("OPENSSH") else {
            isEncrypted = first.contains("ENCRYPTED") || lines.contains { $0.contains("ENCRYPTED") }
            type = first.contains("RSA") ? "ssh-rsa" : first.contains("EC ") ? "ecdsa" : ""
            return
        }
        let body = lines.dropFirst().prefix { !$0.hasPrefix("-----") }.joined()
        let magic = Array("openssh-key-v1\u{0}".utf8)
        guard let bytes = Base64.decode(body), bytes.starts(with: magic) else { return nil }
        // PROTOCOL.key of OpenSSH: cipher, derivation, its options, the number of keys, public key.
        var reader = WireReader(Array(bytes.dropFirst(magic.count)))
        guard let cipher = reader.string(), reader.string() != nil, reader.string() != nil,
            reader.number() != nil, let key = reader.string()
        else { return nil }
        isEncrypted = !cipher.elementsEqual("none".utf8)
        type = KnownHosts.type(of: Array(key))
    }

    /// RSA, which libssh2 1.10 signs with SHA-1 alone.
    var isRSA: Bool { type == "ssh-rsa" }

    /// A key on a FIDO device, which libssh2 cannot ask.
    var isOnDevice: Bool { type.hasPrefix("sk-") }
}
