import FlowEngine
import Testing

/// What a cache says of a miss, in words for people.
@Suite struct CacheMissTests {
    @Test(
        "nothing is said to have changed that has not",
        arguments: [
            (["no earlier result"], "there is no earlier result that could stand for it"),
            (["its earlier result is no longer kept"], "its earlier result is no longer kept"),
            (["env.MODE"], "no earlier result stands for it: env.MODE changed"),
            (
                ["env.MODE", "inputs: a.c (added)", "with.n"],
                "no earlier result stands for it: env.MODE changed, inputs: a.c was added, "
                    + "with.n changed"
            ),
            (
                ["outputs: out/x (its kept content is missing or damaged)"],
                "its earlier result cannot be restored: out/x (its kept content is missing or "
                    + "damaged)"
            ),
            (
                ["inputs: src/link (leads out of the repository)"],
                "no result can stand for it: inputs: src/link (leads out of the repository)"
            ),
            (
                ["inputs: f (1) (removed)"],
                "no earlier result stands for it: inputs: f (1) was removed"
            ),
        ])
    func words(_ reasons: [String], _ words: String) {
        #expect(CacheMiss(reasons).words == words)
    }
}
