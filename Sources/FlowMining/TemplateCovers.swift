/// Templates with variables, asked which others they cover: those of as many words that have the same
/// word, or anything where the variable is.
///
/// A tree of words. A question follows at each word the branch of that word and those of variables, so
/// it costs about the length of the template where few begin alike in several such ways; at worst it
/// visits each node once.
struct TemplateCovers {
    private struct Branch: Hashable {
        let node: Int32
        let word: Int32
    }

    private static let variables = ["<*>", "<str>"]

    /// Words of the templates by number, variables first.
    private var numbers: [Substring: Int32] = [:]
    /// The first node of templates of a length.
    private var roots: [Int: Int32] = [:]
    private var branches: [Branch: Int32] = [:]
    private var nodes: Int32 = 0

    /// - Parameter templates: the words of each; those without a variable cover no other.
    init(_ templates: some Sequence<[Substring]>) {
        for word in Self.variables { numbers[word[...]] = Int32(numbers.count) }
        for words in templates where words.contains(where: { Self.variables.contains(String($0)) })
        {
            add(words)
        }
    }

    private mutating func add(_ words: [Substring]) {
        var node = roots[words.count] ?? newNode()
        roots[words.count] = node
        for word in words {
            let number = numbers[word] ?? Int32(numbers.count)
            numbers[word] = number
            let branch = Branch(node: node, word: number)
            node = branches[branch] ?? newNode()
            branches[branch] = node
        }
    }

    private mutating func newNode() -> Int32 {
        nodes += 1
        return nodes
    }

    /// Whether a template other than the one with these words covers it.
    func isCovered(_ words: [Substring]) -> Bool {
        guard let root = roots[words.count] else { return false }
        let numbers = words.map { self.numbers[$0] ?? -1 }
        var open = [(node: root, depth: 0, isOther: false)]
        while let (node, depth, isOther) = open.popLast() {
            if depth == numbers.count {
                if isOther { return true }
                continue
            }
            let own = numbers[depth]
            for word in own == 0 || own == 1 ? [0, 1] : [own, 0, 1] {
                if let next = branches[Branch(node: node, word: word)] {
                    open.append((next, depth + 1, isOther || word != own))
                }
            }
        }
        return false
    }
}
