import FlowJSON
import FlowSystem
import FlowTestSupport

/// A repository with skills whose errors before and after are made up, day by day.
struct JudgedDemo {
    let demo: Demo
    /// Of every skill.
    static let deployed = "2025-10-10T09:00:00Z"
    private static let day = 20_371

    /// What a skill is, and how many errors it had so many days after its deployment.
    struct Made {
        let id: String
        let name: String
        var status = "approved"
        var kind = "guardrail"
        /// Records of its component a day that are no errors.
        var records = 0
        /// nil: nothing was read.
        let hits: (Int) -> Int?
    }

    init(_ skills: [Made], through last: Int) throws {
        demo = try Demo()
        var lines: [JSON] = []
        for (number, made) in skills.enumerated() {
            try demo.write("skills/\(made.id)_made.yaml", Self.document(made, number))
            for day in -45...last {
                guard let hits = made.hits(day) else { continue }
                let date = Timestamp(day: Self.day + day).date
                lines.append([
                    "type": "component", "component": .string("app.\(number)"),
                    "day": .string(date), "records": .integer(made.records + hits),
                    "errors": .integer(hits), "untouched": 0,
                ])
                lines.append([
                    "type": "evidence", "skill": .string(made.id), "day": .string(date),
                    "hits": .integer(hits),
                ])
            }
        }
        try Files.makeFolder(demo.at("skills/ledger"))
        try Files.write(JSONLines.write(lines), to: demo.at("skills/ledger/2025-09.jsonl"))
        try demo.commitAll()
    }

    /// The time when so many days after that of the deployment have passed.
    static func now(_ days: Int) -> String { Timestamp(day: day + days + 1).rfc3339 }

    private static func document(_ made: Made, _ number: Int) -> String {
        """
        id: \(made.id)
        name: \(JSON.string(made.name).text())
        kind: \(made.kind)
        status: \(made.status)
        match:
          component: app.\(number)
          fingerprint: 00000000-0000-8000-8000-00000000000\(number)
          template: "KeyError: '<str>'"
          message_regex: "^KeyError: '[^']*'$"
        action: \(made.kind == "fixer" ? "{type: autopatch, script: fix.py, dry_run: true, safe_mode: true}" : "{type: block, message: no}")
        metadata:
          confidence: 0.5
          deployed_at: \(deployed)
          generated_at: 2025-10-08T09:00:00Z
        """ + "\n"
    }
}
