import FlowJSON
@testable import FlowSpec
import Testing

@testable import FlowEngine

/// The file that `FLOW_OUTPUT` names.
@Suite struct OutputFileTests {
    static let declared = Parameter.Kind.allCases.map { kind in
        OutputDeclaration(name: kind.rawValue, kind: kind, description: nil)
    }

    /// The outputs as one JSON text, or why they cannot be taken.
    static func read(_ text: String) -> String {
        do throws(AttemptFiles.Mistake) {
            let values = try OutputFile.read(Array(text.utf8), declared)
            return JSON.object(JSONObject(values.map { ($0.name, $0.value) })).text()
        } catch {
            return error.description
        }
    }

    @Test(
        "lines are name=value or name<<END, and the values have the declared types",
        arguments: [
            ("", "{}"), ("\n \n\t\n", "{}"), ("a=1\n", #"{"a":"1"}"#), ("a=1", #"{"a":"1"}"#),
            ("a=", #"{"a":""}"#), ("a=b=c", #"{"a":"b=c"}"#), ("a= b ", #"{"a":" b "}"#),
            ("a=1\nb=2\na=3", #"{"b":"2","a":"3"}"#), ("a-b_C9=x", #"{"a-b_C9":"x"}"#),
            ("a=x<<y", #"{"a":"x<<y"}"#), ("a<<END\nx\ny\nEND\n", #"{"a":"x\ny"}"#),
            ("a<<END\nEND", #"{"a":""}"#), ("a<<END\n\nEND", #"{"a":""}"#),
            ("a<<END\nx\n\nEND", #"{"a":"x\n"}"#),
            ("a<<E\nb=2\n E\nEND\nE", #"{"a":"b=2\n E\nEND"}"#),
            ("a<<E=E\nx\nE=E", #"{"a":"x"}"#), ("a<<END\nx\nEND\nb=2", #"{"a":"x","b":"2"}"#),
            ("a=1\r\nb=2\r\n", #"{"a":"1\r","b":"2\r"}"#),
            ("a<<E\nx\r\ny\nE", #"{"a":"x\r\ny"}"#), ("a=\u{301}x", "{\"a\":\"\u{301}x\"}"),
            ("integer=5", #"{"integer":5}"#), ("integer= 5 ", #"{"integer":5}"#),
            ("number=2.5", #"{"number":2.5}"#), ("boolean=true", #"{"boolean":true}"#),
            ("duration=90", #"{"duration":90}"#), ("duration=7d", #"{"duration":604800}"#),
            ("array=[1,\"x\"]", #"{"array":[1,"x"]}"#), ("string=5", #"{"string":"5"}"#),
            ("object<<E\n{\"a\":\n1}\nE", #"{"object":{"a":1}}"#),
        ])
    func values(_ text: String, _ expected: String) {
        #expect(Self.read(text) == expected)
    }

    @Test(
        "what cannot be taken is named",
        arguments: [
            ("plain", "its output 'plain' is neither name=value nor name<<END"),
            ("=x", "'' is no name for an output"), ("a b=x", "'a b' is no name for an output"),
            ("\u{E9}=x", "'\u{E9}' is no name for an output"),
            ("\u{1B}[2J=x", "'\\x1b[2J' is no name for an output"),
            ("a<<END\nx", "its output 'a' has no line 'END'"),
            ("a<<\nx\n", "its output 'a' has no line ''"),
            ("<<E\nx\nE", "'' is no name for an output"),
            ("integer=x", "its output 'integer' should be of type integer, but is 'x'"),
            ("integer=1.5", "its output 'integer' should be of type integer, but is '1.5'"),
            ("boolean=yes", "its output 'boolean' should be of type boolean, but is 'yes'"),
            ("array={}", "its output 'array' should be of type array, but is '{}'"),
            ("object=", "its output 'object' should be of type object, but is ''"),
            ("duration=soon", "its output 'duration' should be of type duration, but is 'soon'"),
        ])
    func mistakes(_ text: String, _ expected: String) {
        #expect(Self.read(text) == expected)
    }

    @Test("bytes that are not UTF-8 are refused")
    func encoding() {
        #expect(throws: AttemptFiles.Mistake.self) { try OutputFile.read([0x61, 0x3D, 0xFF], []) }
    }
}
