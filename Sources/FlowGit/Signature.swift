internal import CGit2
internal import FlowSystem
internal import FlowText

/// Who wrote a commit.
package struct Signature: Sendable, Hashable, CustomStringConvertible {
    package let name: String
    package let email: String

    package init(name: String, email: String) {
        self.name = name
        self.email = email
    }

    /// As git writes it: `Ada <ada@example.org>`.
    package var description: String { "\(name) <\(email)>" }
}

extension Signature {
    init(_ raw: git_signature) {
        self.init(name: String(cString: raw.name), email: String(cString: raw.email))
    }

    /// The signature as libgit2's own object, in UTC.
    func raw(at time: Timestamp) throws(GitError) -> RawSignature {
        try RawSignature(self, time)
    }
}

/// libgit2's signature, freed with this value.
struct RawSignature: ~Copyable {
    let pointer: UnsafeMutablePointer<git_signature>

    init(_ signature: Signature, _ time: Timestamp) throws(GitError) {
        let doing = "sign a commit as \(VisibleText.safe(signature.description))"
        var made: UnsafeMutablePointer<git_signature>?
        try check(
            git_signature_new(&made, signature.name, signature.email, Int64(time.seconds), 0), doing
        )
        guard let made else { throw GitError(.other, doing: doing, "libgit2 gave nothing") }
        pointer = made
    }

    deinit { git_signature_free(pointer) }
}
