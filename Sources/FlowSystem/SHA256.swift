internal import CNettle

/// SHA-256 (FIPS 180-4) of bytes that come in pieces, by Nettle, which uses the processor's own
/// instructions for it where there are any.
package struct SHA256: Sendable {
    private var context = sha256_ctx()

    package init() { nettle_sha256_init(&context) }

    /// Adds bytes to the message; those of arrays and strings are not copied first.
    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { add($0) }
        if done == nil { Array(bytes).withUnsafeBufferPointer { add($0) } }
    }

    private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        nettle_sha256_update(&context, bytes.count, start)
    }

    /// The 32 bytes of the digest of all bytes so far.
    package func finish() -> [UInt8] {
        var last = context
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            nettle_sha256_digest(&last, 32, buffer.baseAddress)
            count = 32
        }
    }

    /// The digest of some bytes.
    package static func digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// The digest as 64 lower-case hexadecimal digits.
    package static func hex(_ bytes: some Sequence<UInt8>) -> String { digest(bytes).hex }

    /// A UUID of version 8 (RFC 9562) of the digest, in lower case:
    /// `8f14e45f-ceea-867f-b0c4-9a1d3c5e7f02`.
    package static func uuid(_ bytes: some Sequence<UInt8>) -> String {
        var name = Array(digest(bytes).prefix(16))
        name[6] = name[6] & 0x0F | 0x80
        name[8] = name[8] & 0x3F | 0x80
        let hex = Array(name.hex)
        return [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]]
            .map { String($0) }.joined(separator: "-")
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits a byte.
    package var hex: String {
        withContiguousStorageIfAvailable(SHA256.digits)
            ?? Array(self).withUnsafeBufferPointer(SHA256.digits)
    }
}

extension SHA256 {
    fileprivate static func digits(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(unsafeUninitializedCapacity: 2 * bytes.count) { buffer in
            for (place, byte) in bytes.enumerated() {
                buffer[2 * place] = digit(byte >> 4)
                buffer[2 * place + 1] = digit(byte & 15)
            }
            return 2 * bytes.count
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
