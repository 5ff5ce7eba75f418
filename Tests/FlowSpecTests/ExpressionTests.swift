import FlowJSON
import FlowSpec
import FlowTestSupport
import Testing

@Suite struct ExpressionTests {
    private let contexts: JSONObject = [
        "params": ["n": 3, "Name": "Ada", "list": [1, "two", [3]], "big": 9_007_199_254_740_993],
        "needs": [
            "mine": [
                "result": "success", "outputs": ["count": 2, "teams": [["id": 1], ["id": 2]]],
            ]
        ],
    ]

    private func result(_ source: String) -> String {
        ExpressionResult.evaluating(source, contexts: contexts).json.text()
    }

    @Test(
        "an expression gives its value with its kind",
        arguments: [
            ("", #"{"kind":"Null","value":null}"#),
            ("params.n", #"{"kind":"Number","value":3}"#),
            ("PARAMS.name", #"{"kind":"String","value":"Ada"}"#),
            ("params['n'] >= '0x3'", #"{"kind":"Boolean","value":true}"#),
            ("params.big", #"{"kind":"Number","value":9007199254740993}"#),
            ("needs.mine.outputs.teams.*.id", #"{"kind":"Array","value":[1,2]}"#),
            ("needs.mine.outputs.teams[1].ID", #"{"kind":"Number","value":2}"#),
            ("needs.other.outputs.x", #"{"kind":"Null","value":null}"#),
            ("params.list[params.list[0]]", #"{"kind":"String","value":"two"}"#),
            ("params == params", #"{"kind":"Boolean","value":true}"#),
            ("params.list == params['LIST']", #"{"kind":"Boolean","value":true}"#),
            ("fromJSON('[]') == fromJSON('[]')", #"{"kind":"Boolean","value":false}"#),
            ("'it''s '' ''' ", #"{"kind":"String","value":"it's ' '"}"#),
            (
                "format('{0:x}', 1)",
                #"{"error":{"kind":"evaluation","message":"The format "#
                    + #"specifiers 'x' are not valid for objects of type 'Number'"}}"#
            ),
            (
                "format('{256}', 1)",
                #"{"error":{"kind":"evaluation","message":"The following "#
                    + #"format string is invalid: {256}"}}"#
            ),
            (
                "toJSON(fromJSON('{\"a\":[0.1,1e-7]}'))",
                #"{"kind":"String","value":"{\n  \"a\": [\n    0.1,\n    1E-07\n  ]\n}"}"#
            ),
            ("case(true, 1, fromJSON(''), 2, 3)", #"{"kind":"Number","value":1}"#),
            ("startsWith('straße', 'STRAßE')", #"{"kind":"Boolean","value":true}"#),
        ])
    func values(_ source: String, _ expected: String) {
        #expect(result(source) == expected)
    }

    @Test(
        "a number becomes text with at most 15 digits, a whole number with all of its own",
        arguments: [
            ("0.1", "0.1"), ("1e-4", "0.0001"), ("0.00001", "1E-05"), ("1.5e300", "1.5E+300"),
            ("123456.789", "123456.789"), ("0.3333333333333333", "0.333333333333333"),
            ("1e15", "1000000000000000"), ("12345.6789012345678", "12345.6789012346"),
            ("-0.0", "0"), ("999999999999999.9", "1E+15"),
        ])
    func numbers(_ source: String, _ expected: String) {
        #expect(result("format('{0}', \(source))") == #"{"kind":"String","value":"\#(expected)"}"#)
    }

    @Test(
        "a text that is no expression is refused with GitHub's words",
        arguments: [
            (
                "1 +", "lexing",
                "Unexpected symbol: '+'. Located at position 3 within expression: 1 +"
            ),
            (
                "1 ==", "parsing",
                "Unexpected end of expression: '=='. Located at position 3 within expression: 1 =="
            ),
            (
                "(1, 2)", "parsing",
                "Unexpected symbol: ','. Located at position 3 within expression: (1, 2)"
            ),
            (
                "1)", "parsing",
                "Unexpected symbol: ')'. Located at position 2 within expression: 1)"
            ),
            (
                "params[", "parsing",
                "Unexpected end of expression: '['. Located at position 7 within expression: params["
            ),
            (
                "params[1)", "parsing",
                "Unexpected symbol: ')'. Located at position 9 within expression: params[1)"
            ),
            (
                "'a'[0]", "parsing",
                "Unexpected symbol: '['. Located at position 4 within expression: 'a'[0]"
            ),
            (
                "params.", "parsing",
                "Unexpected end of expression: '.'. Located at position 7 within expression: params."
            ),
            (
                "params[*", "parsing",
                "Unexpected end of expression: '*'. Located at position 8 within expression: params[*"
            ),
            (
                "toJSON()", "parsing",
                "Too few parameters supplied: 'toJSON'. Located at position 1 within expression: "
                    + "toJSON()"
            ),
            (
                "toJSON(1, 2)", "parsing",
                "Too many parameters supplied: 'toJSON'. Located at position 1 within expression: "
                    + "toJSON(1, 2)"
            ),
            (
                "'😀' == secrets", "parsing",
                "Unrecognized named-value: 'secrets'. Located at position 9 within expression: "
                    + "'😀' == secrets"
            ),
            (
                "success()", "parsing",
                "Unrecognized function: 'success'. Located at position 1 within expression: "
                    + "success()"
            ),
            (
                "fromJSON('[')", "evaluation",
                "Error parsing JSON when evaluating fromJson: line 1, column 2: the text ends where "
                    + "a value should be"
            ),
        ])
    func mistakes(_ source: String, _ kind: String, _ message: String) {
        let expected: JSON = ["error": ["kind": .string(kind), "message": .string(message)]]
        #expect(result(source) == expected.text())
    }

    @Test("status functions answer what the context says")
    func status() throws {
        let context = EvaluationContext(
            values: [:], status: .init(success: false, failure: true, cancelled: false))
        let value = { try Expression.parse($0).evaluate(in: context) }
        #expect(try value("SUCCESS()") == false)
        #expect(try value("failure() && always() && !cancelled()") == true)
    }

    @Test("references are named with their places, as far as they are known")
    func references() throws {
        let expression = try Expression.parse(
            "needs.mine.outputs['count'] > params[matrix.x] && !failure() || a.*.b")
        #expect(
            expression.references.map(\.name) == [
                "needs.mine.outputs.count", "params", "matrix.x", "a",
            ])
        #expect(expression.references[0].path.map(\.offset) == [0, 6, 11, 19])
        #expect(expression.references.map(\.isWhole) == [true, false, true, true])
        #expect(expression.functions.map(\.name) == ["failure"])
        #expect(expression.usesStatusFunction)
    }

    @Test("no expression, however short, makes a text without end")
    func bombs() throws {
        var expression = "'0123456789'"
        for _ in 0..<8 {
            expression = "format('{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}', \(expression))"
        }
        guard case .error(let error) = ExpressionResult.evaluating(expression, contexts: [:]) else {
            Issue.record("the expression was evaluated")
            return
        }
        #expect(error.message.hasPrefix("The maximum allowed memory size was exceeded while"))
    }

    @Test("brackets without end are an error or a value, never a crash")
    func depth() throws {
        let groups =
            String(repeating: "(", count: 9_000) + "1" + String(repeating: ")", count: 9_000)
        #expect(result(groups) == #"{"kind":"Number","value":1}"#)
        for piece in ["(", "!", "params[", "toJSON(", "1 == ", "params."] {
            let text = String(repeating: piece, count: 20_000 / piece.utf8.count)
            #expect(result(text).contains(#""kind":"parsing""#))
        }
        #expect(
            result(String(repeating: " ", count: 21_001)).contains("Exceeded max expression length")
        )
    }

    @Test("any text is a value or an error", arguments: [1, 2, 3] as [UInt64])
    func fuzz(seed: UInt64) {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "params", ".", "n", "[", "]", "(", ")", "*", "'", "1", "-", "!", "==", "&&", "||", "<",
            " ", ",", "format", "join", "toJSON", "case", "'{0}'", "😀", "list", "\"", "0x", "e",
        ]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 1...12, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            _ = result(text)
        }
    }
}
