import FlowJSON
import FlowSystem
import FlowTestSupport
import FlowYAML
import Testing

@testable import FlowSkills

@Suite("Reading and writing procedures")
struct ProcedureReadingTests {
    @Test("what is written reads back the same, as JSON and as a document, whatever the texts")
    func roundTrip() throws {
        let seed: UInt64 = 20_261_130
        print("seed \(seed)")
        var draw = RandomProcedure(seed: seed)
        for _ in 0..<400 {
            let procedure = draw.next()
            #expect(try Procedure(reading: procedure.json) == procedure)
            var skill = Skill(
                procedure, id: SkillName.id(.procedure, fingerprint: procedure.fingerprint),
                status: .experimental, owners: ["platform"], generatedAt: Samples.now)
            skill.notes = draw.text()
            let path = "skills/" + SkillName.file(id: skill.id, name: skill.name)
            let document = Array(skill.procedureDocument.utf8)
            let (read, mistakes) = Skill.check(document, path: path)
            #expect(mistakes == [])
            #expect(read == skill)
            #expect(read?.procedureDocument == skill.procedureDocument)
        }
    }

    @Test("shares of more digits are written with four, and stay so")
    func digits() throws {
        var draw = RandomProcedure(seed: 7)
        var procedure = draw.next()
        procedure.evidence.lift = SuccessLift(
            following: .init(runs: 3, succeeded: 1), others: .init(runs: 7, succeeded: 3), p: 1 / 3)
        let read = try Procedure(reading: procedure.json)
        #expect(read.json == procedure.json)
        #expect(try Procedure(reading: read.json) == read)
    }

