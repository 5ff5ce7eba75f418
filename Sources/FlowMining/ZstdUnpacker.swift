internal import CZstd

/// Unpacks zstd through libzstd, several frames one after the other like one.
final class ZstdUnpacker: Unpacker {
    private let stream: OpaquePointer?
    private var failure: Damage?
    private(set) var isWhole = true

    init() {
        stream = ZSTD_createDStream()
        if stream == nil { failure = Damage(reason: "libzstd cannot start") }
    }

    deinit { ZSTD_freeDStream(stream) }

    func unpack(_ packed: ArraySlice<UInt8>, room: Int) throws(Damage) -> (
        bytes: [UInt8], used: Int
    ) {
        if let failure { throw failure }
        // after the end of a frame, asking without input would begin the next one
        if isWhole, packed.isEmpty { return ([], 0) }
        var code = 0
        var used = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            packed.withUnsafeBufferPointer { input in
                var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
                var target = ZSTD_outBuffer(dst: buffer.baseAddress, size: room, pos: 0)
                code = ZSTD_decompressStream(stream, &target, &source)
                used = source.pos
                count = target.pos
            }
        }
        if ZSTD_isError(code) != 0 {
            let words = String(cString: ZSTD_getErrorName(code))
            failure = Damage(reason: "its zstd data is damaged (\(words))")
            if bytes.isEmpty, let failure { throw failure }
        } else {
            isWhole = code == 0
        }
        return (bytes, used)
    }
}
