internal import CNettle

/// HMAC-SHA-1 (RFC 2104): what OpenSSH hides the host names of `known_hosts` with. For nothing new.
package enum HMACSHA1 {
    /// The 20 bytes of a message's code.
    package static func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var context = hmac_sha1_ctx()
        nettle_hmac_sha1_set_key(&context, key.count, key)
        nettle_hmac_sha1_update(&context, message.count, message)
        return [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            nettle_hmac_sha1_digest(&context, 20, buffer.baseAddress)
            count = 20
        }
    }
}
