import FlowSystem
import FlowTestSupport

/// Banking77 (PolyAI, CC BY 4.0), where the shared data is there.
enum Banking77 {
    static let isThere = SharedData.path("intents/banking77_train.csv") != nil
    static let train = read("intents/banking77_train.csv")
    static let test = read("intents/banking77_test.csv")

    /// The rows of a CSV file of text and label, without its head.
    private static func read(_ name: String) -> [(text: String, label: String)] {
        guard let path = SharedData.path(name), let bytes = try? Files.read(path) else { return [] }
        var rows: [[String]] = []
        var row: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        for (place, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\""):
                // A doubled quote closes and opens again: it stands for one.
                if !isQuoted, place > 0, bytes[place - 1] == byte { field.append(byte) }
                isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                row.append(String(decoding: field, as: UTF8.self))
                field = []
            case UInt8(ascii: "\n") where !isQuoted:
                row.append(String(decoding: field, as: UTF8.self))
                rows.append(row)
                (row, field) = ([], [])
            case UInt8(ascii: "\r") where !isQuoted: break
            default: field.append(byte)
            }
        }
        return rows.dropFirst().filter { $0.count == 2 }.map { ($0[0], $0[1]) }
    }
}
