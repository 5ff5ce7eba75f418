import FlowJSON
import FlowLearning
import FlowSystem

/// Dataset lines and texts that several tests use.
enum Samples {
    static func example(
        _ id: String, fingerprint: String? = nil, source: String = "skillsmith-production",
        template: String = "KeyError: '<str>' in <path>",
        examples: [String] = ["KeyError: 'partner_id' in sale/models/order.py"],
        hits: Int = 10, approvedAt: String? = "2026-11-18T09:00:00Z",
        timestamp: String = "2026-11-19T02:00:00Z", state: ExampleState = .approved
    ) -> TrainingExample {
        TrainingExample(
            id: id, source: source, kind: "guardrail", task: "prevent_keyerror_in_sale_order",
            input: .init(
                errorPattern: template, component: "odoo.addons.sale",
                context: "pre_execution_check"),
            output: ["action": "block", "message": "Prevented: KeyError in sale.order"],
            metrics: .init(hits7d: hits, hits30d: 25, impactScore: 14.5, confidence: 0.5),
            fingerprint: fingerprint ?? "f-\(id)", tags: ["guardrail", "odoo", "sale"],
            timestamp: Timestamp(timestamp), approvedAt: approvedAt.flatMap { Timestamp($0) },
            description: "KeyError in sale.order", examples: examples, state: state)
    }

    /// Four skills as a first review leaves them: a template and five raw messages each.
    static let skills: [(id: String, template: String, messages: [String])] = [
        (
            "GR-00000001", "KeyError: '<str>' in <path>",
            ["partner_id", "tax_ids", "uom_id", "journal_id", "company_id"].map {
                "KeyError: '\($0)' in /srv/app/sale/models/order.py"
            }
        ),
        (
            "FX-00000002", "connection to server at \"<host>\" failed: Connection refused",
            ["10.0.0.4", "db1", "db2.internal", "10.0.0.17", "replica"].map {
                "connection to server at \"\($0)\", port 5432 failed: Connection refused"
            }
        ),
        (
            "GR-00000003", "ValueError: invalid literal for int() with base 10: '<str>'",
            ["12a", "n/a", "1,5", "--", "zwölf"].map {
                "ValueError: invalid literal for int() with base 10: '\($0)'"
            }
        ),
        (
            "FX-00000004", "fatal: unable to access '<url>': Could not resolve host: <host>",
            ["git.example.org", "code.lan", "forge", "mirror.example.com", "git2"].map {
                "fatal: unable to access 'https://\($0)/a.git/': Could not resolve host: \($0)"
            }
        ),
    ]

    static var skillSet: TrainingSet {
        get throws {
            let lines = skills.map {
                example($0.id, template: $0.template, examples: $0.messages)
            }
            return TrainingSet(DatasetFile().upserting(lines).0)
        }
    }

    /// `perLabel` texts for each of `labels` labels: words of the label's own among words of all.
    static func generated(labels: Int, perLabel: Int, seed: UInt64) -> [(
        text: String, label: String
    )] {
        var generator = Numbers(state: seed)
        return (0..<labels).flatMap { label in
            (0..<perLabel).map { _ in
                let own = (0..<2).map { _ in "own\(label)x\(generator.next(4))" }
                let common = (0..<5).map { _ in "word\(generator.next(30))" }
                return ((own + common).joined(separator: " "), "label\(label)")
            }
        }
    }

    private struct Numbers {
        var state: UInt64

        /// Knuth's linear congruential generator (MMIX), the high bits.
        mutating func next(_ below: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % below
        }
    }
}
