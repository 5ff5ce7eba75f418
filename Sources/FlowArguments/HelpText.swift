/// The help of one command, 80 columns wide where words allow.
struct HelpText {
    private let configuration: CommandConfiguration
    private let slots: [Slot]
    private let path: String

    init(_ configuration: CommandConfiguration, _ slots: [Slot], path: String) {
        self.configuration = configuration
        self.slots = slots
        self.path = path
    }

    var text: String {
        var parts = [configuration.abstract, "usage: \(usage)"]
        if !configuration.discussion.isEmpty { parts.append(configuration.discussion) }
        if !configuration.subcommands.isEmpty {
            parts.append(
                table(
                    "commands:",
                    configuration.subcommands.map {
                        ($0.configuration.commandName, $0.configuration.abstract)
                    }))
            parts.append("'\(path) help COMMAND' says more about one.")
        }
        let arguments = slots.filter { $0.kind == .argument }
        if !arguments.isEmpty {
            parts.append(table("arguments:", arguments.map { ("<\($0.shownName)>", $0.fullHelp) }))
        }
        let named = slots.filter { $0.kind == .option || $0.kind == .flag }
        if !named.isEmpty {
            parts.append(table("options:", named.map { ($0.signature, $0.fullHelp) }))
        }
        if !configuration.examples.isEmpty {
            parts.append(table("examples:", configuration.examples.map { ($0.line, $0.meaning) }))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var usage: String {
        if !configuration.subcommands.isEmpty { return "\(path) COMMAND …" }
        var words = [path]
        for slot in slots where slot.kind == .argument {
            let name = "<\(slot.shownName)>" + (slot.isRepeated ? "…" : "")
            words.append(slot.isRequired ? name : "[\(name)]")
        }
        if slots.contains(where: { $0.kind != .argument }) { words.append("[options]") }
        return words.joined(separator: " ")
    }

    private func table(_ title: String, _ rows: [(String, String)]) -> String {
        let width = min(rows.map(\.0.count).max() ?? 0, 34)
        return rows.reduce(title) { text, row in
            let gap = String(repeating: " ", count: max(0, width - row.0.count))
            let indent = "\n" + String(repeating: " ", count: width + 4)
            return text + "\n  \(row.0)"
                + (row.0.count > width ? indent : gap + "  ")
                + wrapped(row.1, 76 - width).joined(separator: indent)
        }
    }

    private func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if last.count + 1 + word.count > max(width, 24) {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] = "\(last) \(word)"
            }
        }
        return lines
    }
}

extension Slot {
    fileprivate var signature: String {
        let names = names.sorted { $0.count < $1.count }.joined(separator: ", ")
        return kind == .flag ? names : "\(names) <\(shownName)>" + (isRepeated ? "…" : "")
    }

    fileprivate var fullHelp: String {
        values.isEmpty ? help : "\(help) (\(values.joined(separator: ", ")))"
    }
}
