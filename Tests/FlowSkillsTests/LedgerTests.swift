import FlowSkills
import FlowSystem
import FlowTestSupport
import Testing

@Suite("The ledger")
struct LedgerTests {
    private let skill = "GR-9F3C2A1B"

    private func evidence(_ day: String, _ hits: Int, days: Int = 1) -> LedgerEntry {
        .evidence(
            skill: skill, evidence: DayEvidence(day: Samples.day(day), hits: hits), days: days)
    }

    private func verdict(_ verdict: Verdict, round: Int = 1) -> LedgerEntry {
        .verdict(
            .init(
                skill: skill, verdict: verdict, reason: "because", by: "Ann", time: Samples.now,
                round: round))
    }

    private func proposed(round: Int = 1, hits30d: Int = 25) -> LedgerEntry {
        .proposed(
            .init(
                skill: skill, fingerprint: Samples.fingerprint, path: "skills/proposed/x.yaml",
                time: Samples.now, hits30d: hits30d, round: round))
    }

    private func text(_ file: SkillFile?) -> String {
        String(decoding: file?.bytes ?? [], as: UTF8.self)
    }

    /// The ledger with these lines at the ends of its files.
    private func added(_ entries: [LedgerEntry], to old: [SkillFile] = []) -> [SkillFile] {
        var ledger = Ledger(old)
        let known = Dictionary(uniqueKeysWithValues: old.map { ($0.path, $0.bytes) })
        let new = ledger.add(entries).map {
            SkillFile(path: $0.path, bytes: Ledger.joined(known[$0.path] ?? [], $0.bytes))
        }
        let paths = Set(new.map(\.path))
        return (old.filter { !paths.contains($0.path) } + new).sorted { $0.path < $1.path }
    }

    private func component(
        _ day: String, _ records: Int, _ errors: Int = 0, untouched: Int = 0,
        release: String? = nil
    ) -> LedgerEntry {
        .component(
            .init(
                component: "shop.cart", day: Samples.day(day), release: release,
                counts: .init(records: records, errors: errors, untouched: untouched)))
    }

