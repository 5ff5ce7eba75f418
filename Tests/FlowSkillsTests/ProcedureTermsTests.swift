import FlowJSON
import Testing

@testable import FlowSkills

@Suite("A found procedure in the terms of a known one")
struct ProcedureTermsTests {
    /// What a person wrote, in an order and with names of their own.
    private static let known: JSON = [
        "name": "release",
        "steps": [
            [
                "id": "get", "name": "checkout",
                "arguments": ["ref": ["parameter": "version"], "depth": ["value": 1]],
            ],
            [
                "id": "ship", "name": "publish",
                "arguments": [
                    "sha": ["step": "get", "path": "sha"], "notes": ["parameter": "notes"],
                    "count": ["parameter": "count"],
                ],
            ],
        ],
        "parameters": [
            ["name": "version", "type": "string", "required": true],
            ["name": "notes", "type": "string", "required": false],
            ["name": "count", "type": "number", "default": 2],
        ],
    ]

    /// What runs show: steps, of the last also the arguments beside `sha`, and parameters.
    private func found(
        ref: JSON, sha: JSON, more: JSONObject = [:], parameters: [JSON] = []
    ) throws -> Procedure {
        var last: JSONObject = ["sha": sha]
        for (name, value) in more.members { last[name] = value }
        return try Procedure(reading: [
            "name": "x",
            "steps": [
                [
                    "id": "checkout", "name": "checkout",
                    "arguments": ["depth": ["value": 1], "ref": ref],
                ],
                ["id": "publish", "name": "publish", "arguments": .object(last)],
            ],
            "parameters": .array(parameters),
            "evidence": [
                "transitions": [["from": "checkout", "to": "publish", "share": 1]]
            ],
        ])
    }

    private func change(_ found: Procedure) throws -> ProcedureChange {
        let known = try Procedure(reading: Self.known)
        return ProcedureChange(from: known, to: found.inTerms(of: known))
    }

    private static let flow: JSON = ["step": "checkout", "path": "sha"]

    @Test("one value, or none, where the known one takes a parameter or an output is no change")
    func narrower() throws {
        let constant = try found(ref: ["value": "v1"], sha: ["value": "abc"])
        #expect(try change(constant).weight == .none)
        let known = try Procedure(reading: Self.known)
        let own = constant.inTerms(of: known)
        #expect(own.steps.map(\.id) == ["get", "ship"])
        #expect(own.parameters == known.parameters)
        #expect(own.evidence.transitions.map(\.from) == ["get"])
        #expect(own.fingerprint == constant.fingerprint)
        #expect(own.inTerms(of: known) == own)
    }

    @Test("a parameter under another name, always given, or of a narrower type is no change")
    func renamed() throws {
        let procedure = try found(
            ref: ["parameter": "ref"], sha: Self.flow,
            more: ["notes": ["parameter": "notes"], "count": ["parameter": "number"]],
            parameters: [
                ["name": "ref", "type": "string"], ["name": "notes", "type": "string"],
                ["name": "number", "type": "integer"],
            ])
        #expect(try change(procedure).weight == .none)
    }

    @Test("a default of another type than what is given now goes, and the document stays valid")
    func fallback() throws {
        let procedure = try found(
            ref: ["parameter": "version"], sha: Self.flow, more: ["count": ["parameter": "count"]],
            parameters: [
                ["name": "version", "type": "string"], ["name": "count", "type": "string"],
            ])
        let own = procedure.inTerms(of: try Procedure(reading: Self.known))
        let count = own.parameters.first { $0.name == "count" }
        #expect(count?.type == "string" && count?.fallback == nil && count?.isRequired == false)
        #expect(try Procedure(reading: own.json).parameters == own.parameters)
    }

    @Test("names go to whom they belong, whatever found parameters are called")
    func names() throws {
        let known = try Procedure(reading: [
            "name": "x",
            "steps": [
                [
                    "id": "a", "name": "a",
                    "arguments": [
                        "one": ["parameter": "path"], "two": ["parameter": "b_path"],
                        "three": ["parameter": "b_path_2"],
                    ],
                ]
            ],
            "parameters": [
                ["name": "path", "type": "string"], ["name": "b_path", "type": "string"],
                ["name": "b_path_2", "type": "string"],
            ],
        ])
        let found = try Procedure(reading: [
            "name": "y",
            "steps": [
                [
                    "id": "a", "name": "a",
                    "arguments": [
                        "one": ["value": "always"], "two": ["parameter": "path"],
                        "three": ["parameter": "b_path"],
                    ],
                ]
            ],
            "parameters": [
                ["name": "path", "type": "string"], ["name": "b_path", "type": "string"],
            ],
        ])
        #expect(ProcedureChange(from: known, to: found.inTerms(of: known)).weight == .none)
    }

    @Test(
        "what the known one does not allow is a change",
        arguments: [
            (["value": "v1"], ["value": "abc"], ["x": ["value": 1]], ProcedureChange.Weight.patch),
            (["value": 7], ["value": "abc"], [:], .major),
            (["parameter": "ref"], ["parameter": "ref"], [:], .patch),
            (["parameter": "ref"], ["parameter": "sha"], [:], .major),
        ] as [(JSON, JSON, JSONObject, ProcedureChange.Weight)])
    func wider(ref: JSON, sha: JSON, more: JSONObject, weight: ProcedureChange.Weight) throws {
        let names = Set([ref, sha].compactMap { $0["parameter"]?.stringValue }).sorted()
        let procedure = try found(
            ref: ref, sha: sha, more: more,
            parameters: names.map { ["name": .string($0), "type": "string"] })
        let change = try change(procedure)
        #expect(change.weight == weight, "\(change.news)")
    }

    @Test("steps that are new get ids of their own, and equal steps are matched in order")
    func steps() throws {
        let known = try Procedure(reading: [
            "name": "x",
            "steps": [["id": "b", "name": "a"], ["id": "second", "name": "a"]],
        ])
        let found = try Procedure(reading: [
            "name": "y",
            "steps": [
                ["id": "a", "name": "a"], ["id": "b", "name": "b"], ["id": "a_2", "name": "a"],
                ["id": "a_3", "name": "a"],
            ],
        ])
        #expect(found.inTerms(of: known).steps.map(\.id) == ["b", "b_2", "second", "a_3"])
        #expect(found.inTerms(of: found) == found)
    }
}
