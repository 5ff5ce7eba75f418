/// What steps and parameters are called in a workflow, where names have letters, digits, `_` and `-`, no
/// digit first, and no two differ in case only.
struct WorkflowNames {
    /// By step.
    let nodes: [String]
    /// By step: the param that says whether it is done; used of optional steps only.
    let switches: [String]
    private let nodesByID: [String: String]
    private let params: [String: String]

    init(_ procedure: Procedure) {
        var taken: Set<String> = []
        nodes = procedure.steps.map { Self.free($0.id, &taken) }
        nodesByID = Dictionary(zip(procedure.steps.map(\.id), nodes)) { first, _ in first }
        taken = []
        var params: [String: String] = [:]
        for parameter in procedure.parameters {
            params[parameter.name] = Self.free(parameter.name, &taken)
        }
        self.params = params
        switches = nodes.map { Self.free("with_" + $0, &taken) }
    }

    func node(_ id: String) -> String { nodesByID[id] ?? id }
    func param(_ name: String) -> String { params[name] ?? name }

    static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !isDigit(first), first != UInt8(ascii: "-") else {
            return false
        }
        return text.utf8.allSatisfy(isPart)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isPart(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    /// The name, made one if it is none, with a number where it is taken.
    private static func free(_ wish: String, _ taken: inout Set<String>) -> String {
        var base = String(
            decoding: wish.utf8.map { isPart($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        if !isName(base) { base = "_" + base }
        var name = base
        var number = 2
        while !taken.insert(name.lowercased()).inserted {
            name = "\(base)_\(number)"
            number += 1
        }
        return name
    }
}
