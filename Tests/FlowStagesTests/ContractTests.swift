import FlowJSON
import FlowStages
import FlowSystem
import FlowTestSupport
import Testing

/// A stage's side of the node contract.
@Suite struct ContractTests {
    @Test("every stage has a manifest, which its contract is read by", arguments: Stages.references)
    func manifests(_ reference: String) throws {
        let bench = try StageBench()
        do {
            _ = try StageContext(reference, environment: bench.environment([:])) { _ in }
        } catch let error as StageError {
            // Required inputs are missing; the manifest is there.
            #expect(error.description.contains("is required"), "\(error)")
        }
    }

    @Test("a stage that does not exist is refused with those that do")
    func unknown() throws {
        let message = try StageBench().refusal("skills/none")
        #expect(message.contains("there is no stage 'skills/none'"))
        #expect(message.contains("skills/mine"))
    }

    @Test("a stage that nobody started by the contract says how it is started")
    func bare() {
        #expect {
            try Stages.run("git/fetch", environment: [:]) { _ in }
        } throws: { "\($0)".contains("uses: git/fetch") }
    }

    static let wrong: [(input: JSON, names: [String])] = [
        (["source": "x", "min-hits": "many"], ["min-hits"]),
        (["source": [3], "top": 0], ["source", "top"]), (["source": "x", "tpo": 1], ["tpo"]),
        ([:], ["source"]),
    ]

    @Test("inputs are checked against the manifest, all mistakes at once", arguments: wrong)
    func inputs(_ input: JSON, _ names: [String]) throws {
        let message = try StageBench().refusal("skills/mine", input)
        for name in names { #expect(message.contains("'\(name)'"), "\(message)") }
    }

    @Test("outputs are lines of JSON, and texts stand between marks that are not in them")
    func outputs() throws {
        let bench = try StageBench()
        let environment = try bench.environment([:])
        let context = try StageContext("git/fetch", environment: environment) { _ in }
        let hostile = "a=b\nEND\nEND_0123456789abcdef\nname<<END\r"
        context.output("list", ["\n", 1])
        context.output("text", .string(hostile))
        context.output("twice", 1)
        context.output("twice", 2)
        try context.finish()
        let text = try Files.text(bench.at("output"))
        let mark = "END_" + String(SHA256.hex(hostile.utf8).prefix(16))
        #expect(text == "list=[\"\\n\",1]\ntext<<\(mark)\n\(hostile)\n\(mark)\ntwice=2\n")
    }
}
