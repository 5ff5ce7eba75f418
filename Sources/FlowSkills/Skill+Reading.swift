internal import FlowJSON
internal import FlowText
internal import FlowSystem
internal import FlowYAML

extension Skill {
    /// Reads a document and checks everything in it.
    /// - Parameters:
    ///   - path: As the repository names it; the file name must fit the id.
    ///   - isOfLibrary: Whether it stands there; a file elsewhere may have any name.
    /// - Throws: `SkillsError` with every mistake, each at its line and column.
    package static func read(
        _ bytes: [UInt8], path: String, isOfLibrary: Bool = true
    ) throws(SkillsError) -> Skill {
        let (skill, mistakes) = check(bytes, path: path, isOfLibrary: isOfLibrary)
        guard let skill, mistakes.isEmpty else {
            throw SkillsError(
                code: .invalid, doing: "read \(VisibleText.safe(path))",
                message: "it is no valid skill", mistakes: mistakes)
        }
        return skill
    }

    /// Where a value stands in a document; its beginning where it has none.
    static func place(of path: [String], in bytes: [UInt8]) -> (line: Int, column: Int) {
        var node = (try? YAMLDocument.read(bytes))?.root
        for key in path { node = node?[key] }
        return (node?.start.line ?? 1, node?.start.column ?? 1)
    }

    /// The skill, if it can be made out, and every mistake in the order of the text.
    package static func check(
        _ bytes: [UInt8], path: String, isOfLibrary: Bool = true
    ) -> (Skill?, [Mistake]) {
        do throws(YAMLError) {
            guard let root = try YAMLDocument.read(bytes).root else {
                return (
                    nil, [Mistake(path: path, message: "the file is empty: a skill is missing")]
                )
            }
            var reader = SkillReader(path: path, isOfLibrary: isOfLibrary)
            let skill = reader.skill(root)
            return (
                skill, reader.fields.mistakes.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
            )
        } catch {
            let mistake = Mistake(
                path: path, line: error.mark.line, column: error.mark.column,
                message: error.message)
            return (nil, [mistake])
        }
    }
}

/// Makes a skill of YAML nodes; what is missing or wrong is noted and stands as empty.
private struct SkillReader {
    var fields: Fields
    private let isOfLibrary: Bool

    init(path: String, isOfLibrary: Bool) {
        fields = Fields(path: path)
        self.isOfLibrary = isOfLibrary
    }

    mutating func skill(_ root: YAMLNode) -> Skill? {
        let known =
            [
                "id", "name", "kind", "status", "priority", "match", "action", "evaluation",
                "metadata", "examples", "owners", "notes",
            ] + Procedure.keys
        guard let top = fields.mapping(root, "a skill", known: known) else { return nil }
        let id = self.id(top, in: root)
        let name = fields.required("name", top, in: root).flatMap { fields.text($0, "name") }
        if name?.isEmpty == true {
            fields.mistake("name is empty: say in a few words what it is", at: top["name"])
        }
        let kind = fields.required("kind", top, in: root)
            .flatMap { fields.choice($0, "kind", Skill.Kind.self) }
        let status = fields.required("status", top, in: root)
            .flatMap { fields.choice($0, "status", Skill.Status.self) }
        let priority =
            top["priority"]
            .map { fields.choice($0, "priority", Skill.Priority.self) } ?? .medium
        let examples = top["examples"].map { fields.texts($0, "examples") } ?? []
        if examples.count > 5 { fields.mistake("at most 5 examples are kept", at: top["examples"]) }
        let match = fields.required("match", top, in: root).map { node in
            self.match(node, kind: kind, examples: examples, at: top["examples"])
        }
        let action = self.action(top, kind: kind, in: root)
        let evaluation = top["evaluation"].map { self.evaluation($0) } ?? .null
        let metadata = fields.required("metadata", top, in: root).map { self.metadata($0) }
        let owners = top["owners"].map { fields.texts($0, "owners") } ?? []
        let notes = top["notes"].flatMap { fields.isNull($0) ? "" : fields.text($0, "notes") } ?? ""
        let procedure = self.procedure(top, kind, name: name, status: status, in: root)
        guard let id, let name, let kind, let status, let priority, let match, let metadata
        else { return nil }
        return Skill(
            id: id, name: name, kind: kind, status: status, priority: priority, match: match,
            action: action, evaluation: evaluation, metadata: metadata, examples: examples,
            owners: owners, notes: notes, procedure: procedure)
    }

