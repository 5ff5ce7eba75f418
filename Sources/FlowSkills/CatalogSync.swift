internal import FlowJSON
internal import FlowSystem
internal import FlowYAML

/// One sync of the catalog: reads the nodes once, collects edits, applies them at the end.
struct CatalogSync {
    private var edits: NodeEdits
    private let coverers: [String: [Skill]]
    private let aliases: Aliases
    private let minHits7d: Int
    private var summary = Catalog.Summary()
    private var fields = Fields(path: Catalog.path)
    private var codes: [String: String] = [:]
    /// The highest number given so far, by prefix.
    private var numbers: [String: Int] = [:]

    init(_ bytes: [UInt8], skills: [Skill], aliases: Aliases, minHits7d: Int) {
        edits = NodeEdits(bytes)
        coverers = Dictionary(grouping: skills.sorted { $0.id < $1.id }) {
            aliases.newest($0.match.fingerprint)
        }
        self.aliases = aliases
        self.minHits7d = minHits7d
    }

    mutating func run(
        _ root: YAMLNode, signatures: [SignatureEvidence], old: [UInt8]?
    ) throws(SkillsError) -> Catalog.Result {
        var seen: [String: SignatureEvidence] = [:]
        for signature in signatures { seen[aliases.newest(signature.fingerprint)] = signature }
        count(seen)
        readNumbers(root)
        for (key, entry) in root["errors"]?.mapping ?? [] { update(key, entry, seen) }
        let news = seen.filter { $0.value.hits7d >= minHits7d && codes[$0.key] == nil }
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
        updateMetadata(root)
        let bytes = edits.applied()
        return Catalog.Result(
            bytes: bytes, isChanged: bytes != old, summary: summary,
            problems: fields.mistakes + edits.problems, codes: codes)
    }

    private mutating func count(_ seen: [String: SignatureEvidence]) {
        for (fingerprint, signature) in seen where signature.hits7d >= minHits7d {
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
            if entry.mapping == nil { fields.mistake("an entry must be a mapping", at: entry) }
            summary.unchanged += 1
            return
        }
        let fingerprint = aliases.newest(written)
        guard codes[fingerprint] == nil else {
            summary.unchanged += 1
            return
        }
        codes[fingerprint] = key.scalar?.text ?? ""
        let before = edits.count
        if let signature = seen[fingerprint] {
            let severity = CatalogSeverity(hits7d: signature.hits7d).rawValue
            edits.set("severity", .string(severity), in: entry)
            edits.set("fingerprint", .string(fingerprint), in: entry)
            edits.setMapping(
                "live_stats",
                [
                    ("hits_7d", .integer(signature.hits7d)),
                    ("hits_30d", .integer(signature.hits30d)),
                    ("last_seen", signature.lastSeen.map { .string($0.rfc3339) } ?? .null),
                    ("trend", .string(signature.trend.way.rawValue)),
                ], in: entry)
        }
        edits.setGuardrails(coverers[fingerprint] ?? [], in: entry)
        if edits.count > before { summary.updated += 1 } else { summary.unchanged += 1 }
    }

    private mutating func newEntries(_ news: [String: SignatureEvidence]) -> [String] {
        let ordered = news.sorted { one, other in
            (-one.value.hits7d, -one.value.hits30d, one.key)
                < (-other.value.hits7d, -other.value.hits30d, other.key)
        }
        return ordered.map { fingerprint, signature in
            let category = CatalogCategory(signature)
            let number = (numbers[category.prefix] ?? 0) + 1
            numbers[category.prefix] = number
            let digits = String(number)
            let code =
                category.prefix + "-" + String(repeating: "0", count: max(0, 3 - digits.count))
                + digits
            codes[fingerprint] = code
            return CatalogText.entry(
                code, signature, category: category, fingerprint: fingerprint,
                skills: coverers[fingerprint] ?? [])
        }
    }

    /// Coverage, and the numbers given, so that an entry that is removed never gives its code away.
    private mutating func updateMetadata(_ root: YAMLNode) {
        var members: [(String, JSON)] = [
            ("signatures", .integer(summary.signatures)), ("covered", .integer(summary.covered)),
            ("coverage", summary.coverage.map(JSON.number) ?? .null),
            ("min_hits_7d", .integer(minHits7d)),
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
