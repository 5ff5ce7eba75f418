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

    @Test("writes one line a day, with quiet days that follow each other on one line")
    func lines() {
        let files = Ledger([]).appending([
            evidence("2025-10-31", 0), evidence("2025-11-03", 0), evidence("2025-11-01", 0),
            evidence("2025-11-02", 0), evidence("2025-11-04", 3), evidence("2025-11-06", 0),
        ])
        #expect(
            files.map(\.path) == ["skills/ledger/2025-10.jsonl", "skills/ledger/2025-11.jsonl"])
        #expect(
            text(files.last) == """
                {"type": "evidence", "skill": "GR-9F3C2A1B", "day": "2025-11-01", "days": 3, "hits": 0, "exposure": null, "release": null}
                {"type": "evidence", "skill": "GR-9F3C2A1B", "day": "2025-11-04", "hits": 3, "exposure": null, "release": null}
                {"type": "evidence", "skill": "GR-9F3C2A1B", "day": "2025-11-06", "hits": 0, "exposure": null, "release": null}

                """)
    }

    @Test("adding twice adds nothing")
    func twice() {
        let entries = [
            evidence("2025-11-01", 0, days: 5), evidence("2025-11-06", 2), verdict(.rejected),
            proposed(), proposed(),
        ]
        let files = Ledger([]).appending(entries)
        #expect(Ledger(files).appending(entries).isEmpty)
        #expect(Ledger(files).problems.isEmpty)
    }

    @Test("adding keeps every old byte, and ends an unfinished last line")
    func append() throws {
        let path = "skills/ledger/2025-11.jsonl"
        let old = Array("# a person's note\r\n{\"torn\":".utf8)
        let files = Ledger([SkillFile(path: path, bytes: old)]).appending([verdict(.approved)])
        let bytes = try #require(files.first).bytes
        #expect(bytes.starts(with: old + [0x0A]))
        #expect(Ledger(files).state.verdict(of: skill)?.verdict == .approved)
    }

    @Test("a day of which more is read later gets a further line, and the larger count holds")
    func correction() {
        let first = Ledger([]).appending([evidence("2025-11-06", 2)])
        let second = Ledger(first).appending([evidence("2025-11-06", 5)])
        #expect(second.count == 1)
        let state = Ledger(second).state
        #expect(state.evidence[skill]?[Samples.day("2025-11-06")]?.hits == 5)
        #expect(Ledger(second).appending([evidence("2025-11-06", 2)]).isEmpty)
    }

    @Test("a day of which nothing was read is unknown, not zero")
    func unknown() {
        let state = LedgerState([evidence("2025-11-01", 0, days: 2), evidence("2025-11-05", 4)])
        let series = state.evidence[skill]
        let first = Samples.day("2025-11-01")
        #expect(series?[first + 1]?.hits == 0)
        #expect(series?[first + 2] == nil)
        #expect(series?.total(first..<first + 7) ?? (0, 0) == (3, 4))
        #expect(series?.total(first - 9..<first) ?? (1, 1) == (0, 0))
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
        #expect(ledger.state.evidence[skill]?[Samples.day("2025-11-01")]?.hits == 7)
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
        let expected = LedgerState(entries)
        let files = Ledger([]).appending(entries)
        for _ in 0..<5 {
            let shuffled = (entries + entries.prefix(7)).shuffled(using: &generator)
            #expect(LedgerState(shuffled) == expected)
            #expect(Ledger([]).appending(shuffled) == files)
        }
        #expect(Ledger(files).state == expected)
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
            skill: skill, verdict: .rejected, reason: text, by: text, time: Samples.now, round: 1)
        let file = try #require(Ledger([]).appending([.verdict(line)]).first)
        #expect(file.bytes.filter { $0 == 0x0A }.count == 1)
        let back = Ledger([file]).state.verdict(of: skill)
        #expect(back.map { Array($0.reason.utf8) } == Array(text.utf8))
    }
}
