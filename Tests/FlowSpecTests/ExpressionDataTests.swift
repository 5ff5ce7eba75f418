import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Testing

/// The cases that GitHub's own implementations are held to.
@Suite struct ExpressionDataTests {
    struct Case: CustomTestStringConvertible {
        let file: String
        let json: JSON
        var testDescription: String { "\(file): \(json["expr"]?.stringValue ?? "")" }
    }

    static let cases: [Case] = {
        guard let folder = SharedData.path("expressions"), let names = try? Files.list(folder)
        else {
            return []
        }
        return names.filter { $0.hasSuffix(".json") }.flatMap { name -> [Case] in
            guard let text = try? Files.text(Path.join(folder, name)),
                let groups = try? JSON.read(text).objectValue
            else { return [] }
            return groups.values.flatMap { $0.arrayValue ?? [] }.map { Case(file: name, json: $0) }
        }
    }()

    @Test(
        "every case of GitHub's test data gives its value or its error",
        .enabled(
            if: SharedData.path("expressions") != nil,
            "the expression cases are not beside this checkout"))
    func data() throws {
        #expect(Self.cases.count > 400)
        for test in Self.cases { try check(test) }
    }

    private func check(_ test: Case) throws {
        let source = try #require(test.json["expr"]?.stringValue)
        let contexts = test.json["contexts"]?.objectValue ?? [:]
        let result = ExpressionResult.evaluating(source, contexts: contexts)
        if let error = test.json["err"] {
            guard case .error(let found) = result else {
                Issue.record("\(test.testDescription) gives \(result.json.text())")
                return
            }
            #expect(found.kind.rawValue == error["kind"]?.stringValue, "\(test.testDescription)")
            // Some cases give the beginning of the text only.
            let message = try #require(error["value"]?.stringValue)
            #expect(found.message.hasPrefix(message), "\(test.testDescription)")
        } else {
            let expected = try #require(test.json["result"])
            #expect(result.json["kind"] == expected["kind"], "\(test.testDescription)")
            #expect(
                result.json["value"]?.canonical == expected["value"]?.canonical,
                "\(test.testDescription)")
        }
    }
}