    @Test("a document has the keys of docs/formats.md, short parts on one line")
    func shape() throws {
        let procedure = try Procedure(reading: Samples.release)
        let skill = Skill(
            procedure, id: "PR-0A1B2C3D", owners: ["platform"], generatedAt: Samples.now)
        #expect(
            skill.procedureDocument == """
                id: PR-0A1B2C3D
                name: checkout-to-publish
                kind: procedure
                status: proposed
                priority: medium
                match:
                  fingerprint: \(procedure.fingerprint)
                action: {type: apply}
                version: 1.0.0
                description: "checkout, then publish."
                category: tools
                tags: [checkout, publish]
                steps:
                  - id: checkout
                    type: tool.called
                    name: checkout
                    optional: false
                    share: 1
                    arguments: {branch: {from: "${{ params.branch }}", parameter: branch}, depth: {value: 1}}
                  - id: publish
                    type: tool.called
                    name: publish
                    optional: false
                    share: 1
                    arguments: {sha: {from: "${{ steps.checkout.outputs.sha }}", step: checkout, path: sha}}
                parameters:
                  - name: branch
                    type: string
                    required: true
                    examples: [release-1, release-2, release-3, release-4-with-a-longer-name]
                    distinct: 30
                preconditions: []
                evidence:
                  support: 30
                  executions: 31
                  begun: 32
                  success:
                    runs: 32
                    succeeded: 30
                    rate: 0.9375
                    interval: [0.7919, 0.9923]
                    method: "Clopper-Pearson 95 %"
                  lift:
                    following: {runs: 30, succeeded: 30}
                    others: {runs: 2, succeeded: 0}
                    ratio: null
                    p: 0.002
                    raises_success: true
                  runs: [r1, r2]
                metadata:
                  confidence: 0.5
                  confidence_history: []
                  deployed_at: null
                  generated_at: 2025-11-07T12:00:00Z
                  auto_generated: true
                owners: [platform]
                notes: |
                  A procedure of 2 steps. 30 runs followed it, 31 times in all; 32 runs began it.
                  Of 32 runs that began it and whose end is known 30 followed it and succeeded: 94 % (95 % interval: 79 % to 99 %).
                  It raises success: 30 of 30 runs that follow it succeeded, 0 of the 2 others (p = 0.002).

                """)
    }

    @Test("a procedure that a person writes needs its steps only")
    func byHand() throws {
        let text = """
            id: PR-0A1B2C3D
            name: Deploy by hand
            kind: procedure
            status: approved
            match: {fingerprint: 8f14e45f-ceea-867f-b0c4-9a1d3c5e7f02}
            steps:
              - {id: build, name: make}
              - {id: ship, name: scp, arguments: {host: {parameter: host}, file: {step: build}}}
            parameters: [{name: host, type: string}, {name: port, default: 22}]
            metadata: {confidence: 0.5}
            """
        let skill = try Skill.read(Array(text.utf8), path: "skills/PR-0A1B2C3D_deploy.yaml")
        let procedure = try #require(skill.procedure)
        #expect(procedure.version == "1.0.0" && procedure.status == "approved")
        #expect(procedure.steps.map(\.type) == ["tool.called", "tool.called"])
        #expect(procedure.steps[1].arguments[1].source == .output(step: "build", path: ""))
        #expect(procedure.parameters.map(\.isRequired) == [true, false])
        #expect(procedure.evidence.success == nil && procedure.evidence.lift == .unknown)
    }

    @Test("every mistake is named at its line and column")
    func mistakes() throws {
        let text = """
            id: PR-0A1B2C3D
            name: x
            kind: procedure
            status: approved
            match: {fingerprint: 8f14e45f-ceea-867f-b0c4-9a1d3c5e7f02}
            action: {type: block}
            version: 1.0
            steps:
              - id: build
                nam: make
              - id: build
                name: scp
                share: 2
                arguments:
                  a: {parameter: hots}
                  b: {step: ship}
                  c: {value: 1, parameter: host}
                  d: {parameter: host, from: "${{ params.hots }}"}
                  e: {value: 1, from: x}
              - {id: a b, name: x, optional: maybe}
              - {name: y, arguments: {a: 1, b: {step: a, path: x}}}
            parameters:
              - {name: host, type: text}
              - {name: host, range: [2, 1]}
              - {name: port, type: integer, required: true, default: http}
            preconditions: {}
            evidence:
              success: {runs: 2, succeeded: 1, rate: 0.75, interval: [0, 2]}
              lift: {following: {runs: 1, succeeded: 2}, others: {runs: 1}, p: 0.5}
              seconds: {p50: 1}
              colour: red
            metadata: {confidence: 0.5}
            """
        let (_, mistakes) = Skill.check(
            Array(text.utf8), path: "skills/PR-0A1B2C3D_deploy.yaml")
        let found = mistakes.map { "\($0.line):\($0.column) \($0.message)" }
        #expect(
            found == [
                "6:16 the action of a procedure has type apply, not \"block\"",
                "7:10 version is \"1.0\"; it must be three whole numbers: 1.0.0",
                "9:5 steps[0] needs a name, or a type other than tool.called",
                "10:5 unknown key \"nam\" in steps[0]; did you mean 'name'?",
                "11:5 there are two of the step \"build\"; give one another name",
                "13:12 steps[1].share must be a number from 0 to 1",
                "15:22 there is no parameter \"hots\"; did you mean 'host'?",
                "16:17 \"ship\" is no earlier step; before this one are build",
                "17:10 steps[1].arguments.c needs one of value, parameter and step; it has value and "
                    + "parameter",
                "18:34 steps[1].arguments.d.from must be ${{ params.host }}",
                "19:27 steps[1].arguments.e.from does not go with value: remove one of both",
                "20:10 steps[2].id is \"a b\"; it must be letters, digits, - and _",
                "20:34 steps[2].optional must be true or false",
                "21:5 steps[3].id is missing",
                "21:30 steps[3].arguments.a must be a mapping of value, from, parameter, step, path",
                "21:43 \"a\" is no earlier step; before this one are build, build, a b",
                "23:24 parameters[0].type is \"text\"; it must be one of string, integer, number, "
                    + "boolean, array, object, any",
                "24:5 there are two of the parameter \"host\"; give one another name",
                "24:25 parameters[1].range must be a list of two numbers, the lower first",
                "25:43 parameters[2] is required and has a default: remove one of both",
                "25:58 parameters[2].default is \"http\", and its type is integer: change one of both",
                "26:16 preconditions must be a list",
                "28:42 evidence.success.rate must be 0.5, which 1 of 2 are",
                "28:58 evidence.success.interval must be within 0 and 1",
                "29:42 evidence.lift.following.succeeded is 2 and must be at most runs, which is 1",
                "30:12 evidence.seconds.p90 is missing",
                "31:3 unknown key \"colour\" in evidence; there are support, executions, begun, success, "
                    + "lift, seconds, cost_usd, first, last, runs, transitions",
            ])
    }

    @Test("steps are a procedure's alone, and it needs one that is always done")
    func kinds() throws {
        let (_, alone) = Skill.check(
            Array((Samples.draft().text + "steps: []\nversion: 1.0.0\n").utf8),
            path: Samples.draft().proposedPath)
        #expect(
            alone.map(\.message) == [
                "steps belongs to a procedure, not to a guardrail: remove it",
                "version belongs to a procedure, not to a guardrail: remove it",
            ])
        let error = #expect(throws: SkillsError.self) {
            try Procedure(reading: [
                "name": "x", "steps": [["id": "a", "name": "a", "optional": true]], "score": 1,
            ])
        }
        #expect(
            error?.mistakes.map(\.message) == ["a procedure needs a step that is not optional"])
    }

    @Test(
        "a version is three whole numbers",
        arguments: [
            ("1.0.0", true), ("10.20.30", true), ("1.0", false), ("1.0.0.0", false), ("", false),
            ("1.01.0", false), ("-1.0.0", false), ("1..0", false),
            ("1.0.99999999999999999999", false),
        ])
    func versions(_ text: String, _ isGood: Bool) {
        #expect((SkillVersion(text) != nil) == isGood)
        #expect(SkillVersion(text).map { $0.text == text } ?? true)
    }
}

