internal import FlowText

/// Turns words into a command, by the wrappers of its properties.
package enum CommandParser {
    /// What a command line asks for.
    package enum Request {
        case run(any ParsableCommand)
        /// The text of the help, for standard output.
        case help(String)
    }

    /// Reads the words after the program's name.
    /// - Throws: `UsageError` that names what is wrong and the nearest right name.
    package static func parse(_ root: any ParsableCommand.Type, _ words: [String])
        throws(UsageError) -> Request
    {
        try parse(root, words[...], path: root.configuration.commandName)
    }

    private static func parse(
        _ type: any ParsableCommand.Type, _ words: ArraySlice<String>, path: String
    ) throws(UsageError) -> Request {
        let configuration = type.configuration
        if !configuration.subcommands.isEmpty {
            return try parseGroup(configuration, words, path: path)
        }
        let command = type.init()
        let slots = slots(of: command)
        if configuration.isPassedThrough {
            for word in words { _ = slots.first?.take(word) }
            return .run(command)
        }
        if words.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
            return .help(HelpText(configuration, slots, path: path).text)
        }
        var filler = Filler(slots: slots, path: path)
        try filler.fill(words)
        return .run(command)
    }

    private static func parseGroup(
        _ configuration: CommandConfiguration, _ words: ArraySlice<String>, path: String
    ) throws(UsageError) -> Request {
        let name = words.first ?? ""
        let isHelp = name == "--help" || name == "-h"
        if let chosen = configuration.defaultSubcommand, !isHelp,
            name.isEmpty || name.hasPrefix("-") || isArgument(name, of: chosen, configuration)
        {
            return try parse(chosen, words, path: "\(path) \(chosen.configuration.commandName)")
        }
        guard !name.isEmpty, !isHelp else {
            return .help(HelpText(configuration, [], path: path).text)
        }
        if name == "help" {
            return try parse(
                words.dropFirst().first.map { [$0, "--help"] } ?? [], configuration, path)
        }
        return try parse(Array(words), configuration, path)
    }

    /// Whether a word that is no subcommand's name, nor nearly one, can be what the default one takes.
    private static func isArgument(
        _ word: String, of command: any ParsableCommand.Type, _ group: CommandConfiguration
    ) -> Bool {
        word != "help"
            && Nearest.hint(word, among: group.subcommands.map { $0.configuration.commandName })
                .isEmpty
            && slots(of: command.init()).contains { $0.kind == .argument }
    }

    private static func parse(
        _ words: [String], _ configuration: CommandConfiguration, _ path: String
    ) throws(UsageError) -> Request {
        guard let name = words.first else {
            return .help(HelpText(configuration, [], path: path).text)
        }
        let commands = configuration.subcommands
        guard let command = commands.first(where: { $0.configuration.commandName == name }) else {
            let names = commands.map { $0.configuration.commandName }
            throw UsageError(
                "there is no command '\(name)'" + Nearest.hint(name, among: names), command: path)
        }
        return try parse(command, words.dropFirst(), path: "\(path) \(name)")
    }

    static func slots(of command: Any) -> [Slot] {
        Mirror(reflecting: command).children.flatMap { child -> [Slot] in
            if let group = (child.value as? any Grouping)?.group { return slots(of: group) }
            guard let slot = (child.value as? any Slotted)?.slot else { return [] }
            slot.label = dashed(child.label?.drop { $0 == "_" } ?? "")
            if slot.names.isEmpty, slot.kind != .argument { slot.names = ["--" + slot.label] }
            return [slot]
        }
    }

    private static func dashed(_ label: Substring) -> String {
        label.reduce(into: "") { text, letter in
            text += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
        }
    }
}

/// Fills the slots of one command.
private struct Filler {
    let slots: [Slot]
    let path: String
    var words: ArraySlice<String> = []

    init(slots: [Slot], path: String) {
        self.slots = slots
        self.path = path
    }

    mutating func fill(_ all: ArraySlice<String>) throws(UsageError) {
        words = all
        var places = slots.filter { $0.kind == .argument }[...]
        var onlyArguments = false
        while let word = words.popFirst() {
            if word == "--", !onlyArguments {
                onlyArguments = true
            } else if word.hasPrefix("-"), word.count > 1, !onlyArguments {
                try named(word)
            } else {
                guard let slot = places.first else { throw error("unexpected word '\(word)'") }
                try put(word, into: slot)
                if !slot.isRepeated { places.removeFirst() }
            }
        }
        if let missing = slots.first(where: { $0.isRequired && !$0.isGiven }) {
            throw error("missing <\(missing.shownName)>: \(missing.help)")
        }
    }

    private mutating func named(_ word: String) throws(UsageError) {
        let sign = word.hasPrefix("--") ? word.firstIndex(of: "=") : nil
        let name = sign.map { String(word[..<$0]) } ?? word
        var attached = sign.map { String(word[word.index(after: $0)...]) }
        var slot = slots.first { $0.names.contains(name) }
        if slot == nil, !word.hasPrefix("--"), word.count > 2 {
            slot = slots.first { $0.kind == .option && $0.names.contains(String(word.prefix(2))) }
            attached = String(word.dropFirst(2))
        }
        guard let slot else {
            throw error(
                "there is no option '\(name)'" + Nearest.hint(name, among: slots.flatMap(\.names)))
        }
        if slot.kind == .flag {
            guard attached == nil else { throw error("\(name) takes no value") }
            return try put(name, into: slot)
        }
        guard let value = attached ?? words.popFirst() else {
            throw error("\(name) needs a value <\(slot.shownName)>")
        }
        try put(value, into: slot)
    }

    private func put(_ word: String, into slot: Slot) throws(UsageError) {
        guard slot.take(word) else {
            let allowed =
                slot.values.isEmpty ? "" : "; it can be " + slot.values.joined(separator: ", ")
            throw error("'\(word)' is no <\(slot.shownName)>\(allowed)")
        }
        slot.isGiven = true
    }

    private func error(_ message: String) -> UsageError { UsageError(message, command: path) }
}

extension Slot {
    var shownName: String { valueName.isEmpty ? label : valueName }
}
