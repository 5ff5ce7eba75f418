import FlowSpec
import Testing

/// Uses of contexts where they cannot exist.
@Suite struct ContextTests {
    private static func file(_ lines: String) -> String {
        """
        flow: 1
        params: {min_hits: {type: integer, default: 3}}
        env: {SHARED: 1}
        nodes:
          mine: {uses: skills/mine, with: {source: x}}
          free: {run: x}
          typed: {run: x, outputs: {n: {type: integer}, text: }}
          other: {run: x, needs: mine}
          a:
            needs: [mine, free, typed]
        """ + "\n" + lines.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    @Test(
        "what an expression cannot see is reported at its column",
        arguments: [
            (
                "if: needs.other.result",
                "11:15 'other' is not among the needs of 'a', so it may not have run; "
                    + "add it to 'needs'"
            ),
            ("if: needs.mne.result", "11:15 there is no node 'mne'; did you mean 'mine'?"),
            ("if: needs.a.result", "11:15 a node cannot read itself through 'needs'"),
            (
                "if: needs.mine.ouputs",
                "11:20 a node has 'result' and 'outputs', not 'ouputs'; did you mean 'outputs'?"
            ),
            (
                "if: needs.mine.outputs.cont > 1",
                "11:28 'cont' is an output that no action declares: 'mine' has "
                    + "count, candidates; did you mean 'count'?"
            ),
            (
                "if: needs.typed.outputs.m",
                "11:29 'm' is an output that no action declares: 'typed' has n, text"
            ),
            (
                "if: params.min_hit > 1",
                "11:16 there is no param 'min_hit'; did you mean 'min_hits'?"
            ),
            (
                "if: matrix.x",
                "11:9 'matrix' is not available in 'if', where there are only params, needs, env, flow"
            ),
            ("if: parms.x", "11:9 there is no context 'parms'; did you mean 'params'?"),
            (
                "if: github.ref == 'x'",
                "11:9 there is no context 'github'; flow's own facts are in 'flow'"
            ),
            ("if: secrets.TOKEN", "11:9 'secrets' can be read in a node's 'env' only, not in 'if'"),
            (
                "if: flow.runid",
                "11:14 'flow' has no 'runid'; did you mean 'run-id'?"
            ),
            ("env: {A: \"x ${{ success() }}\"}", "11:21 success() can stand in 'if' only"),
            (
                "env: {A: '${{ matrix.x }}'}",
                "11:19 'matrix' needs a strategy with a matrix, which this node has not"
            ),
            (
                "env: {A: '${{ secrets.x }}'}",
                "11:27 'x' is not among the secrets of 'a'; add it to the node's 'secrets'"
            ),
            (
                "strategy: {matrix: {x: [1]}}\nenv: {A: '${{ matrix.y }}'}",
                "12:26 this node's matrix has no 'y'"
            ),
            (
                "strategy: {matrix: {x: ['${{ matrix.x }}']}}",
                "11:34 'matrix' is not available in 'strategy', "
                    + "where there are only params, needs, env, flow"
            ),
            ("if: env.OWN == 'x'\nenv: {OWN: 1}", "11:13 'env' here has no 'OWN'"),
            ("env: {OWN: 1, A: '${{ env.OWN }}'}", "11:31 'env' here has no 'OWN'"),
            (
                "env: {A: '${{ strategy.job-index }}'}",
                "11:19 'strategy' needs a strategy with a matrix, which this node has not"
            ),
            ("env: {A: \"${{ }}\"}", "11:15 an expression is missing here"),
            ("env: {A: \"${{ 'x }}\"}", "11:15 the expression has no closing }}"),
            ("env:\n  A: >-\n    one\n    two ${{ params.x }}", "14:24 there is no param 'x'"),
            ("env:\n  A: |\n    one\n\n      two ${{ params.x }}", "14:26 there is no param 'x'"),
            ("env:\n  A: 'it''s ${{ params.x }}'", "12:28 there is no param 'x'"),
            ("env:\n  A: \"\\t\\u0041 ${{ params.x }}\"", "12:31 there is no param 'x'"),
            ("env:\n  A: one\n    two ${{ params.x }}", "13:24 there is no param 'x'"),
            ("env:\n  A: \"one \\\n      two ${{ params.x }}\"", "13:26 there is no param 'x'"),
            ("env: {A: \"😀 ${{ params.x }}\"}", "11:28 there is no param 'x'"),
        ])
    func unavailable(_ lines: String, _ expected: String) {
        let found = mistakes(Self.file(lines + "\nrun: x"))
        #expect(found == [expected])
    }

    @Test(
        "what an expression can see is not reported",
        arguments: [
            "if: needs.MINE.Outputs.COUNT > params.MIN_HITS && success()",
            "if: needs.free.outputs.anything == 'x'",
            "if: contains(needs.*.result, 'failure')",
            "if: env.SHARED == '1'\nenv: {A: '${{ env.shared }}'}",
            "env: {OWN: 1}\nworking-directory: '${{ env.OWN }}${{ env.SHARED }}'",
            "if: toJSON(needs) != toJSON(params)",
            "if: needs['mine'].outputs[params.min_hits]",
            "strategy: {matrix: {x: [1], include: [{x: 1, y: 2}]}}\nenv: {A: '${{ matrix.y }}${{ strategy }}'}",
            "strategy: {matrix: {include: '${{ needs.mine.outputs.candidates }}'}}\nenv: {A: '${{ matrix.z }}'}",
            "continue-on-error: ${{ needs.mine.result == 'failure' }}",
            "working-directory: x/${{ params.min_hits }}",
        ])
    func available(_ lines: String) {
        #expect(mistakes(Self.file(lines + "\nrun: x")) == [])
    }

    @Test("the workflow's env and outputs see what exists then")
    func workflow() {
        let text = """
            flow: 1
            env: {A: "${{ flow.run-id }}", B: "${{ needs.a.result }}"}
            nodes: {a: {run: x}}
            outputs: {r: "${{ needs.a.result }}", m: "${{ matrix.x }}", s: "${{ needs.b.result }}"}
            """
        #expect(
            mistakes(text) == [
                "2:40 'needs' is not available in the workflow's 'env', where there are only "
                    + "params, flow",
                "4:47 'matrix' is not available in 'outputs', where there are only params, needs, flow",
                "4:75 there is no node 'b'",
            ])
    }

    @Test("no expression reads a variable that is made of a secret")
    func secretVariable() {
        let text = """
            flow: 1
            secrets: [TOKEN]
            nodes:
              a: {secrets: [TOKEN], env: {A: "x${{ secrets.TOKEN }}"}, run: [echo, "${{ env.A }}"]}
            """
        #expect(
            mistakes(text) == [
                "4:81 'env.A' is made of a secret, which no expression reads; only the command sees "
                    + "it, as $A"
            ])
    }
}
