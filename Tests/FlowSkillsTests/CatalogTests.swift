import FlowSkills
import FlowSystem
import FlowTestSupport
import FlowYAML
import Testing

@Suite("The error catalog")
struct CatalogTests {
    private func signature(
        _ number: Int, type: String = "KeyError", template: String = "KeyError: '<str>'",
        hits7d: Int = 10
    ) -> SignatureEvidence {
        Samples.evidence(
            fingerprint: Samples.fingerprint(number), type: type, template: template,
            regex: "KeyError",
            hits7d: hits7d, hits30d: 3 * hits7d, examples: ["KeyError: 'a\(number)'"])
    }

    private func skill(_ number: Int, confidence: String = "0.85") throws -> Skill {
        let draft = Samples.draft(signature(number))
        let text = draft.text.replacingFirst("confidence: 0.5", "confidence: \(confidence)")
        let path = "skills/" + draft.file
        return try Skill.read(
            try Skill.approved(Array(text.utf8), path: path, deployedAt: Samples.now), path: path)
    }

    private func sync(
        _ old: String?, _ signatures: [SignatureEvidence], _ skills: [Skill] = [],
        aliases: Aliases = Aliases(), minHits7d: Int = 1
    ) throws -> (text: String, result: Catalog.Result) {
        var rules = Catalog.Rules()
        rules.minHits7d = minHits7d
        let result = try Catalog.synced(
            old.map { Array($0.utf8) }, signatures: signatures, skills: skills, aliases: aliases,
            rules: rules)
        return (String(decoding: result.bytes, as: UTF8.self), result)
    }

    @Test("is written afresh in the seed's shape")
    func fresh() throws {
        let guardrail = try skill(1)
        let (text, result) = try sync(
            nil, [signature(1), signature(2, type: "OSError", template: "disk full", hits7d: 3)],
            [guardrail])
        let expected = """
            errors:
              VAL-001:
                title: KeyError in sale
                description: "KeyError: '<str>'"
                category: validation
                severity: high
                fingerprint: 00000000-0000-8000-8000-000000000001
                first_seen: 2025-11-01T08:12:44Z
                live_stats:
                  hits_7d: 10
                  hits_30d: 30
                  last_seen: 2025-11-07T11:58:02Z
                  trend: stable
                active_guardrails:
                  - skill_id: \(guardrail.id)
                    name: KeyError in sale
                    kind: guardrail
                    confidence: 0.85
                example: "KeyError: 'a1'"
              SYS-001:
                title: OSError in sale
                description: "disk full"
                category: system
                severity: low
                fingerprint: 00000000-0000-8000-8000-000000000002
                first_seen: 2025-11-01T08:12:44Z
                live_stats:
                  hits_7d: 3
                  hits_30d: 9
                  last_seen: 2025-11-07T11:58:02Z
                  trend: stable
                active_guardrails: []
                example: "KeyError: 'a2'"

            """
        #expect(text.hasSuffix(expected))
        #expect(result.summary.added == 2 && result.summary.coverage == 0.5)
        #expect(text.contains("  coverage: 0.5\n"))
        #expect(text.contains("  last_codes: {VAL: 1, SYS: 1}\n"))
        #expect(result.codes[Samples.fingerprint(2)] == "SYS-001")
    }

