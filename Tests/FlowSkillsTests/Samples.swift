import FlowJSON
import FlowSkills
import FlowSystem

/// Values that several tests start from.
enum Samples {
    static let fingerprint = "8f14e45f-ceea-867f-b0c4-9a1d3c5e7f02"
    static let now = time("2025-11-07T12:00:00Z")

    static func time(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(seconds: 0) }

    static func day(_ text: String) -> Int { time(text + "T00:00:00Z").day }

    static func evidence(
        fingerprint: String = fingerprint, component: String = "odoo.addons.sale",
        type: String = "KeyError", template: String = "KeyError: '<str>' in <path>",
        regex: String = "^KeyError: '[^']*' in \\S+$", hits7d: Int = 10, hits30d: Int = 25,
        examples: [String] = ["KeyError: 'partner_id' in sale/models/order.py"]
    ) -> SignatureEvidence {
        SignatureEvidence(
            fingerprint: fingerprint, component: component, type: type, template: template,
            messageRegex: regex, hits7d: hits7d, hits30d: hits30d,
            firstSeen: time("2025-11-01T08:12:44Z"), lastSeen: time("2025-11-07T11:58:02Z"),
            examples: examples, trend: Trend(.stable, expected7d: 5.83))
    }

    static func draft(_ evidence: SignatureEvidence = evidence()) -> SkillDraft {
        SkillDraft.drafts([evidence], owners: ["platform"], generatedAt: now)[0]
    }

    /// A distinct fingerprint for each number.
    static func fingerprint(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        let tail = String(repeating: "0", count: 12 - digits.count) + digits
        return "00000000-0000-8000-8000-\(tail)"
    }

    /// Texts that someone could write into a log to make its readers do something.
    static let hostile: [String] = [
        "# heading\n\n- [ ] task\n![image](http://x/y.png) @octocat Closes #12",
        "subject\n\nSigned-off-by: Mallory <m@example.org>\nFlow-Key: stolen",
        "\u{1B}[31mred\u{1B}]0;title\u{07}\u{9B}2J",
        "a: b\n- c: [d, {e: f}]\n--- \n... \n*alias &anchor !tag |\n  > %TAG \"'",
        "next\u{85}line\u{2028}line\u{2029}para\u{FEFF}bom\u{FFFE}none",
        "nul\u{0}byte \u{7F} \u{1}",
        " leading and trailing ", "\ttab\tonly\t", "\r\ncarriage\r", "", "~", "null", "true", "1e3",
        "0x1F", "2025-11-07", "'single' \"double\" \\back\\slash \\n", "e\u{301}\u{E9} \u{1F600}",
        "${{ secrets.TOKEN }}", "::set-output name=x::y", "# comment", "x # comment", "key: value",
        "trailing newline\n", "\n\nleading newlines", "|\n  block", "? complex", "<<: *merge",
        "[skip ci] GH-12 https://github.com/a/b/issues/1",
    ]
}

extension Samples {
    /// A procedure of two steps with a parameter and data flow, as JSON.
    static let release: JSON = [
        "name": "checkout-to-publish", "description": "checkout, then publish.",
        "version": "1.0.0", "category": "tools", "tags": ["checkout", "publish"],
        "steps": [
            [
                "id": "checkout", "type": "tool.called", "name": "checkout", "optional": false,
                "share": 1,
                "arguments": ["branch": ["parameter": "branch"], "depth": ["value": 1]],
            ],
            [
                "id": "publish", "type": "tool.called", "name": "publish", "optional": false,
                "share": 1, "arguments": ["sha": ["step": "checkout", "path": "sha"]],
            ],
        ],
        "parameters": [
            [
                "name": "branch", "type": "string", "required": true, "distinct": 30,
                "examples": [
                    "release-1", "release-2", "release-3", "release-4-with-a-longer-name",
                ],
            ]
        ],
        "evidence": [
            "support": 30, "executions": 31, "begun": 32,
            "success": ["runs": 32, "succeeded": 30, "interval": [0.7919, 0.9923]],
            "lift": [
                "following": ["runs": 30, "succeeded": 30],
                "others": ["runs": 2, "succeeded": 0], "p": 0.002, "raises_success": true,
            ], "runs": ["r1", "r2"],
        ],
    ]
}
