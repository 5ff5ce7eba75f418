import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowEngine
@testable import FlowSpec

/// What a result depends on, and what is said of a change.
@Suite struct CacheRecipeTests {
    /// An attempt with a value in every field.
    struct Draft {
        var program = Attempt.Program.script("cc a.c", shell: .sh)
        var input: JSON = .null
        var environment: [(name: String, value: String)] = [("MODE", "fast"), ("OPT", "2")]
        var passed: [(name: String, value: String)] = [("TOKEN", "t")]
        var folder = "sub"
        var outputs = [OutputDeclaration(name: "n", kind: .integer, description: nil)]
        var query = CacheQuery(inputs: ["src/**"], outputs: ["out/*"], key: ["v": 1])
        var node = "build"
        var leg = "a"
        var stages = "1.0"

        var recipe: CacheRecipe {
            CacheRecipe(
                Attempt(
                    leg: LegID(node: 0, leg: 0), nodeID: node, legKey: leg, isMatrix: true,
                    number: 1, program: program, input: input, environment: environment,
                    folder: folder, envPass: passed.map(\.name), usesSecrets: false, cache: query,
                    timeout: nil, grace: .seconds(1), outputs: outputs, now: Timestamp(seconds: 0)),
                query, passed: passed, stages: stages)
        }

        func with(_ change: @Sendable (inout Draft) -> Void) -> Draft {
            var other = self
            change(&other)
            return other
        }
    }

    private static let hash = KeyedHash(key: Array("key".utf8))

    private static func changes(_ one: CacheRecipe, _ other: CacheRecipe) -> [String] {
        let fields = CacheFields(one, hash)
        return CacheFields(other, hash).changes(since: CacheFields(bytes: fields.bytes))
    }

    private typealias Change = @Sendable (inout Draft) -> Void

    private static let table: [(names: [String], change: Change)] = [
        (["run"], { $0.program = .script("cc b.c", shell: .sh) }),
        (["shell"], { $0.program = .script("cc a.c", shell: .bash) }),
        (["run", "shell"], { $0.program = .arguments(["cc", "a.c"]) }),
        (["action", "run", "shell"], { $0.program = .stage("skills/mine") }),
        (["with.limit"], { $0.input = ["limit": 3] }),
        (["env.MODE"], { $0.environment[0].value = "slow" }),
        (["env.NEW"], { $0.environment.append(("NEW", "")) }),
        (["env.OPT"], { $0.environment.removeLast() }),
        (["env-pass.TOKEN"], { $0.passed[0].value = "u" }),
        (["env-pass.TOKEN"], { $0.passed = [] }),
        (["working-directory"], { $0.folder = "" }),
        (["outputs"], { $0.outputs = [] }),
        (
            ["outputs"],
            { $0.outputs = [OutputDeclaration(name: "n", kind: .string, description: nil)] }
        ),
        (
            ["cache.outputs"],
            { $0.query = CacheQuery(inputs: [], outputs: ["out/**"], key: ["v": 1]) }
        ),
        (["key"], { $0.query = CacheQuery(inputs: [], outputs: ["out/*"], key: ["v": 2]) }),
        (["key"], { $0.query = CacheQuery(inputs: [], outputs: ["out/*"], key: .null) }),
        (["leg"], { $0.leg = "b" }), (["node"], { $0.node = "other" }),
    ]

    @Test("each field counts, and a change is named by the field that differs")
    func fields() {
        for (names, change) in Self.table {
            let one = Draft()
            let other = one.with(change)
            #expect(one.recipe != other.recipe)
            #expect(Self.changes(one.recipe, other.recipe) == names)
        }
    }

    @Test("the order of variables and inputs does not count, nor what the attempt does not use")
    func order() {
        let one = Draft().with { $0.input = ["a": 1, "b": ["c": 2, "d": 3]] }
        let other = one.with {
            $0.input = ["b": ["d": 3, "c": 2], "a": 1]
            $0.environment.reverse()
        }
        #expect(one.recipe == other.recipe)
        #expect(one.recipe == one.with { $0.stages = "2.0" }.recipe)
    }

    @Test("a stage's result depends on the version of the stages")
    func stages() {
        let one = Draft().with { $0.program = .stage("skills/mine") }
        let other = one.with { $0.stages = "2.0" }
        #expect(Self.changes(one.recipe, other.recipe) == ["action"])
    }

    @Test("what one field holds never passes for another field")
    func ambiguity() {
        let one = Draft().with { $0.environment = [("A", "1env.B2"), ("B", "")] }
        let other = Draft().with { $0.environment = [("A", "1"), ("B", "2env.B")] }
        #expect(one.recipe != other.recipe)
        #expect(
            Draft().with { $0.program = .arguments(["a", "b c"]) }.recipe
                != Draft().with { $0.program = .arguments(["a", "b", "c"]) }.recipe)
    }

    @Test("files are named with what happened to them; of many, the first and a count")
    func files() {
        var one = Draft().recipe
        var other = one
        for name in ["a.c", "b.c"] { one.add(file: name, of: "inputs", [1]) }
        other.add(file: "b.c", of: "inputs", [2])
        other.add(file: "c d.c", of: "inputs", [1])
        #expect(
            Self.changes(one, other) == [
                "inputs: a.c (removed)", "inputs: b.c (changed)", "inputs: c d.c (added)",
            ])
        let many = (0..<50).map { "inputs: \($0)" }
        #expect(CacheFields.shortened(many) == many.prefix(20) + ["30 more"])
        #expect(CacheFields.shortened(Array(many.prefix(20))) == Array(many.prefix(20)))
    }

    @Test("the digests of fields say nothing to whoever has not got the key")
    func keyed() {
        let other = KeyedHash(key: Array("other".utf8))
        let recipe = Draft().recipe
        #expect(CacheFields(recipe, Self.hash) != CacheFields(recipe, other))
        // RFC 4231, test case 2.
        #expect(
            KeyedHash(key: Array("Jefe".utf8)).digest("what do ya want for nothing?".utf8).hex
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }
}