    @Test("a second sync of the same changes nothing")
    func twice() throws {
        let signatures = (1...30).map { signature($0, hits7d: $0) }
        let skills = [try skill(1), try skill(5)]
        let (text, first) = try sync(nil, signatures, skills, minHits7d: 5)
        #expect(first.isChanged && first.summary.added == 26)
        let (again, second) = try sync(text, signatures, skills, minHits7d: 5)
        #expect(again == text)
        #expect(!second.isChanged)
        #expect(
            second.summary.text
                == "updated 0 entries, added 0 new; 1 of 26 covered (4 %, target 70 %)")
        #expect(second.summary.unchanged == 26)
    }

    @Test("the order of the signatures does not matter")
    func order() throws {
        var generator = SeededGenerator(seed: 7)
        print("seed 7")
        let signatures = (1...40).map { signature($0, hits7d: $0 % 4 + 1) }
        let (text, _) = try sync(nil, signatures)
        #expect(try sync(nil, signatures.shuffled(using: &generator)).text == text)
    }

    @Test("only the values that changed change; a person's own stay")
    func minimal() throws {
        let (text, _) = try sync(nil, [signature(1), signature(2)])
        let edited =
            text
            .replacingFirst("title: KeyError in sale", "title: \"Missing partner\"  # Ann")
            .replacingFirst("category: validation", "category: business_logic\n    owner: sales")
            .replacingFirst("severity: high", "severity: 'high'    # by hits")
        let (after, result) = try sync(edited, [signature(1, hits7d: 25), signature(2)])
        let pairs = zip(edited.split(separator: "\n"), after.split(separator: "\n"))
        #expect(
            pairs.filter { $0 != $1 }.map(\.1) == [
                "    severity: \"critical\"    # by hits", "      hits_7d: 25",
                "      hits_30d: 75",
            ])
        #expect(result.summary.updated == 1 && result.summary.unchanged == 1)
    }

    @Test("a code is never given twice, even after its entry was removed")
    func codes() throws {
        let (text, _) = try sync(nil, [signature(1), signature(2, hits7d: 5)])
        let start = try #require(text.utf8Range(of: "  VAL-002:"))
        let cut = String(decoding: Array(text.utf8)[..<start.lowerBound], as: UTF8.self)
        let (after, result) = try sync(cut, [signature(1), signature(3, hits7d: 4)])
        #expect(result.codes[Samples.fingerprint(3)] == "VAL-003")
        #expect(after.contains("last_codes: {VAL: 3}"))
    }

    @Test("skills come, change and go in the list of an entry", arguments: ["", "\r"])
    func guardrails(_ carriage: String) throws {
        func lines(_ text: String) -> String {
            text.split(separator: "\n", omittingEmptySubsequences: false)
                .joined(separator: carriage + "\n")
        }
        let bare = lines(try sync(nil, [signature(1)]).text)
        let with = try sync(bare, [signature(1)], [try skill(1)]).text
        #expect(try read(with)["errors"]?["VAL-001"]?["active_guardrails"]?.sequence?.count == 1)
        let better = try sync(with, [signature(1)], [try skill(1, confidence: "0.9")]).text
        #expect(
            better
                == lines(
                    with.split(separator: carriage + "\n", omittingEmptySubsequences: false)
                        .joined(separator: "\n").replacingFirst(
                            "confidence: 0.85", "confidence: 0.9")))
        let gone = try sync(better, [signature(1)]).text
        #expect(gone == bare)
    }

    /// A signature that stopped: read for since, and not seen.
    private func stopped(_ number: Int, hits7d: Int = 0) -> SignatureEvidence {
        var evidence = signature(number, hits7d: hits7d)
        evidence.isSilent = true
        return evidence
    }

    @Test(
        "an entry of which the mining knows nothing stays as it is, one below the threshold is kept"
    )
    func unread() throws {
        let (text, _) = try sync(nil, [signature(1), signature(2)])
        let (after, result) = try sync(text, [signature(2, hits7d: 0)])
        #expect(result.codes.count == 2)
        #expect(result.summary.signatures == 0 && result.summary.coverage == nil)
        #expect(after.contains("hits_7d: 10") && after.contains("hits_7d: 0"))
        #expect(after.contains("coverage: null"))
        #expect(result.summary.quiet == 0 && !after.contains("quiet: true"))
    }

    @Test(
        "an error that was read for and has stopped is quiet until it comes again"
    )
    func quiet() throws {
        let (text, _) = try sync(nil, [signature(1), signature(2)])
        let edited = text.replacingFirst(
            "category: validation", "category: validation\n    owner: sales  # ask Ann")
        let early = try sync(edited, [signature(1, hits7d: 0), signature(2)])
        #expect(early.result.summary.quiet == 0 && !early.text.contains("quiet: true"))
        let (after, result) = try sync(edited, [stopped(1), signature(2)])
        #expect(result.summary.quiet == 1)
        #expect(after.contains("      quiet: true\n") && after.contains("  quiet: 1\n"))
        #expect(after.contains("owner: sales  # ask Ann"))
        let entry = try read(after)["errors"]?["VAL-001"]
        #expect(entry?["severity"]?.scalar?.text == "low")
        #expect(result.rows.filter(\.isQuiet).map(\.code) == ["VAL-001"])
        // the same again changes nothing, and what was not read stays quiet
        #expect(try !sync(after, [stopped(1), signature(2)]).result.isChanged)
        #expect(try sync(after, [signature(2)]).result.summary.quiet == 1)
        let (back, again) = try sync(after, [signature(1), signature(2)])
        #expect(again.summary.quiet == 0 && again.summary.updated == 1)
        #expect(back.contains("      quiet: false\n") && back.contains("owner: sales  # ask Ann"))
    }

    @Test("of two entries for one error the first is kept up to date and the second is named")
    func doubled() throws {
        let (text, _) = try sync(nil, [signature(1)])
        let twice = text + "  VAL-007:\n    fingerprint: \(Samples.fingerprint(1))\n"
        let (after, result) = try sync(twice, [signature(1, hits7d: 25)])
        #expect(after.hasSuffix("  VAL-007:\n    fingerprint: \(Samples.fingerprint(1))\n"))
        #expect(
            result.problems.map(\.message) == [
                "VAL-001 has the fingerprint of VAL-007 too; keep one of them"
            ])
        #expect(
            result.problems.first?.line == after.split(
                separator: "\n", omittingEmptySubsequences: false
            ).count - 2)
    }

    @Test("first_seen moves back where an older error turns up, and never forward")
    func firstSeen() throws {
        let (text, _) = try sync(nil, [signature(1)])
        var older = signature(1)
        older.firstSeen = Timestamp("2025-10-01T00:00:00Z")
        let moved = try sync(text, [older]).text
        #expect(moved.contains("first_seen: 2025-10-01T00:00:00Z"))
        #expect(try sync(moved, [signature(1)]).text == moved)
    }

    @Test(
        "the error reduction rate is that of the latest judgement of each error, against its target"
    )
    func reduction() throws {
        func judged(_ number: Int, _ expected: Double, _ hits: Int, day: Int) throws -> Skill {
            var skill = try skill(number)
            let time = try #require(Timestamp("2025-11-0\(day)T00:00:00Z"))
            skill.metadata.confidenceHistory.append(
                .init(
                    timestamp: time, old: 0.5, new: 0.6, reason: "", hits7d: hits,
                    expected7d: expected, rateRatio: 0.5, method: "ratio"))
            return skill
        }
        let (none, before) = try sync(nil, [signature(1)], [try skill(1)])
        #expect(before.summary.reduction == nil && none.contains("reduction: null"))
        let (text, result) = try sync(
            none, [signature(1), signature(2)],
            [
                try judged(1, 20, 5, day: 6), try judged(1, 30, 30, day: 4),
                try judged(2, 10, 7, day: 5),
            ])
        #expect(result.summary.reduction == 0.6 && result.summary.isReduced)
        #expect(!result.summary.isCovered == (result.summary.coverage ?? 0 < 0.7))
        #expect(text.contains("  expected_7d: 30\n") && text.contains("  actual_7d: 12\n"))
        #expect(text.contains("  reduction: 0.6\n") && text.contains("        reduction: 0.3\n"))
        #expect(result.summary.text.contains("errors reduced by 60 % (target 50 %)"))
        let worse = try sync(nil, [signature(1)], [try judged(1, 10, 15, day: 6)]).result
        #expect(worse.summary.reduction == -0.5 && !worse.summary.isReduced)
    }

    @Test(
        "after any series of syncs the file reads, codes stay, and syncing again changes nothing",
        arguments: [11, 12, 13] as [UInt64])
    func series(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let skills = try (1...12).map { try skill($0) }
        var text: String?
        var codes: [String: String] = [:]
        for _ in 0..<12 {
            let signatures = (1...12).filter { _ in Bool.random(using: &generator) }
                .map { signature($0, hits7d: Int.random(in: 0...30, using: &generator)) }
            let active = skills.filter { _ in Bool.random(using: &generator) }
            let (next, result) = try sync(text, signatures, active, minHits7d: 3)
            #expect(result.problems.isEmpty)
            #expect(codes.allSatisfy { result.codes[$0.key] == $0.value })
            #expect(Set(result.codes.values).count == result.codes.count)
            #expect(try !sync(next, signatures, active, minHits7d: 3).result.isChanged)
            let root = try read(next)
            #expect(root["errors"]?.mapping?.count ?? 0 == result.codes.count)
            for signature in signatures {
                guard let code = result.codes[signature.fingerprint] else { continue }
                let hits = root["errors"]?[code]?["live_stats"]?["hits_7d"]?.scalar?.text
                #expect(hits == String(signature.hits7d))
            }
            codes = result.codes
            text = next
        }
    }

    @Test("a renamed fingerprint keeps its entry and its code")
    func aliases() throws {
        let (text, _) = try sync(nil, [signature(1)])
        let aliases = try Aliases.read(
            Array("\(Samples.fingerprint(1)): \(Samples.fingerprint(9))\n".utf8))
        let (after, result) = try sync(text, [signature(9)], [try skill(1)], aliases: aliases)
        #expect(result.codes == [Samples.fingerprint(9): "VAL-001"])
        #expect(result.summary.added == 0 && result.summary.covered == 1)
        #expect(after.contains("fingerprint: \(Samples.fingerprint(9))"))
    }

    @Test("of two entries whose errors became one the first lives on and the second names it")
    func joined() throws {
        let (text, _) = try sync(nil, [signature(1), signature(2)])
        let aliases = try Aliases.read(
            Array("\(Samples.fingerprint(1)): \(Samples.fingerprint(2))\n".utf8))
        let one = signature(2, hits7d: 7)
        let (after, result) = try sync(text, [one], aliases: aliases)
        #expect(result.codes == [Samples.fingerprint(2): "VAL-001"] && result.problems.isEmpty)
        #expect(result.rows.map(\.code) == ["VAL-001"])
        #expect(after.contains("    replaced_by: VAL-001\n"))
        let contents = try Catalog.contents(Array(after.utf8))
        #expect(contents.entries.map(\.row.isReplaced) == [false, true])
        // the same again changes nothing, and neither code is given again
        let (same, again) = try sync(after, [one], aliases: aliases)
        #expect(same == after && again.problems.isEmpty && again.summary.updated == 0)
        let (_, next) = try sync(after, [one, signature(3)], aliases: aliases)
        #expect(next.codes[Samples.fingerprint(3)] == "VAL-003")
    }

    @Test(
        "fits into whatever a person made of the file",
        arguments: [
            "", "# only a comment", "errors:\n", "errors: {}\n", "errors: ~ # none\n",
            "metadata: {}\nerrors: {}", "metadata:\nerrors:\n", "owner: me\n",
            "errors:\n      MY-7: {title: mine, fingerprint: 00000000-0000-8000-8000-000000000001, live_stats: {}}\n",
            "errors:\n  VAL-041:\n    fingerprint: 00000000-0000-8000-8000-000000000001\n# end",
            "errors:\n  X: {title: no fingerprint}\nmetadata:\n  last_codes: {VAL: 12}\n",
            "errors:\n  V-1: {fingerprint: 00000000-0000-8000-8000-000000000001, active_guardrails: []}\n",
        ])
    func shapes(_ old: String) throws {
        let skills = [try skill(1), try skill(2)]
        let (text, first) = try sync(old, [signature(1), signature(2)], skills)
        #expect(first.codes.count == 2)
        #expect(first.problems.isEmpty)
        for line in old.split(separator: "\n") where line.hasPrefix("#") || line.hasPrefix("owner")
        {
            #expect(text.contains(line))
        }
        let root = try read(text)
        #expect(root["metadata"]?["coverage"]?.scalar?.text == "1")
        for code in first.codes.values {
            let entry = root["errors"]?[code]
            #expect(entry?["live_stats"]?["hits_7d"]?.scalar?.text == "10")
            #expect(entry?["active_guardrails"]?.sequence?.count == 1)
        }
        let (again, second) = try sync(text, [signature(1), signature(2)], skills)
        #expect(again == text)
        #expect(!second.isChanged)
    }

    @Test("what stands under an alias is left alone and named")
    func aliasedValue() throws {
        let old = """
            stats: &s {hits_7d: 1}
            errors:
              VAL-001:
                fingerprint: 00000000-0000-8000-8000-000000000001
                live_stats: *s
            """
        let (text, result) = try sync(old, [signature(1)])
        #expect(text.contains("stats: &s {hits_7d: 1}\n"))
        #expect(result.problems.map(\.message.isEmpty) == [false])
    }

    @Test(
        "a file that is no catalog is refused with its place",
        arguments: ["[1]", "errors: [", "x", "{errors: {}}"])
    func refused(_ old: String) {
        let error = #expect(throws: SkillsError.self) { try sync(old, [signature(1)]) }
        #expect(error?.description.hasPrefix("docs/error-codes.yaml:1:") == true)
    }

    @Test("hostile text comes back byte for byte", arguments: Samples.hostile)
    func hostile(_ text: String) throws {
        let evidence = Samples.evidence(type: text, template: text, examples: [text])
        let (file, _) = try sync(nil, [evidence])
        let entry = try #require(read(file)["errors"]?.mapping?.first?.value)
        #expect(entry["description"]?.scalar.map { Array($0.text.utf8) } == Array(text.utf8))
        #expect(entry["example"]?.scalar.map { Array($0.text.utf8) } == Array(text.utf8))
        #expect(try sync(file, [evidence]).text == file)
    }

    @Test(
        "categories by what type, message and component speak of",
        arguments: [
            ("IntegrityError", "duplicate key value violates unique constraint", "database"),
            ("AccessError", "not allowed", "permission"), ("ValueError", "bad", "validation"),
            ("Timeout", "read timeout on <url>", "integration"),
            ("ImportError", "no module named x", "system"),
            ("Oops", "order total", "business_logic"),
        ])
    func categories(_ type: String, _ template: String, _ category: String) {
        let evidence = Samples.evidence(component: "app", type: type, template: template)
        #expect(CatalogCategory(evidence).rawValue == category)
    }

    private func read(_ text: String) throws -> YAMLNode {
        try #require(try YAMLDocument.read(Array(text.utf8)).root)
    }
}

extension String {
    /// Where a piece stands, in bytes.
    func utf8Range(of piece: String) -> Range<Int>? {
        let (bytes, wanted) = (Array(utf8), Array(piece.utf8))
        return (0...max(0, bytes.count - wanted.count))
            .first { bytes[$0...].starts(with: wanted) }
            .map { $0..<$0 + wanted.count }
    }
}
