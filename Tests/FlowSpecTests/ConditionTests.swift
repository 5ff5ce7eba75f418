import FlowSpec
import Testing

/// `if: !…`, which YAML takes for a tag.
@Suite struct ConditionTests {
    private func source(_ lines: String) throws -> String? {
        try workflow(oneNode(lines)).nodes[0].condition?.expression.source
    }

    @Test(
        "a condition that begins with '!' needs no quotes, in every form that YAML allows",
        arguments: [
            ("if: !cancelled()   # note", "!cancelled()"), ("if: ! failure()", "! failure()"),
            ("if:   !cancelled()", "!cancelled()"), ("if:\n  !cancelled()", "!cancelled()"),
            ("if : !cancelled()", "!cancelled()"), ("'if': !cancelled()", "!cancelled()"),
            ("\"if\": !cancelled()", "!cancelled()"), ("? if\n: !cancelled()", "!cancelled()"),
            ("if: '!cancelled()'", "!cancelled()"), ("if: \"!cancelled()\"", "!cancelled()"),
            ("if: |\n  !cancelled()", "!cancelled()\n"),
            ("if: >-\n  !cancelled()\n  && true", "!cancelled() && true"),
            ("if: !cancelled() && !failure()", "!cancelled() && !failure()"),
            ("if: !cancelled() || success()", "!cancelled() || success()"),
            ("if: !cancelled()\n  && success()", "!cancelled() && success()"),
            ("if: !contains(flow, 'a') && true", "!contains(flow, 'a') && true"),
            ("if: !(failure() || cancelled())", "!(failure() || cancelled())"),
            ("if: !!cancelled()", "!!cancelled()"), ("if: !flow == 'a'", "!flow == 'a'"),
            ("if: !flow >3", "!flow >3"), ("if: !flow < 3", "!flow < 3"),
            ("if: !('a' == 'é😀') && true", "!('a' == 'é😀') && true"),
        ])
    func forms(_ lines: String, _ expected: String) throws {
        #expect(try source(lines + "\nrun: x") == expected)
    }

    @Test("behind an anchor it is a tag, which is refused")
    func anchored() {
        #expect(
            mistakes(oneNode("run: x\nif: &x !cancelled()")) == [
                "5:9 YAML takes a value that begins with '!' for a tag; put the condition in quotes"
            ])
    }

    @Test("in a mapping on one line it ends where YAML ends it")
    func flowMapping() throws {
        let read = try workflow(
            "flow: 1\nnodes: {a: {if: !cancelled() && true, run: x}, b: {if: !failure(), run: y}}\n"
        )
        #expect(
            read.nodes.map { $0.condition?.expression.source } == [
                "!cancelled() && true", "!failure()",
            ])
    }

    @Test("a script and a comment that hold such a condition keep their text")
    func scripts() throws {
        let node = try workflow(
            oneNode(
                "# if: !a\nif: !cancelled() && true\nrun: |\n  if: !cancelled() && x\n  if: ~y\n"
                    + "name: 'if: !b'")
        ).nodes[0]
        guard case .script(let text, shell: .sh) = node.work else {
            Issue.record("\(node.work)")
            return
        }
        #expect(text == "if: !cancelled() && x\nif: ~y\n" && node.title == "if: !b")
        #expect(node.condition?.expression.source == "!cancelled() && true")
    }

    @Test(
        "places in it are right, whatever stands before it",
        arguments: [
            (
                "if: !canceled() && true",
                "4:10 the expression cannot be read: Unrecognized function: 'canceled'"
            ),
            ("if: !cancelled() && flow.nwo", "4:30 'flow' has no 'nwo'; did you mean 'now'?"),
            (
                "if: !cancelled()\n  && flow.nwo", "5:15 'flow' has no 'nwo'; did you mean 'now'?"
            ),
            ("if: '!params.x'", "4:18 there is no param 'x'"),
            ("name: é\nif: !params.x && true", "5:17 there is no param 'x'"),
        ])
    func places(_ lines: String, _ expected: String) {
        #expect(mistakes(oneNode(lines + "\nrun: x")) == [expected])
    }

    @Test("an object key 'if' elsewhere does not change its value")
    func elsewhere() throws {
        #expect(mistakes("flow: 1\nparams: {if: !x }\nnodes: {a: {run: x}}\n").count == 1)
    }
}