    private mutating func procedure(
        _ top: [String: YAMLNode], _ kind: Skill.Kind?, name: String?, status: Skill.Status?,
        in root: YAMLNode
    ) -> Procedure? {
        guard let kind else { return nil }
        if kind == .procedure {
            return fields.procedure(
                top, in: root, name: name ?? "", status: status?.rawValue ?? "")
        }
        for key in Procedure.keys {
            guard let node = top[key] else { continue }
            fields.mistake(
                "\(key) belongs to a procedure, not to a \(kind.rawValue): remove it", at: node)
        }
        return nil
    }

    private mutating func id(_ top: [String: YAMLNode], in root: YAMLNode) -> String? {
        guard let node = fields.required("id", top, in: root), let id = fields.text(node, "id")
        else { return nil }
        guard SkillName.isID(id) else {
            fields.mistake(
                "\"\(VisibleText.safe(id))\" is no id: GR-, FX- or PR- and 8 or 12 upper-case "
                    + "hex digits", at: node)
            return nil
        }
        if isOfLibrary, let wrong = SkillName.mistake(inFile: fields.path, id: id) {
            fields.mistake(wrong, at: node)
        }
        return id
    }

    private mutating func match(
        _ node: YAMLNode, kind: Skill.Kind?, examples: [String], at list: YAMLNode?
    ) -> Skill.Match {
        let known = ["component", "fingerprint", "template", "message_regex"]
        var match = Skill.Match(component: "", fingerprint: "", template: "", messageRegex: "")
        guard let members = fields.mapping(node, "match", known: known) else { return match }
        if let value = fields.required("fingerprint", members, in: node, "match"),
            let text = fields.text(value, "match.fingerprint")
        {
            match.fingerprint = text
            if !SkillName.isFingerprint(text) {
                fields.mistake(
                    "\"\(VisibleText.safe(text))\" is no fingerprint: a UUID of version 8 in "
                        + "lower case, like 8f14e45f-ceea-867f-b0c4-9a1d3c5e7f02", at: value)
            }
        }
        func value(_ key: String, _ fields: inout Fields) -> YAMLNode? {
            kind == .procedure ? members[key] : fields.required(key, members, in: node, "match")
        }
        match.component =
            value("component", &fields).flatMap { fields.text($0, "match.component") } ?? ""
        match.template =
            value("template", &fields).flatMap { fields.text($0, "match.template") } ?? ""
        if let regex = value("message_regex", &fields),
            let text = fields.text(regex, "match.message_regex")
        {
            match.messageRegex = text
            check(text, at: regex, examples: examples, list)
        }
        return match
    }

    private mutating func check(
        _ pattern: String, at node: YAMLNode, examples: [String], _ list: YAMLNode?
    ) {
        do throws(RegexError) {
            let regex = try LinearRegex(pattern)
            for (place, example) in examples.enumerated() where !regex.matches(example) {
                let places = list?.sequence ?? []
                fields.mistake(
                    "match.message_regex does not match examples[\(place)]",
                    at: place < places.count ? places[place] : node)
            }
        } catch {
            fields.mistake("match.message_regex: \(error)", at: node)
        }
    }

    private mutating func action(
        _ top: [String: YAMLNode], kind: Skill.Kind?, in root: YAMLNode
    ) -> JSON {
        guard let kind, kind != .procedure || top["action"] != nil,
            let node = fields.required("action", top, in: root)
        else { return .null }
        let (types, known) =
            switch kind {
            case .guardrail: (["block", "warn"], ["type", "message", "suggest_fix"])
            case .fixer:
                (["autopatch"], ["type", "script", "dry_run", "safe_mode", "rollback_on_failure"])
            case .procedure: (["apply"], ["type"])
            }
        guard let members = fields.mapping(node, "the action of a \(kind.rawValue)", known: known)
        else { return .null }
        if let type = fields.required("type", members, in: node, "action"),
            let text = fields.text(type, "action.type"), !types.contains(text)
        {
            fields.mistake(
                "the action of a \(kind.rawValue) has type \(types.joined(separator: " or ")), "
                    + "not \"\(VisibleText.safe(text))\"", at: type)
        }
        for key in ["message", "script"] {
            if let value = members[key] { _ = fields.text(value, "action.\(key)") }
        }
        for key in ["suggest_fix", "dry_run", "safe_mode", "rollback_on_failure"] {
            if let value = members[key] { _ = fields.flag(value, "action.\(key)") }
        }
        if kind == .fixer { _ = fields.required("script", members, in: node, "action") }
        return fields.json(node)
    }

