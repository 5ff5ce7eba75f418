/// Text of one JSON value a line (JSONL, <https://jsonlines.org>).
package enum JSONLines {
    /// A line that could not be read.
    package struct LineError: Error, CustomStringConvertible {
        /// From 1.
        package let line: Int
        package let error: JSONError
        package var description: String {
            "line \(line), column \(error.column): \(error.message)"
        }
    }

    /// The value of each line that is not blank.
    /// - Throws: `LineError` for the first line that is not JSON; lines before it are lost.
    package static func read(_ bytes: [UInt8]) throws(LineError) -> [JSON] {
        var values: [JSON] = []
        for (number, line) in lines(of: bytes) {
            do throws(JSONError) {
                values.append(try JSON.read(Array(line)))
            } catch {
                throw LineError(line: number, error: error)
            }
        }
        return values
    }

    /// The lines that are not blank, with their numbers from 1, without their ends.
    package static func lines(of bytes: [UInt8]) -> [(number: Int, bytes: ArraySlice<UInt8>)] {
        var result: [(number: Int, bytes: ArraySlice<UInt8>)] = []
        var number = 0
        var start = 0
        while start < bytes.count {
            number += 1
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            var line = bytes[start..<end]
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { result.append((number, line)) }
            start = end + 1
        }
        return result
    }

    /// One line a value, each with a newline.
    package static func write(_ values: some Sequence<JSON>, _ style: JSON.Style = .compact)
        -> [UInt8]
    {
        var bytes: [UInt8] = []
        for value in values {
            bytes += value.bytes(style)
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}
