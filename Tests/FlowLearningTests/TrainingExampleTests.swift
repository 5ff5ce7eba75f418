import FlowLearning
import Testing

@Suite("training examples")
struct TrainingExampleTests {
    @Test("only the moves of the state machine are allowed")
    func states() throws {
        let allowed: [ExampleState: Set<ExampleState>] = [
            .pending: [.reviewed, .approved, .rejected], .reviewed: [.approved, .rejected],
            .approved: [.usedInTraining, .rejected], .usedInTraining: [.approved, .rejected],
            .rejected: [.reviewed],
        ]
        for from in ExampleState.allCases {
            let example = Samples.example("A", state: from)
            for to in ExampleState.allCases {
                if to == from || allowed[from]?.contains(to) == true {
                    #expect(try example.moved(to: to).state == to)
                } else {
                    #expect(throws: LearningError.self) { try example.moved(to: to) }
                }
            }
        }
        let error = #expect(throws: LearningError.self) {
            try Samples.example("GR-1", state: .reviewed).moved(to: .usedInTraining)
        }
        #expect(
            error?.description == "cannot move GR-1 to 'used_in_training': it is 'reviewed', after"
                + " which only approved, rejected can come")
    }

    @Test(
        "a split is the hash of its key and nothing else",
        arguments: [
            // python3: int.from_bytes(sha256(key.encode()).digest()[:8]) % 100
            ("8f14e45f-ceea-867f-b0c4-9a1d3c5e7f02", DatasetSplit.test), ("", .train),
            ("a", .train), ("fingerprint 4", .val), ("fingerprint 7", .test),
        ])
    func split(_ key: String, _ side: DatasetSplit) {
        #expect(DatasetSplit(of: key) == side)
    }

    @Test("the sides of many keys are near 70, 15 and 15 percent")
    func shares() {
        let sides = (0..<4000).map { DatasetSplit(of: "key \($0)") }
        for (side, share) in [(DatasetSplit.train, 0.70), (.val, 0.15), (.test, 0.15)] {
            #expect(abs(Double(sides.count { $0 == side }) / 4000 - share) < 0.03)
        }
    }

    @Test(
        "a task is a slug of the kind's verb and the name",
        arguments: [
            ("guardrail", "KeyError in sale.order", "prevent_keyerror_in_sale_order"),
            ("fixer", "  Connection refused (port 5432)!", "fix_connection_refused_port_5432"),
            ("procedure", "Größe prüfen", "perform_größe_prüfen"),
            ("guardrail", "../../etc; $(rm)", "prevent_etc_rm"), ("fixer", "—", "fix"),
            ("fixer", "__a__b", "fix_a_b"),
            (
                "fixer", String(repeating: "ab ", count: 60),
                String(
                    ("fix" + String(repeating: "_ab", count: 60)).prefix(80))
            ),
        ])
    func task(_ kind: String, _ name: String, _ slug: String) {
        #expect(TaskSlug.make(kind: kind, name: name) == slug)
    }

    @Test("tags are kind, parts of the component and the type, each once")
    func tags() {
        #expect(
            TaskSlug.tags(
                kind: "guardrail", component: "odoo.addons.sale", errorType: "KeyError")
                == ["guardrail", "odoo", "sale", "keyerror"])
        #expect(TaskSlug.tags(kind: "fixer", component: "", errorType: nil) == ["fixer"])
    }
}