    private mutating func evaluation(_ node: YAMLNode) -> JSON {
        if fields.isNull(node) { return .null }
        guard let members = fields.mapping(node, "evaluation", known: ["tests"]) else {
            return .null
        }
        for (place, test) in (members["tests"]?.sequence ?? []).enumerated() {
            let what = "evaluation.tests[\(place)]"
            guard let keys = fields.mapping(test, what, known: ["name", "metric", "target"])
            else { continue }
            for (key, value) in keys { _ = fields.text(value, "\(what).\(key)") }
        }
        if let tests = members["tests"], tests.sequence == nil {
            fields.mistake("evaluation.tests must be a list", at: tests)
        }
        return fields.json(node)
    }

    private mutating func metadata(_ node: YAMLNode) -> Skill.Metadata {
        let known = [
            "hits_7d", "hits_30d", "impact_score", "first_seen", "last_seen", "confidence",
            "confidence_history", "deployed_at", "release", "generated_at", "auto_generated",
        ]
        let members = fields.mapping(node, "metadata", known: known) ?? [:]
        let any = 0.0...Double.infinity
        return Skill.Metadata(
            hits7d: members["hits_7d"].flatMap { fields.count($0, "metadata.hits_7d") } ?? 0,
            hits30d: members["hits_30d"].flatMap { fields.count($0, "metadata.hits_30d") } ?? 0,
            impactScore: members["impact_score"]
                .flatMap { fields.number($0, "metadata.impact_score", in: any) } ?? 0,
            firstSeen: members["first_seen"].flatMap { fields.time($0, "metadata.first_seen") },
            lastSeen: members["last_seen"].flatMap { fields.time($0, "metadata.last_seen") },
            confidence: fields.required("confidence", members, in: node, "metadata")
                .flatMap { fields.number($0, "metadata.confidence", in: 0...1) }
                ?? SkillDraft.priorConfidence,
            confidenceHistory: members["confidence_history"].map { self.history($0) } ?? [],
            deployedAt: members["deployed_at"].flatMap { fields.time($0, "metadata.deployed_at") },
            release: members["release"].flatMap {
                fields.isNull($0) ? nil : fields.text($0, "metadata.release")
            },
            generatedAt: members["generated_at"]
                .flatMap { fields.time($0, "metadata.generated_at") },
            autoGenerated: members["auto_generated"]
                .flatMap { fields.flag($0, "metadata.auto_generated") } ?? false)
    }

    private mutating func history(_ node: YAMLNode) -> [Skill.HistoryEntry] {
        guard let elements = node.sequence else {
            fields.mistake("metadata.confidence_history must be a list", at: node)
            return []
        }
        return elements.enumerated().compactMap { place, element in
            historyEntry(element, "metadata.confidence_history[\(place)]")
        }
    }

    /// Two bounds, of which the upper is null where there is none; null where the method gives none.
    private mutating func interval(_ node: YAMLNode, _ what: String) -> Skill.Interval? {
        if fields.isNull(node) { return nil }
        let any = 0.0...Double.infinity
        guard let bounds = node.sequence, bounds.count == 2 else {
            fields.mistake("\(what) must be null or a list of two bounds", at: node)
            return nil
        }
        let high = fields.isNull(bounds[1]) ? nil : fields.number(bounds[1], what, in: any)
        return fields.number(bounds[0], what, in: any).map { Skill.Interval(low: $0, high: high) }
    }

    private mutating func historyEntry(_ node: YAMLNode, _ what: String) -> Skill.HistoryEntry? {
        let known = [
            "timestamp", "old", "new", "reason", "hits_7d", "expected_7d", "rate_ratio", "interval",
            "method",
        ]
        guard let members = fields.mapping(node, what, known: known),
            let time = fields.required("timestamp", members, in: node, what)
        else { return nil }
        let any = 0.0...Double.infinity
        func number(_ key: String, _ range: ClosedRange<Double>, _ fields: inout Fields) -> Double {
            members[key].flatMap { fields.number($0, "\(what).\(key)", in: range) } ?? 0
        }
        guard let timestamp = fields.time(time, "\(what).timestamp") else { return nil }
        return Skill.HistoryEntry(
            timestamp: timestamp, old: number("old", 0...1, &fields),
            new: number("new", 0...1, &fields),
            reason: members["reason"].flatMap { fields.text($0, "\(what).reason") } ?? "",
            hits7d: members["hits_7d"].flatMap { fields.count($0, "\(what).hits_7d") } ?? 0,
            expected7d: number("expected_7d", any, &fields),
            rateRatio: members["rate_ratio"].flatMap {
                fields.isNull($0) ? nil : fields.number($0, "\(what).rate_ratio", in: any)
            },
            interval: members["interval"].flatMap { self.interval($0, "\(what).interval") },
            method: members["method"].flatMap { fields.text($0, "\(what).method") } ?? "")
    }
}
