internal import FlowSystem

/// HMAC-SHA-256 (RFC 2104) with one key, prepared once: who has only the digests cannot find out by
/// guessing what was hashed.
package struct KeyedHash: Sendable {
    /// After the first block, which depends on the key only.
    private let inner: SHA256
    private let outer: SHA256

    /// - Parameter key: at most 64 bytes.
    package init(key: [UInt8]) {
        let block = key.prefix(64) + [UInt8](repeating: 0, count: max(0, 64 - key.count))
        var inner = SHA256()
        inner.update(block.map { $0 ^ 0x36 })
        var outer = SHA256()
        outer.update(block.map { $0 ^ 0x5C })
        self.inner = inner
        self.outer = outer
    }

    /// The 32 bytes of the digest.
    package func digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var first = inner
        first.update(bytes)
        var second = outer
        second.update(first.finish())
        return second.finish()
    }
}