/// Procedures of any shape that a reader must take.
private struct RandomProcedure {
    private var draw: SeededGenerator

    init(seed: UInt64) { draw = SeededGenerator(seed: seed) }

    mutating func next() -> Procedure {
        let parameters = (0..<number(4)).map { parameter("p\($0)") }
        var steps: [Procedure.Step] = []
        for place in 0...number(5) {
            steps.append(step("s_\(place)", parameters.map(\.name), steps.map(\.id), place))
        }
        return Procedure(
            name: "from-\(number(100))-to", description: text(),
            version: "\(number(9)).\(number(9)).\(number(9))", status: "experimental",
            category: text(), tags: (0..<number(4)).map { _ in text() }, steps: steps,
            parameters: parameters,
            preconditions: (0..<number(3)).map { _ in
                Procedure.Precondition(type: text(), name: text(), share: share())
            }, evidence: evidence(steps.map(\.id)))
    }

    private mutating func number(_ below: Int) -> Int { Int.random(in: 0..<below, using: &draw) }
    private mutating func share() -> Double { Double(number(10_001)) / 10_000 }
    private mutating func real() -> Double { Double.random(in: 0..<1e6, using: &draw) }
    private mutating func chance() -> Bool { number(2) == 0 }

    mutating func text() -> String {
        let hostile = Samples.hostile
        return switch number(4) {
        case 0: hostile[number(hostile.count)]
        case 1: String(repeating: "long \u{7F}\"\\ ", count: number(40))
        default: "word\(number(1000))"
        }
    }

    private mutating func value(_ depth: Int = 0) -> JSON {
        switch number(depth < 3 ? 8 : 6) {
        case 0: .null
        case 1: .bool(chance())
        case 2: .integer(number(1_000_000) - 500_000)
        case 3: .number(real() * 1e-9)
        case 4: .number(real() * 1e200)
        case 5: .string(text())
        case 6: .array((0..<number(4)).map { _ in value(depth + 1) })
        default: .object(JSONObject((0..<number(4)).map { ("\(text())\($0)", value(depth + 1)) }))
        }
    }

    private mutating func quantiles() -> Procedure.Quantiles? {
        chance() ? nil : Procedure.Quantiles(median: real(), p90: real())
    }

    private mutating func parameter(_ name: String) -> Procedure.Parameter {
        let low = real() - 5e5
        let fallback: JSON? = chance() ? .none : .some(value())
        return Procedure.Parameter(
            name: name, type: fallback == nil ? ["string", "integer", "any"][number(3)] : "any",
            isRequired: fallback == nil && chance(), fallback: fallback,
            examples: (0..<number(4)).map { _ in value() },
            range: chance() ? nil : low...(low + real()), distinct: number(100))
    }

    private mutating func step(
        _ id: String, _ parameters: [String], _ earlier: [String], _ place: Int
    ) -> Procedure.Step {
        let long = String(repeating: "k", count: number(10) == 0 ? 2000 : 1)
        let arguments = (0..<number(5)).map { place in
            Procedure.Argument(
                path: place == 0 ? "" : "\(text())\(long)\(place)",
                source: source(parameters, earlier))
        }
        return Procedure.Step(
            id: id, type: "t" + text(), name: text(), agents: (0..<number(3)).map { _ in text() },
            isOptional: place > 0 && chance(), share: share(), arguments: arguments,
            duration: quantiles())
    }

    private mutating func source(_ parameters: [String], _ earlier: [String]) -> Procedure.Source {
        switch number(3) {
        case 0 where !parameters.isEmpty: .parameter(parameters[number(parameters.count)])
        case 1 where !earlier.isEmpty:
            .output(step: earlier[number(earlier.count)], path: chance() ? "" : text())
        default: .literal(value())
        }
    }

    private mutating func evidence(_ steps: [String]) -> Procedure.Evidence {
        let runs = 1 + number(50)
        let (low, width) = (Double(number(5000)) / 10_000, Double(number(5000)) / 10_000)
        return Procedure.Evidence(
            support: number(100), executions: number(100), begun: number(100),
            success: chance()
                ? nil
                : Procedure.SuccessRate(
                    runs: runs, succeeded: number(runs + 1),
                    interval: low...((low + width) * 10_000).rounded() / 10_000),
            lift: SuccessLift(
                following: .init(runs: runs, succeeded: number(runs + 1)),
                others: .init(runs: runs, succeeded: number(runs + 1)), p: real() / 1e6,
                isRaising: chance()),
            seconds: quantiles(), cost: quantiles(),
            first: chance() ? nil : Timestamp(seconds: number(2_000_000_000)),
            last: chance() ? nil : Timestamp(seconds: number(2_000_000_000)),
            runs: (0..<number(20)).map { _ in text() },
            transitions: (0..<number(4)).map { _ in
                Procedure.Transition(
                    from: steps[number(steps.count)], to: steps[number(steps.count)],
                    share: share(), seconds: quantiles())
            })
    }
}
