internal import FlowJSON
internal import FlowSpec

/// Everything that a result depends on, as named fields: `run`, `with.limit`, `env.MODE`,
/// `inputs: src/a.c`.
///
/// The fields are kept as bytes, because ten thousand of these are made and hashed in a run in which
/// nothing is to be done.
package struct CacheRecipe: Sendable, Hashable {
    /// One field after the other: the lengths of its name and of its value, four bytes each, the
    /// lowest first, and both.
    package private(set) var bytes: [UInt8] = []

    /// What separates the kind of a file's field from its path.
    static let separator = ": "

    package init() {}

    /// Adds a field whose name is `name` after `kind`.
    package mutating func add(_ kind: String, _ name: String = "", _ value: some Collection<UInt8>)
    {
        write(kind.utf8.count + name.utf8.count)
        write(value.count)
        bytes.append(contentsOf: kind.utf8)
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: value)
    }

    /// Adds a field for a file: `inputs: src/a.c`.
    /// - Parameter content: what stands for the file's kind, mode and content.
    package mutating func add(file path: String, of kind: String, _ content: [UInt8]) {
        add(kind + Self.separator, path, content)
    }

    private mutating func write(_ count: Int) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).littleEndian) {
            bytes.append(contentsOf: $0)
        }
    }

    /// Calls `body` with each field, in order.
    func forEach(_ body: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Void) {
        var place = 0
        func count(at place: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
        while place < bytes.count {
            let name = place + 8
            let value = name + count(at: place)
            let end = value + count(at: place + 4)
            body(bytes[name..<value], bytes[value..<end])
            place = end
        }
    }
}

extension CacheRecipe {
    /// All but the content of files: of the inputs, and of a local action's folder.
    ///
    /// The node and the leg count, because the command sees their names.
    /// - Parameters:
    ///   - passed: the variables that `env-pass` hands over, sorted.
    ///   - stages: what tells this version of the stages from others.
    package init(
        _ attempt: Attempt, _ query: CacheQuery, passed: [(name: String, value: String)],
        stages: String
    ) {
        bytes.reserveCapacity(512)
        add("node", attempt.nodeID.utf8)
        add("leg", attempt.legKey.utf8)
        add(attempt.program, stages: stages)
        if case .object(let members) = attempt.input {
            for (name, value) in members.sorted.members {
                add("with.", name, value.canonical.utf8)
            }
        } else if !attempt.input.isNull {
            add("with", attempt.input.canonical.utf8)
        }
        for variable in attempt.environment.sorted(by: { $0.name < $1.name }) {
            add("env.", variable.name, variable.value.utf8)
        }
        for (name, value) in passed { add("env-pass.", name, value.utf8) }
        if !attempt.folder.isEmpty { add("working-directory", attempt.folder.utf8) }
        if !attempt.outputs.isEmpty {
            let declared = attempt.outputs.map { "\($0.name)\u{0}\($0.kind.rawValue)" }.sorted()
            add("outputs", declared.joined(separator: "\u{0}").utf8)
        }
        if !query.outputs.isEmpty {
            add("cache.outputs", query.outputs.joined(separator: "\u{0}").utf8)
        }
        if !query.key.isNull { add("key", query.key.canonical.utf8) }
    }

    private mutating func add(_ name: String, _ value: String.UTF8View) { add(name, "", value) }

    private mutating func add(_ program: Attempt.Program, stages: String) {
        switch program {
        case .script(let text, let shell):
            add("run", text.utf8)
            add("shell", shell.words.joined(separator: "\u{0}").utf8)
        case .arguments(let words):
            // Unlike any script, and unlike other words that are the same put together.
            add("run", words.map { $0 + "\u{0}" }.joined().utf8)
        case .stage(let reference): add("action", (reference + "\u{0}" + stages).utf8)
        case .action(let folder, let command):
            add("action", ([folder] + command).joined(separator: "\u{0}").utf8)
        }
    }
}

extension Shell {
    /// What tells it from other shells.
    fileprivate var words: [String] {
        switch self {
        case .sh: ["sh"]
        case .bash: ["bash"]
        case .python: ["python"]
        case .program(let words): ["program"] + words
        }
    }
}
