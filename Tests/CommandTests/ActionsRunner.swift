import FlowJSON
import FlowSystem
import FlowTestSupport

/// What the runner of GitHub Actions makes of what a step prints, by the rules of its `ActionCommand`
/// and `ActionCommandManager` (<https://github.com/actions/runner>).
struct RunnerOutput {
    struct Command: Equatable, CustomStringConvertible {
        let name: String
        var properties: [String: String] = [:]
        var data = ""

        var description: String { "\(name) \(properties) \(data.debugDescription)" }
    }

    /// What it does, in order; the fences are left out.
    private(set) var commands: [Command] = []
    /// What it shows as text, in order.
    private(set) var lines: [String] = []
    /// The tokens of the fences.
    private(set) var tokens: [String] = []
    /// Whether a fence stands open at the end.
    var isStopped: Bool { token != nil }
    private var token: String?

    private static let known: Set = [
        "set-env", "set-output", "save-state", "add-mask", "add-path", "add-matcher",
        "remove-matcher", "echo", "debug", "warning", "error", "notice", "group", "endgroup",
        "stop-commands", "internal-set-repo-path",
    ]

    init(_ text: String) {
        // The lines of .NET: LF, CR, or both.
        for line in text.unicodeScalars.split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r" })
        {
            take(String(String.UnicodeScalarView(line)))
        }
    }

    private mutating func take(_ line: String) {
        var names = Self.known
        if let token { names.insert(token) }
        guard let command = Self.second(line, names) ?? Self.first(line, names) else {
            return lines.append(line)
        }
        if let token {
            // The runner compares them without their case.
            if command.name.lowercased() == token.lowercased() {
                self.token = nil
            } else {
                lines.append(line)
            }
        } else if command.name == "stop-commands" {
            token = command.data
            tokens.append(command.data)
        } else {
            commands.append(command)
        }
    }

    /// `::name key=value,…::data` at the start of a line.
    private static func second(_ line: String, _ names: Set<String>) -> Command? {
        let scalars = line.unicodeScalars.drop { $0.properties.isWhitespace }
        let trimmed = String(String.UnicodeScalarView(scalars))
        guard trimmed.hasPrefix("::"), let end = trimmed.dropFirst(2).firstRange(of: "::") else {
            return nil
        }
        let head = trimmed[..<end.lowerBound].dropFirst(2)
        return command(
            head, data: trimmed[end.upperBound...], names, separator: ",",
            property: ["%3A": ":", "%2C": ","])
    }

    /// `##[name key=value;…]data` anywhere in a line.
    private static func first(_ line: String, _ names: Set<String>) -> Command? {
        guard let start = line.firstRange(of: "##["),
            let end = line[start.upperBound...].firstIndex(of: "]")
        else { return nil }
        return command(
            line[start.upperBound..<end], data: line[line.index(after: end)...], names,
            separator: ";", property: ["%3B": ";", "%5D": "]"])
    }

    private static func command(
        _ head: Substring, data: Substring, _ names: Set<String>, separator: Character,
        property: [String: String]
    ) -> Command? {
        let parts = head.split(separator: " ", maxSplits: 1)
        guard let name = parts.first.map(String.init), names.contains(name) else { return nil }
        let common = ["%0D": "\r", "%0A": "\n"]
        var command = Command(name: name, data: unescaped(String(data), common))
        for pair in parts.dropFirst().first?.split(separator: separator) ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            if sides.count == 2 {
                command.properties[sides[0]] = unescaped(
                    sides[1], common.merging(property) { one, _ in one })
            }
        }
        return command
    }

    private static func unescaped(_ text: String, _ pairs: [String: String]) -> String {
        var text = text
        for (escape, plain) in pairs {
            text = text.split(separator: escape, omittingEmptySubsequences: false)
                .joined(separator: plain)
        }
        return text.split(separator: "%25", omittingEmptySubsequences: false).joined(separator: "%")
    }
}

/// A step of GitHub Actions: the files that the runner gives it, and variables that are none of the
/// nodes' business.
struct ActionsStep {
    private let folder: TemporaryFolder
    let environment: [String: String]

    /// - Parameter workspace: where the job has checked the repository out.
    init(workspace: String, event: String = "schedule") throws {
        folder = try TemporaryFolder()
        for name in ["output", "summary", "env", "path", "state"] { try folder.write(name, "") }
        environment = [
            "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_EVENT_NAME": event,
            "GITHUB_WORKSPACE": workspace, "GITHUB_OUTPUT": folder.at("output"),
            "GITHUB_STEP_SUMMARY": folder.at("summary"), "GITHUB_ENV": folder.at("env"),
            "GITHUB_PATH": folder.at("path"), "GITHUB_STATE": folder.at("state"),
            "GITHUB_TOKEN": "ghs_tokenOfTheJob0123", "ACTIONS_RUNTIME_TOKEN": "runtimeToken0123",
            "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.example",
        ]
    }

    func flow(in place: String, _ more: [String: String] = [:]) -> TestProgram {
        Demo.flow(in: place, environment: environment.merging(more) { _, own in own })
    }

    /// A file of the step by its name: `summary`.
    func text(_ name: String) throws -> String { try Files.text(folder.at(name)) }

    func write(_ name: String, _ text: String) throws { try folder.write(name, text) }

    /// The step's outputs, as the runner reads the file.
    func outputs() throws -> [String: String] {
        var outputs: [String: String] = [:]
        var lines = try text("output").split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.isEmpty { continue }
            let sign = line.firstIndex(of: "=")
            let mark = line.firstRange(of: "<<")
            if let mark, sign.map({ mark.lowerBound < $0 }) ?? true {
                let value = lines.prefix { $0 != line[mark.upperBound...] }
                lines = lines.dropFirst(value.count + 1)
                outputs[String(line[..<mark.lowerBound])] = value.joined(separator: "\n")
            } else if let sign {
                outputs[String(line[..<sign])] = String(line[line.index(after: sign)...])
            }
        }
        return outputs
    }
}
