import FlowSystem
import FlowTestSupport
import Testing

/// The table of modules in `docs/architecture.md`, and the picture above it.
struct Architecture {
    struct Module {
        let name: String
        let row: String
        let mayImport: Set<String>
    }

    let modules: [Module]
    /// Rows from the top, each with its modules, as drawn.
    let picture: [(row: String, modules: [String])]

    init() throws {
        let text = try Files.text(Path.join(BuiltPrograms.checkout, "docs/architecture.md"))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let head = try #require(lines.firstIndex(of: "| row | module | holds | may import |"))
        modules = try lines[(head + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.split(separator: "|").map { $0.trimmed }
            try #require(cells.count == 4, "\(line)")
            let imports = cells[3] == "–" ? [] : cells[3].split(separator: ",").map(\.trimmed)
            return Module(name: cells[1], row: cells[0], mayImport: Set(imports))
        }
        let start = try #require(lines.firstIndex { $0.hasPrefix("programs ") })
        picture = lines[start...].prefix { $0 != "```" }.map { line in
            let words = line.split(separator: " ").map(String.init)
            return (words[0], Array(words.dropFirst()))
        }
    }

    func module(_ name: String) -> Module? { modules.first { $0.name == name } }

    /// The place of a row, 0 at the top.
    func height(_ row: String) -> Int? { picture.firstIndex { $0.row == row } }
}

extension Substring {
    var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