    @Test("writes one line a day, release and skill or component, in the file of its month")
    func lines() {
        let files = added([
            evidence("2025-10-31", 1), component("2025-11-02", 40, 3, untouched: 1),
            evidence("2025-11-02", 3), component("2025-11-02", 7, release: "1.5"),
            .evidence(
                skill: skill,
                evidence: DayEvidence(
                    day: Samples.day("2025-11-02"), hits: 2, share: .release("1.5"),
                    components: ["shop.api", "shop.cart"]), days: 1),
            .attempt(
                .init(skill: "FX-9F3C2A1B", time: Samples.now, success: false, by: "Ann")),
        ])
        #expect(
            files.map(\.path) == ["skills/ledger/2025-10.jsonl", "skills/ledger/2025-11.jsonl"])
        #expect(
            text(files.last) == """
                {"type": "attempt", "skill": "FX-9F3C2A1B", "success": false, "by": "Ann", "time": "\(Samples.now.description)", "key": "FX-9F3C2A1B/attempt/\(Samples.now.description)"}
                {"type": "component", "component": "shop.cart", "day": "2025-11-02", "records": 40, "errors": 3, "untouched": 1}
                {"type": "component", "component": "shop.cart", "day": "2025-11-02", "records": 7, "errors": 0, "untouched": 0, "release": "1.5"}
                {"type": "evidence", "skill": "GR-9F3C2A1B", "day": "2025-11-02", "hits": 3}
                {"type": "evidence", "skill": "GR-9F3C2A1B", "day": "2025-11-02", "hits": 2, "release": "1.5", "components": ["shop.api", "shop.cart"]}

                """)
    }

    @Test("adding twice adds nothing")
    func twice() {
        let entries = [
            evidence("2025-11-01", 0, days: 5), evidence("2025-11-06", 2), verdict(.rejected),
            proposed(), proposed(), component("2025-11-06", 4),
            .attempt(.init(skill: skill, time: Samples.now, success: true, by: "Ann")),
        ]
        let files = added(entries)
        #expect(added(entries, to: files) == files)
        #expect(Ledger(files).problems.isEmpty)
    }

    @Test("adding keeps every old byte, and ends an unfinished last line")
    func append() throws {
        let path = "skills/ledger/2025-11.jsonl"
        let old = Array("# a person's note\r\n{\"torn\":".utf8)
        let files = added([verdict(.approved)], to: [SkillFile(path: path, bytes: old)])
        let bytes = try #require(files.first).bytes
        #expect(bytes.starts(with: old + [0x0A]))
        #expect(Ledger(files).state.verdict(of: skill)?.verdict == .approved)
    }

    @Test("a day of which more is read later gets a further line, and the larger count holds")
    func correction() {
        let first = added([evidence("2025-11-06", 2), component("2025-11-06", 9, 2)])
        let more = [evidence("2025-11-06", 5), component("2025-11-06", 12, 5)]
        let second = added(more, to: first)
        #expect(text(second.first).split(separator: "\n").count == 4)
        let state = Ledger(second).state
        #expect(state.evidence[skill]?[Samples.day("2025-11-06")] == 5)
        let counts = state.components["shop.cart"]?.counts(Samples.day("2025-11-06"), .unnamed)
        #expect(counts == ComponentCounts(records: 12, errors: 5, untouched: 0))
        #expect(
            added([evidence("2025-11-06", 2), component("2025-11-06", 9, 2)], to: second) == second)
    }

    @Test(
        "a line of an earlier flow speaks for all releases of its day, and is not counted besides")
    func whole() {
        let old =
            #"{"type":"evidence","skill":"GR-9F3C2A1B","day":"2025-11-01","hits":5,"exposure":90,"release":null}"#
        let file = SkillFile(path: "skills/ledger/2025-11.jsonl", bytes: Array((old + "\n").utf8))
        let day = Samples.day("2025-11-01")
        func released(_ hits: Int, _ release: String) -> LedgerEntry {
            .evidence(
                skill: skill, evidence: .init(day: day, hits: hits, share: .release(release)),
                days: 1)
        }
        #expect(Ledger([file]).state.evidence[skill]?[day] == 5)
        #expect(added([evidence("2025-11-01", 5)], to: [file]) == [file])
        let split = added([released(3, "1.4"), released(2, "1.5")], to: [file])
        #expect(Ledger(split).state.evidence[skill]?[day] == 5)
        let more = added([released(3, "1.4"), released(4, "1.5")], to: [file])
        #expect(Ledger(more).state.evidence[skill]?[day] == 7)
    }

    @Test("a bad line is named with file and line, and the rest counts")
    func badLines() {
        let bad: [(String, String)] = [
            ("not json", "not a JSON object"), ("[]", "a line must be an object, this is array"),
            (#"{"type":"evidence","skill":"X","day":"2025-11-01","hits":1}"#, "no skill id"),
            (#"{"type":"what","skill":"GR-9F3C2A1B"}"#, #"unknown type "what""#),
            (
                #"{"type":"evidence","skill":"GR-9F3C2A1B","day":"2025-11-01","hits":-1}"#,
                "hits is negative: -1"
            ),
            (
                #"{"type":"evidence","skill":"GR-9F3C2A1B","day":"2025-13-01","hits":1}"#,
                "day must be a date like 2026-11-20"
            ),
            (
                #"{"type":"evidence","skill":"GR-9F3C2A1B","day":"2025-11-01","hits":0,"days":900}"#,
                "days is 900: one line states 1 to 31 days"
            ),
            (
                #"{"type":"evidence","skill":"GR-9F3C2A1B","day":"2025-11-01","hits":4,"days":2}"#,
                "only quiet days may share a line"
            ),
            (
                #"{"type": "evidence", "skill": "GR-9F3C2A1B", "day": "2025-13-01", "hits": 1}"#,
                "day must be a date like 2026-11-20"
            ),
            (
                #"{"type": "component", "component": "a", "day": "2025-11-01", "records": -4, "errors": 0, "untouched": 0}"#,
                "records is negative: -4"
            ),
            (
                #"{"type": "component", "component": "a", "day": "2025-11-01", "records": 4, "errors": 5, "untouched": 0}"#,
                "5 of 4 records cannot be errors"
            ),
            (
                #"{"type":"attempt","skill":"GR-9F3C2A1B","time":"2025-11-01","success":1}"#,
                "success must be true or false"
            ),
            (
                #"{"type":"evidence","skill":"GR-9F3C2A1B","day":"2025-11-01","hits":0,"exposure":0}"#,
                "exposure is 0: it must be above 0"
            ),
            (
                #"{"type":"verdict","skill":"GR-9F3C2A1B","verdict":"maybe","time":"2025-11-01"}"#,
                #"unknown verdict "maybe""#
            ),
            (#"{"type":"verdict","skill":"GR-9F3C2A1B","verdict":"approved"}"#, "time is missing"),
        ]
        let good = #"{"type":"evidence","skill":"GR-9F3C2A1B","day":"2025-11-01","hits":7}"#
        let text = bad.map(\.0).joined(separator: "\n") + "\n\n" + good + "\n"
        let ledger = Ledger([
            SkillFile(path: "skills/ledger/2025-11.jsonl", bytes: Array(text.utf8))
        ])
        #expect(ledger.problems.map(\.line) == Array(1...bad.count))
        for (problem, (_, words)) in zip(ledger.problems, bad) {
            #expect(problem.description.hasPrefix("skills/ledger/2025-11.jsonl:\(problem.line):"))
            #expect(problem.message.contains(words))
        }
        #expect(ledger.state.evidence[skill]?[Samples.day("2025-11-01")] == 7)
    }

    @Test("shuffled, repeated and merged lines say the same", arguments: [1, 2, 3] as [UInt64])
    func order(seed: UInt64) {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var entries: [LedgerEntry] = [
            verdict(.withdrawn), verdict(.rejected), proposed(), proposed(round: 2),
        ]
        entries.append(verdict(.withdrawn, round: 2))
        for by in ["Ann", "Bo"] {
            entries.append(.reopened(.init(skill: skill, by: by, time: Samples.now, round: 3)))
        }
        for day in 1...28 {
            entries.append(
                evidence(
                    "2025-11-\(day < 10 ? "0" : "")\(day)", Int.random(in: 0...2, using: &generator)
                ))
        }
        entries.append(evidence("2025-11-03", 9))
        for (number, release) in ["b", nil, "a", "c", nil].enumerated() {
            entries.append(component("2025-11-0\(1 + number % 3)", 9 + number, release: release))
            entries.append(
                .evidence(
                    skill: skill,
                    evidence: .init(
                        day: Samples.day("2025-11-05") + number % 2, hits: number,
                        share: .init(release: release)), days: 1))
        }
        for (time, success) in [(Samples.now, true), (Samples.now, false)] {
            entries.append(
                .attempt(.init(skill: skill, time: time, success: success, by: "Ann")))
        }
        let expected = LedgerState(entries)
        let files = added(entries)
        for _ in 0..<5 {
            let shuffled = (entries + entries.prefix(7)).shuffled(using: &generator)
            #expect(LedgerState(shuffled) == expected)
            #expect(added(shuffled) == files)
            let half = shuffled.count / 2
            let merged = LedgerState(shuffled[half...]).adding(Array(shuffled[..<half]))
            #expect(merged == expected)
            let bytes = text(files.first).split(separator: "\n").shuffled(using: &generator)
            let lines = Array((bytes + bytes).joined(separator: "\n").utf8)
            let read = Ledger([SkillFile(path: files[0].path, bytes: lines)])
            #expect(read.state == expected && read.problems.isEmpty)
        }
    }

    @Test("of several verdicts on one proposal the strongest holds, and a new round begins anew")
    func rounds() {
        let once = LedgerState([verdict(.withdrawn), proposed(), verdict(.rejected)])
        #expect(once.verdict(of: skill)?.verdict == .rejected)
        let again = LedgerState([verdict(.rejected), proposed(), proposed(round: 2)])
        #expect(again.verdict(of: skill) == nil)
        #expect(again.round(of: skill) == 2)
        #expect(again.reviewed == [skill])
        #expect(LedgerState().round(of: skill) == 0)
    }

    @Test("hostile reasons stay one line and come back", arguments: Samples.hostile)
    func hostile(_ text: String) throws {
        let line = LedgerEntry.VerdictLine(
            skill: skill, verdict: .rejected, reason: text, by: text, time: Samples.now, round: 1,
            fingerprint: text)
        let file = try #require(added([.verdict(line)]).first)
        #expect(file.bytes.filter { $0 == 0x0A }.count == 1)
        let back = Ledger([file]).state.verdict(of: skill)
        #expect(back.map { Array($0.reason.utf8) } == Array(text.utf8))
        #expect(back?.fingerprint.map { Array($0.utf8) } == Array(text.utf8))
    }
}
