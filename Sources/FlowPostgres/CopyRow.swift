/// One row as `COPY … TO STDOUT` writes it (PostgreSQL, "COPY", text format): fields divided by tabs,
/// `\N` for null, a backslash before what would be taken for something else.
enum CopyRow {
    static func fields(_ row: UnsafeBufferPointer<UInt8>) -> [String?] {
        var bytes = row[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return bytes.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            .map(field)
    }

    private static func field(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        let backslash = UInt8(ascii: "\\")
        guard bytes.contains(backslash) else { return String(decoding: bytes, as: UTF8.self) }
        if bytes.elementsEqual([backslash, UInt8(ascii: "N")]) { return nil }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == backslash, let next = rest.popFirst() else {
                plain.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "b"): plain.append(8)
            case UInt8(ascii: "f"): plain.append(12)
            case UInt8(ascii: "n"): plain.append(10)
            case UInt8(ascii: "r"): plain.append(13)
            case UInt8(ascii: "t"): plain.append(9)
            case UInt8(ascii: "v"): plain.append(11)
            default: plain.append(next)
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
