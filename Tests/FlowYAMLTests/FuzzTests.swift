import FlowJSON
import FlowTestSupport
import FlowYAML
import Testing

@Suite("YAML from anywhere")
struct FuzzTests {
    private static let pieces = [
        "a", "b: ", "- ", "\n", "\n  ", "\n    ", "\r\n", "? ", ": ", "&x ", "*x", "<<: ", "!t ",
        "!!int ", "[", "]", "{", "}", ", ", "| ", "|+", ">-", "\"", "'", "\\", "#", " # c", "---",
        "...", "%YAML 1.1\n", "\t", "é", "😀", "\u{85}", "\u{2028}", "\u{FEFF}", "12", "~", "@",
    ]

    @Test(
        "any text gives a value or an error with a place in it; an edit gives one or none",
        arguments: [51, 52] as [UInt64])
    func texts(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for number in 0..<2_000 {
            let text = (0..<Int.random(in: 0...14, using: &generator))
                .map { _ in Self.pieces.randomElement(using: &generator) ?? "" }.joined()
            var bytes = Array(text.utf8)
            if number % 10 == 0, !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8(number & 0xFF)
            }
            do {
                let document = try YAMLDocument.read(bytes)
                for path: [YAMLStep] in [["a"], [0], ["b"], ["b", 0], ["a", "b"], [0, "b"]] {
                    // Each edit checks itself; here it must neither fail otherwise nor crash.
                    _ = try? document.setting(path, to: ["x": "one\ntwo"])
                    _ = try? document.setting(path, to: "one\ntwo: 3")
                    _ = try? document.appending(["k": 1], to: path, keepingLast: 1)
                    _ = try? document.removing(path)
                }
            } catch {
                let isInside = (0...bytes.count).contains(error.mark.offset)
                #expect(isInside && error.mark.line > 0 && error.mark.column > 0, "seed \(seed)")
                #expect(!error.message.contains("while "), "\(text.debugDescription): \(error)")
            }
        }
    }
}
