internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// A line by which a step of GitHub Actions asks something of its runner
/// (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).
struct WorkflowCommand {
    let name: String
    var properties: [(name: String, value: String)] = []
    var data = ""

    /// With its newline, and with the escapes that the runner takes back.
    var line: String {
        let pairs = properties.map { "\($0.name)=\(Self.escaped($0.value, isProperty: true))" }
        let head = pairs.isEmpty ? name : "\(name) " + pairs.joined(separator: ",")
        return "::\(head)::\(Self.escaped(data, isProperty: false))\n"
    }

    private static func escaped(_ text: String, isProperty: Bool) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            case ":" where isProperty: result += "%3A"
            case "," where isProperty: result += "%2C"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}

extension WorkflowCommand {
    /// Something that people see beside a line of a file.
    init(
        _ severity: Diagnostic.Severity, file: String, line: Int, column: Int? = nil,
        title: String? = nil, _ message: String
    ) {
        name = severity.rawValue
        properties = [("file", file), ("line", String(line))]
        if let column { properties.append(("col", String(column))) }
        if let title { properties.append(("title", VisibleText.safe(title))) }
        data = VisibleText.safe(message)
    }

    /// - Parameter root: of the repository that the file may be named from.
    init(_ mistake: Diagnostic, root: String) {
        self.init(
            mistake.severity, file: CheckedOutFile.path(mistake.file, root: root),
            line: mistake.line, column: mistake.column, mistake.message)
    }
}

/// Mistakes as people see them beside the lines of a file.
enum DiagnosticAnnotations {
    static func write(_ mistakes: [Diagnostic], to device: TerminalDevice) {
        let root = (try? Session())?.workspace.root ?? ""
        for mistake in mistakes { device.write(WorkflowCommand(mistake, root: root).line) }
    }

    /// Under GitHub Actions, and to standard error, since standard output may be data.
    static func note(_ mistakes: [Diagnostic]) {
        if Environment.isGitHubActions { write(mistakes, to: .error) }
    }
}

/// Files as annotations name them.
enum CheckedOutFile {
    /// The path from where the job has checked the repository out; as it is, where it is elsewhere.
    /// - Parameters:
    ///   - file: from the working folder or the root.
    ///   - root: of the repository.
    static func path(_ file: String, root: String) -> String {
        let base = Environment["GITHUB_WORKSPACE"] ?? root
        let places = [file, Path.join(root, file)].compactMap { try? Files.real($0) }
        guard let top = try? Files.real(base), let place = places.first,
            place.hasPrefix(top + "/")
        else { return file }
        return String(place.dropFirst(top.count + 1))
    }
}

/// What others wrote, kept from being commands to the runner: it stands between `::stop-commands::` and
/// a token that is made when the fence is, so that nobody could have written it before.
struct OutputFence {
    private let token = (0..<16).map { _ in UInt8.random(in: 0...255) }.hex
    private let device: TerminalDevice

    /// Begins at the start of a line.
    init(_ device: TerminalDevice) {
        self.device = device
        device.write(WorkflowCommand(name: "stop-commands", data: token).line)
    }

    /// Ends at the start of a line.
    func end() { device.write(WorkflowCommand(name: token).line) }
}
