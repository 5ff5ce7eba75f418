internal import FlowJSON
internal import FlowSystem
internal import FlowYAML

/// One sync of the catalog: reads the nodes once, collects edits, applies them at the end.
struct CatalogSync {
    private var edits: NodeEdits
    private let coverers: [String: [Skill]]
    private let aliases: Aliases
    private let rules: Catalog.Rules
    private var summary: Catalog.Summary
    private var fields = Fields(path: Catalog.path)
    private var codes: [String: String] = [:]
    /// The fingerprints under which an entry was found that names an earlier one of theirs.
    private var moved: Set<String> = []
    private var rows: [CatalogRow] = []
    /// The highest number given so far, by prefix.
    private var numbers: [String: Int] = [:]

    init(_ bytes: [UInt8], skills: [Skill], aliases: Aliases, rules: Catalog.Rules) {
        edits = NodeEdits(bytes)
        coverers = Dictionary(grouping: skills.sorted { $0.id < $1.id }) {
            aliases.newest($0.match.fingerprint)
        }
        self.aliases = aliases
        self.rules = rules
        summary = Catalog.Summary(rules)
        summary.effect = SkillEffect(of: skills, aliases: aliases)
    }

    mutating func run(
        _ root: YAMLNode, signatures: [SignatureEvidence], old: [UInt8]?
    ) throws(SkillsError) -> Catalog.Result {
        let seen = joined(signatures)
        codes.reserveCapacity(seen.count)
        count(seen)
        readNumbers(root)
        for (key, entry) in root["errors"]?.mapping ?? [] { update(key, entry, seen) }
        let news = seen.filter { $0.value.hits7d >= rules.minHits7d && codes[$0.key] == nil }
        let texts = newEntries(news)
        if !texts.isEmpty {
            guard edits.append(texts.joined(separator: "\n"), to: "errors", of: root) else {
                throw SkillsError(
                    code: .invalid, doing: "add entries to \(Catalog.path)",
                    message: "'errors' must be a mapping with one key a line",
                    mistakes: edits.problems)
            }
            summary.added = texts.count
        }
        summary.quiet = rows.count(where: \.isQuiet)
        updateMetadata(root)
        let bytes = edits.applied()
        return Catalog.Result(
            bytes: bytes, isChanged: bytes != old, summary: summary,
            problems: fields.mistakes + edits.problems, codes: codes, rows: rows)
    }

    /// The signatures by their newest fingerprint, those that are one by now as one; the same however
    /// they are ordered.
    private func joined(_ signatures: [SignatureEvidence]) -> [String: SignatureEvidence] {
        var seen: [String: SignatureEvidence] = [:]
        seen.reserveCapacity(signatures.count)
        for signature in signatures {
            let fingerprint = aliases.newest(signature.fingerprint)
            guard let other = seen[fingerprint] else {
                seen[fingerprint] = signature
                continue
            }
            func rank(_ evidence: SignatureEvidence) -> (Int, String) {
                (evidence.fingerprint == fingerprint ? 0 : 1, evidence.fingerprint)
            }
            let (first, second) =
                rank(signature) < rank(other) ? (signature, other) : (other, signature)
            seen[fingerprint] = first.counting(second)
        }
        return seen
    }

    private mutating func count(_ seen: [String: SignatureEvidence]) {
        for (fingerprint, signature) in seen where signature.hits7d >= rules.minHits7d {
            summary.signatures += 1
            if coverers[fingerprint] != nil { summary.covered += 1 }
        }
    }

    /// Numbers that were ever given: those noted in the metadata and those in use.
    private mutating func readNumbers(_ root: YAMLNode) {
        for (key, value) in root["metadata"]?["last_codes"]?.mapping ?? [] {
            if let prefix = key.scalar?.text, let number = value.scalar.flatMap({ Int($0.text) }) {
                numbers[prefix] = max(numbers[prefix] ?? 0, number)
            }
        }
        for (key, _) in root["errors"]?.mapping ?? [] {
            let parts = (key.scalar?.text ?? "").split(separator: "-")
            if parts.count == 2, let number = Int(parts[1]) {
                let prefix = String(parts[0])
                numbers[prefix] = max(numbers[prefix] ?? 0, number)
            }
        }
    }

