/// A command of a program: its options are properties with the wrappers of this module, its effect is
/// `run`. The shape is that of swift-argument-parser, so that it can take this module's place.
package protocol ParsableCommand: SendableMetatype {
    init()
    static var configuration: CommandConfiguration { get }
    /// - Returns: the exit code.
    mutating func run() throws -> Int32
}

/// What help says about a command.
package struct CommandConfiguration: Sendable {
    package let commandName: String
    /// One line.
    package let abstract: String
    package let discussion: String
    /// Lines to be typed, each with what it does.
    package let examples: [(line: String, meaning: String)]
    package let subcommands: [any ParsableCommand.Type]
    /// The one that is meant where none is named.
    package let defaultSubcommand: (any ParsableCommand.Type)?
    /// The words are handed to `run` as they are, through `@Rest`.
    package let isPassedThrough: Bool

    package init(
        commandName: String, abstract: String, discussion: String = "",
        examples: [(line: String, meaning: String)] = [],
        subcommands: [any ParsableCommand.Type] = [],
        defaultSubcommand: (any ParsableCommand.Type)? = nil, isPassedThrough: Bool = false
    ) {
        self.commandName = commandName
        self.abstract = abstract
        self.discussion = discussion
        self.examples = examples
        self.subcommands = subcommands
        self.defaultSubcommand = defaultSubcommand
        self.isPassedThrough = isPassedThrough
    }
}

/// A command line that cannot be understood.
package struct UsageError: Error, Hashable, CustomStringConvertible {
    package let message: String
    /// The command it was for: `flow run`.
    package let command: String

    package init(_ message: String, command: String = "") {
        self.message = message
        self.command = command
    }

    package var description: String {
        command.isEmpty ? message : "\(message)\nsee '\(command) --help'"
    }
}

/// A value that can be read from one word of the command line.
package protocol ExpressibleByArgument {
    init?(argument: String)
    /// The words that are allowed, where they are few.
    static var allValues: [String] { get }
}

extension ExpressibleByArgument {
    package static var allValues: [String] { [] }
}

extension String: ExpressibleByArgument {
    package init?(argument: String) { self = argument }
}

extension Int: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension Double: ExpressibleByArgument {
    /// A finite number.
    package init?(argument: String) {
        guard let value = Double(argument), value.isFinite else { return nil }
        self = value
    }
}

extension ExpressibleByArgument where Self: RawRepresentable & CaseIterable, RawValue == String {
    package init?(argument: String) { self.init(rawValue: argument) }
    package static var allValues: [String] { allCases.map(\.rawValue) }
}
