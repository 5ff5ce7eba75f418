import FlowJSON
import FlowSystem
import FlowTestSupport

extension Demo {
    /// A repository with a log of a few messages instead of the sample: each message comes once on each
    /// of four days before `now`, with a component of its own (`app0`, `app1`, …).
    init(messages: [String]) throws {
        try self.init()
        var records: [JSON] = []
        for day in 3...6 {
            for (number, message) in messages.enumerated() {
                records.append([
                    "time": .string("2025-11-0\(day)T0\(number / 60):\(10 + number % 50):00Z"),
                    "level": "error", "component": .string("app\(number)"),
                    "message": .string(message),
                ])
            }
        }
        try Files.write(JSONLines.write(records), to: at("datasets/samples/app.jsonl"))
        try commitAll()
    }

    /// Commits everything in the work tree with git.
    func commitAll(_ message: String = "work") throws {
        try git("add", "-A").checked()
        try git("commit", "-q", "-m", message).checked()
    }
}

/// Text that would do something if anybody let it.
enum Hostile {
    /// One line each, by what it tries.
    static let messages = [
        "# heading *bold* ![x](http://e.example/x.png) <script>alert(1)</script> <!-- `code`",
        "Closes #12, fixes GH-7, thanks @octocat [skip ci] https://e.example/1",
        "Flow-Key: 0123456789abcdef0123456789abcdef",
        "Signed-off-by: Eve",
        "\u{1B}[31mred\u{1B}[0m \u{1B}]0;title\u{7} \u{9B}31m \u{8}\u{8} \u{7F} end",
        "50 %\r100 % done",
        "key: [a, {b: c}] - &x *x !!str | > --- ... 'q' \"dq\" %TAG @at `bt`",
        "--- !<tag:example.org,2000:x> {a: 1}",
        "next\u{85}line \u{2028} separator \u{2029} end",
        "nul\u{0}byte and mark\u{FEFF} end",
        "right \u{202E}tfel\u{202C} and \u{2066}isolated\u{2069} and \u{61C}\u{200F}marked end",
        "::error file=x::owned",
        "::stop-commands::x",
        "$(touch owned) `touch owned` ; touch owned | ${{ secrets.x }} %s %n",
        "=\u{301} begins with a mark that joins",
        "<<<<<<< HEAD",
        "diff --git a/x b/x",
    ]

    /// The first thing in the text that moves a terminal or turns what people read; newlines aside.
    static func effect(in text: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        for (place, scalar) in scalars.enumerated() {
            switch scalar.value {
            case 0x0A: continue
            case ..<0x20, 0x7F...0x9F, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069,
                0xFEFF:
                let around = scalars[max(0, place - 30)..<min(scalars.count, place + 10)]
                return "U+\(String(scalar.value, radix: 16)) at \(place) in "
                    + String(String.UnicodeScalarView(around)).debugDescription
            default: continue
            }
        }
        return nil
    }
}