    private mutating func update(
        _ key: YAMLNode, _ entry: YAMLNode, _ seen: [String: SignatureEvidence]
    ) {
        guard let written = entry["fingerprint"]?.scalar?.text else {
            if entry.mapping == nil {
                fields.mistake("an entry must be a mapping", at: entry)
            } else {
                rows.append(CatalogRow(key.scalar?.text ?? "", entry))
            }
            summary.unchanged += 1
            return
        }
        let fingerprint = aliases.newest(written)
        let code = key.scalar?.text ?? ""
        if entry[CatalogRow.replacedBy] != nil {
            summary.unchanged += 1
            return
        }
        if let other = codes[fingerprint] {
            replace(key, entry, by: other, isMoved: written != fingerprint, fingerprint)
            return
        }
        codes[fingerprint] = code
        if written != fingerprint { moved.insert(fingerprint) }
        var row = CatalogRow(code, entry)
        let before = edits.count
        if let signature = seen[fingerprint] {
            row.follow(signature, isQuiet: isQuiet(signature))
            edits.set("severity", .string(row.severity), in: entry)
            edits.set("fingerprint", .string(fingerprint), in: entry)
            moveBack("first_seen", to: signature.firstSeen, in: entry)
            edits.setMapping(
                "live_stats",
                CatalogText.stats(
                    row,
                    quiet: row.isQuiet || entry["live_stats"]?["quiet"] != nil
                        ? row.isQuiet : nil), in: entry)
        }
        let skills = coverers[fingerprint] ?? []
        edits.setGuardrails(skills, in: entry)
        row.covers = skills.map { .init(id: $0.id, confidence: $0.metadata.confidence) }
        rows.append(row)
        if edits.count > before { summary.updated += 1 } else { summary.unchanged += 1 }
    }

    /// Marks an entry whose error became one with another entry's. Two that were written for one error
    /// are a person's to choose from.
    private mutating func replace(
        _ key: YAMLNode, _ entry: YAMLNode, by other: String, isMoved: Bool, _ fingerprint: String
    ) {
        guard isMoved || moved.contains(fingerprint) else {
            let code = key.scalar?.text ?? ""
            fields.mistake("\(other) has the fingerprint of \(code) too; keep one of them", at: key)
            summary.unchanged += 1
            return
        }
        edits.set(CatalogRow.replacedBy, .string(other), in: entry)
        summary.updated += 1
    }

    /// Whether an error was read for and has stopped.
    private func isQuiet(_ signature: SignatureEvidence) -> Bool {
        signature.hits7d == 0 && signature.isSilent
    }

    /// A time that can only become earlier, since what was seen is forgotten from the other end.
    private mutating func moveBack(_ key: String, to time: Timestamp?, in entry: YAMLNode) {
        guard let time, let written = entry[key]?.scalar.flatMap({ Timestamp($0.text) }),
            time.seconds < written.seconds
        else { return }
        edits.set(key, .string(time.rfc3339), in: entry)
    }

    private mutating func newEntries(_ news: [String: SignatureEvidence]) -> [String] {
        let ordered = news.map { (-$0.value.hits7d, -$0.value.hits30d, $0.key) }.sorted(by: <)
        return ordered.compactMap { _, _, fingerprint in
            guard let signature = news[fingerprint] else { return nil }
            let category = CatalogCategory(signature)
            let number = (numbers[category.prefix] ?? 0) + 1
            numbers[category.prefix] = number
            let digits = String(number)
            let code =
                category.prefix + "-" + String(repeating: "0", count: max(0, 3 - digits.count))
                + digits
            codes[fingerprint] = code
            let row = CatalogRow(
                code, signature, category: category, isQuiet: isQuiet(signature),
                skills: coverers[fingerprint] ?? [])
            rows.append(row)
            return CatalogText.entry(
                row, signature, fingerprint: fingerprint, skills: coverers[fingerprint] ?? [])
        }
    }

    /// Coverage and effect, and the numbers given, so that an entry that is removed never gives its code away.
    private mutating func updateMetadata(_ root: YAMLNode) {
        var members: [(String, JSON)] = [
            ("signatures", .integer(summary.signatures)), ("covered", .integer(summary.covered)),
            ("coverage", summary.coverage.map(JSON.number) ?? .null),
            ("coverage_target", .number(rules.coverageTarget)),
            ("expected_7d", summary.effect.map { .number($0.expected7d) } ?? .null),
            ("actual_7d", summary.effect.map { .number($0.actual7d) } ?? .null),
            ("reduction", summary.reduction.map(JSON.number) ?? .null),
            ("reduction_target", .number(rules.reductionTarget)),
            ("quiet", .integer(summary.quiet)), ("min_hits_7d", .integer(rules.minHits7d)),
        ]
        let given = CatalogCategory.allCases.compactMap { category in
            numbers[category.prefix].map { (category.prefix, JSON.integer($0)) }
        }
        let metadata = root["metadata"]
        if let metadata, metadata["last_codes"] != nil {
            edits.setMapping("last_codes", given, in: metadata)
        } else {
            members.append(("last_codes", .object(JSONObject(given))))
        }
        edits.setMapping("metadata", members, in: root)
    }
}
