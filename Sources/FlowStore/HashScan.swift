/// Finds the names of values in the text of events: 64 hexadecimal digits between quotation marks.
/// It takes whatever looks like one, so that an event of a later kind keeps its values too.
enum HashScan {
    private static let length = 64

    static func hashes(in text: String, _ found: (String) -> Void) {
        var copy = text
        copy.withUTF8 { bytes in
            var start = 0
            for (place, byte) in bytes.enumerated() where byte == UInt8(ascii: "\"") {
                let word = bytes[start..<place]
                if word.count == length, word.allSatisfy(isDigit) {
                    found(String(decoding: word, as: UTF8.self))
                }
                start = place + 1
            }
        }
    }

    static func isHash(_ name: String) -> Bool {
        name.utf8.count == length && name.utf8.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}
