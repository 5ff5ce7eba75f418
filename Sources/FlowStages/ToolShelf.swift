internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// How the steps of procedures are done here: by `tools` of `flow.yaml`, by the scripts that shells were
/// given, by programs.
struct ToolShelf {
    private let tools: [String: RepositorySettings.Tool]
    /// `PATH`, as the steps see it.
    private let path: String
    private let workspace: String

    /// What does one step.
    enum Way {
        case tool(RepositorySettings.Tool)
        /// A script of the procedure itself, and the shell that it is for.
        case script(String, shell: String)
        case program(String)
    }

    init(_ settings: RepositorySettings, path: String, workspace: String) {
        tools = settings.tools
        self.path = path
        self.workspace = workspace
    }

    /// The shells that procedures name, and what runs their scripts here.
    private static let shells = ["shell": "sh", "sh": "sh", "bash": "bash"]
    /// Empty: the arguments are no object, but the script itself.
    private static let scripts = ["command", "cmd", ""]

    /// - Parameter literals: the arguments that are always the same: only they can be a script.
    func way(of tool: String, literals: JSONObject) -> Way? {
        if let known = tools[tool] { return .tool(known) }
        if let shell = Self.shells[tool.lowercased()] {
            return Self.scripts.lazy.compactMap { literals[$0]?.stringValue }.first
                .map { .script($0, shell: shell) }
        }
        // A name with a slash would be any file.
        guard !tool.contains("/"), let program = Command.find(tool, path: path) else { return nil }
        return .program(program)
    }

    /// Why nothing does a step, and how to mend that; nil: something does.
    func complaint(_ tool: String, literals: JSONObject) -> String? {
        let name = VisibleText.safe(tool)
        if let way = way(of: tool, literals: literals) {
            if case .script(_, let shell) = way, Command.find(shell, path: path) == nil {
                return "\(name): \(shell) is no program in PATH"
            }
            // One below the repository may be what an earlier step makes.
            guard case .tool(let tool) = way, case .command(let words) = tool.work,
                let program = words.first, Command.find(program, path: path) == nil
            else { return nil }
            return "\(name): tools of flow.yaml starts \(VisibleText.safe(program)), which is no "
                + "program in PATH; one of the repository is written with a slash, as ./bin/deploy"
        }
        let entry = "tools: {\(YAMLKey.text(tool)): {run: …}}"
        guard Self.shells[tool.lowercased()] != nil else {
            return "\(name): neither an entry of tools in flow.yaml nor a program in PATH; add "
                + entry
        }
        return "\(name): its script differs from run to run, and no script is made of data; if "
            + "callers may give it, add \(entry)"
    }

    /// Variables of flow's own environment that it sees.
    func environment(of tool: String) -> [String] { tools[tool]?.environment ?? [] }

    /// What a `Way` starts.
    func command(_ way: Way) -> (program: String, arguments: [String]) {
        switch way {
        case .tool(let tool):
            switch tool.work {
            case .script(let text): found(["sh", "-euc", text])
            case .command(let words): found(words)
            }
        case .script(let text, let shell): found([shell, "-c", text])
        case .program(let program): (program, [program])
        }
    }

    private func found(_ words: [String]) -> (program: String, arguments: [String]) {
        let name = words[0]
        let program = name.contains("/") ? Path.join(workspace, name) : name
        return (Command.find(program, path: path) ?? program, words)
    }
}

/// A key of a mapping on one line of YAML, for messages.
private enum YAMLKey {
    static func text(_ key: String) -> String {
        let isPlain = key.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
        return isPlain ? key : JSON.string(VisibleText.safe(key)).text()
    }
}
