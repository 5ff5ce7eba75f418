import FlowSpec
import FlowTestSupport
import Testing

/// Damaged files.
@Suite struct ReaderFuzzTests {
    @Test(
        "a damaged workflow is a workflow or a list of mistakes with places inside the file",
        arguments: [11, 12, 13] as [UInt64])
    func mutations(seed: UInt64) {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let original = Array(WorkflowReaderTests.sample.utf8)
        for _ in 0..<250 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&bytes, &generator) }
            check(bytes)
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let at = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, at + Int.random(in: 1...20, using: &generator))
        let pieces = [
            "${{", "}}", ": ", "- ", "\n", "\n  ", "\"", "'", "!", "&a ", "*a", "|", ">", "{", "[",
            "]", "}",
            "\t", "#", "needs: ", "\u{85}", "\u{FEFF}", "é", "😀", "<<: ", "null", "~", "\\", "$${{",
            "\0",
        ]
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes.removeSubrange(at..<end)
        case 1:
            bytes.insert(contentsOf: (pieces.randomElement(using: &generator) ?? "").utf8, at: at)
        case 2: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 3:
            bytes.insert(
                contentsOf: Array(bytes[at..<end]), at: Int.random(in: 0...at, using: &generator))
        default:
            bytes.replaceSubrange(
                at..<end, with: (pieces.randomElement(using: &generator) ?? "").utf8)
        }
        if bytes.isEmpty { bytes = [0x61] }
    }

    private func check(_ bytes: [UInt8]) {
        do throws(DiagnosticList) {
            _ = try Workflow.read(bytes, file: "w.yaml", actions: MemoryActions())
        } catch {
            let text = String(decoding: bytes, as: UTF8.self)
            let lines = Self.lines(of: text)
            #expect(!error.diagnostics.isEmpty)
            for diagnostic in error.diagnostics {
                let isInside =
                    lines.indices.contains(diagnostic.line - 1) && diagnostic.column >= 1
                    && diagnostic.length >= 1
                    && diagnostic.column <= lines[diagnostic.line - 1] + 1
                #expect(isInside, "\(diagnostic) in \(text)")
                _ = diagnostic.description
            }
        }
    }

    /// The lengths of the lines in Unicode scalars.
    private static func lines(of text: String) -> [Int] {
        var lengths = [0]
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if scalar == "\n", last == "\r" {
                // The line ended with the CR before.
            } else if scalar == "\n" || scalar == "\r" {
                lengths.append(0)
            } else {
                lengths[lengths.count - 1] += 1
            }
            last = scalar
        }
        return lengths
    }
}
