internal import CZlib

/// Unpacks gzip through zlib, several members one after the other like one.
///
/// What follows the last member and begins none is left out, as gzip does; files on tapes and block
/// devices are padded so.
final class GzipUnpacker: Unpacker {
    /// zlib keeps a pointer to it, so it may not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var failure: Damage?
    private(set) var isWhole = true
    /// Whether a member came before.
    private var hasMember = false
    private var hasPadding = false

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for "gzip and nothing else"
        let code = inflateInit2_(
            stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if code != Z_OK { failure = Damage(reason: "zlib cannot start (\(code))") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func unpack(_ packed: ArraySlice<UInt8>, room: Int) throws(Damage) -> (
        bytes: [UInt8], used: Int
    ) {
        if let failure { throw failure }
        if hasPadding || (isWhole && packed.isEmpty) { return ([], packed.count) }
        if isWhole, hasMember, packed.first != 0x1F {
            hasPadding = true
            return ([], packed.count)
        }
        var code = Z_OK
        var used = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            packed.withUnsafeBufferPointer { input in
                // zlib only reads here; its type of the pointer says otherwise
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(room)
                code = inflate(stream, Z_NO_FLUSH)
                used = input.count - Int(stream.pointee.avail_in)
                count = room - Int(stream.pointee.avail_out)
                stream.pointee.next_in = nil
                stream.pointee.next_out = nil
            }
        }
        try settle(code, hasBytes: !bytes.isEmpty || used > 0)
        return (bytes, used)
    }

    private func settle(_ code: Int32, hasBytes: Bool) throws(Damage) {
        switch code {
        case Z_STREAM_END:
            isWhole = true
            hasMember = true
            inflateReset(stream)
        case Z_OK, Z_BUF_ERROR: if hasBytes { isWhole = false }
        default:
            let words = stream.pointee.msg.map { String(cString: $0) } ?? "zlib says \(code)"
            failure = Damage(reason: "its gzip data is damaged (\(words))")
            // what was unpacked before is still good
            if !hasBytes, let failure { throw failure }
        }
    }
}
