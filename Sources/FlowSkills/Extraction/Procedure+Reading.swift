package import FlowJSON
internal import FlowSystem
internal import FlowText
internal import FlowYAML

extension Procedure {
    /// The procedure of which `json` is: the same in four digits of each share and rate.
    /// - Parameter path: What mistakes call the place that it comes from.
    /// - Throws: `SkillsError` with every mistake.
    package init(reading json: JSON, path: String = "procedure") throws(SkillsError) {
        var fields = Fields(path: path)
        var procedure: Procedure?
        do throws(YAMLError) {
            // JSON is YAML, and one reader makes one set of rules.
            let document = try YAMLDocument.read(Array(SkillText.flow(json).utf8))
            if let root = document.root { procedure = fields.procedure(root) }
        } catch {
            fields.mistake(error)
        }
        guard let procedure, fields.mistakes.isEmpty else {
            throw SkillsError(
                code: .invalid, doing: "read \(VisibleText.safe(path))",
                message: "it is no valid procedure",
                mistakes: fields.mistakes.map { Mistake(path: path, message: $0.message) })
        }
        self = procedure
    }
}

extension Fields {
    /// A procedure that stands alone, with its name and status.
    fileprivate mutating func procedure(_ root: YAMLNode) -> Procedure? {
        let known = ["name", "status", "score"] + Procedure.keys
        guard let top = mapping(root, "a procedure", known: known) else { return nil }
        let name = required("name", top, in: root).flatMap { text($0, "name") }
        let status = top["status"].flatMap { choice($0, "status", Skill.Status.self) }
        return procedure(
            top, in: root, name: name ?? "", status: (status ?? .experimental).rawValue)
    }

    /// What the members of a document say of its procedure.
    mutating func procedure(
        _ top: [String: YAMLNode], in root: YAMLNode, name: String, status: String
    ) -> Procedure {
        let version = top["version"].flatMap { self.version($0) } ?? SkillVersion.first
        let parameters = elements(top["parameters"], "parameters") {
            $0.parameter($1, $2)
        }
        unique(parameters.map(\.name), "parameter", at: top["parameters"])
        let steps = self.steps(top, in: root, parameters: Set(parameters.map(\.name)))
        return Procedure(
            name: name, description: top["description"].flatMap { text($0, "description") } ?? "",
            version: version.text, status: status,
            category: top["category"].flatMap { text($0, "category") } ?? "",
            tags: top["tags"].map { texts($0, "tags") } ?? [], steps: steps,
            parameters: parameters,
            preconditions: elements(top["preconditions"], "preconditions") {
                $0.precondition($1, $2)
            },
            evidence: evidence(top["evidence"]))
    }

    private mutating func version(_ node: YAMLNode) -> SkillVersion? {
        guard let text = text(node, "version") else { return nil }
        if let version = SkillVersion(text) { return version }
        mistake(
            "version is \"\(VisibleText.safe(text))\"; it must be three whole numbers: 1.0.0",
            at: node)
        return nil
    }

    /// The elements of a list that can be made out; none where there is no list.
    private mutating func elements<Element>(
        _ node: YAMLNode?, _ what: String,
        _ read: (inout Fields, YAMLNode, String) -> Element?
    ) -> [Element] {
        guard let node, !isNull(node) else { return [] }
        guard let list = node.sequence else {
            mistake("\(what) must be a list", at: node)
            return []
        }
        return list.enumerated().compactMap { place, element in
            read(&self, element, "\(what)[\(place)]")
        }
    }

    /// Notes each element of a list that has an earlier one's name.
    private mutating func unique(_ names: [String], _ what: String, at list: YAMLNode?) {
        var seen: Set<String> = []
        for (place, name) in names.enumerated() where !seen.insert(name).inserted {
            let nodes = list?.sequence ?? []
            mistake(
                "there are two of the \(what) \"\(VisibleText.safe(name))\"; give one another name",
                at: place < nodes.count ? nodes[place] : list)
        }
    }

    /// A name that references can hold.
    private mutating func word(
        _ key: String, _ members: [String: YAMLNode], in node: YAMLNode, _ what: String
    ) -> String? {
        guard let value = required(key, members, in: node, what),
            let text = text(value, "\(what).\(key)")
        else { return nil }
        let isWord =
            !text.isEmpty
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
        if !isWord {
            mistake(
                "\(what).\(key) is \"\(VisibleText.safe(text))\"; it must be letters, digits, - and _",
                at: value)
        }
        return text
    }

    private mutating func share(_ members: [String: YAMLNode], _ what: String) -> Double {
        members["share"].flatMap { number($0, "\(what).share", in: 0...1) } ?? 1
    }

    private mutating func whole(_ key: String, _ members: [String: YAMLNode], _ what: String) -> Int
    {
        members[key].flatMap { count($0, "\(what).\(key)") } ?? 0
    }

    private mutating func flag(_ key: String, _ members: [String: YAMLNode], _ what: String)
        -> Bool?
    {
        members[key].flatMap { flag($0, "\(what).\(key)") }
    }
}

// MARK: Steps

extension Fields {
    private mutating func steps(
        _ top: [String: YAMLNode], in root: YAMLNode, parameters: Set<String>
    ) -> [Procedure.Step] {
        var earlier: [String] = []
        let steps = elements(top["steps"], "steps") { fields, node, what -> Procedure.Step? in
            let step = fields.step(node, what, parameters, earlier)
            if let step { earlier.append(step.id) }
            return step
        }
        unique(steps.map(\.id), "step", at: top["steps"])
        if steps.allSatisfy(\.isOptional) {
            mistake(
                steps.isEmpty
                    ? "a procedure needs steps: a list of such as {id: build, name: make}"
                    : "a procedure needs a step that is not optional",
                at: top["steps"] ?? root)
        }
        return steps
    }

    private mutating func step(
        _ node: YAMLNode, _ what: String, _ parameters: Set<String>, _ earlier: [String]
    ) -> Procedure.Step? {
        let known = [
            "id", "type", "name", "agents", "optional", "share", "arguments", "duration_ms",
        ]
        guard let members = mapping(node, what, known: known) else { return nil }
        let type = members["type"].map { text($0, "\(what).type") ?? "" }
        let name = members["name"].map { text($0, "\(what).name") ?? "" } ?? ""
        if (type ?? "").isEmpty, name.isEmpty {
            mistake("\(what) needs a name, or a type other than tool.called", at: node)
        }
        return Procedure.Step(
            id: word("id", members, in: node, what) ?? "", type: type ?? "tool.called", name: name,
            agents: members["agents"].map { texts($0, "\(what).agents") } ?? [],
            isOptional: flag("optional", members, what) ?? false, share: share(members, what),
            arguments: arguments(members["arguments"], "\(what).arguments", parameters, earlier),
            duration: quantiles(members["duration_ms"], "\(what).duration_ms"))
    }

    private mutating func arguments(
        _ node: YAMLNode?, _ what: String, _ parameters: Set<String>, _ earlier: [String]
    ) -> [Procedure.Argument] {
        guard let node else { return [] }
        guard let members = node.mapping else {
            mistake("\(what) must be a mapping of the arguments' names", at: node)
            return []
        }
        return members.compactMap { key, value in
            let path = key.scalar?.text ?? ""
            let place = "\(what).\(VisibleText.safe(path))"
            return source(value, place, parameters, earlier)
                .map { Procedure.Argument(path: path, source: $0) }
        }
    }

    private mutating func source(
        _ node: YAMLNode, _ what: String, _ parameters: Set<String>, _ earlier: [String]
    ) -> Procedure.Source? {
        let known = ["value", "from", "parameter", "step", "path"]
        guard let members = mapping(node, what, known: known) else { return nil }
        let sources = ["value", "parameter", "step"].filter { members[$0] != nil }
        guard sources.count == 1 else {
            mistake(
                "\(what) needs one of value, parameter and step"
                    + (sources.isEmpty ? "" : "; it has " + sources.joined(separator: " and ")),
                at: node)
            return nil
        }
        var source: Procedure.Source?
        if let value = members["value"] { source = .literal(json(value)) }
        if let value = members["parameter"], let name = text(value, "\(what).parameter") {
            source = .parameter(name)
            if !parameters.contains(name) {
                let hint = Nearest.hint(name, among: parameters.sorted())
                mistake(
                    "there is no parameter \"\(VisibleText.safe(name))\""
                        + (hint.isEmpty ? "; add it to parameters" : hint), at: value)
            }
        }
        if let value = members["step"], let id = text(value, "\(what).step") {
            let path = members["path"].flatMap { text($0, "\(what).path") } ?? ""
            source = .output(step: id, path: path)
            if !earlier.contains(id) {
                let hint = Nearest.hint(id, among: earlier)
                let known =
                    earlier.isEmpty
                    ? "; before the first step there is none"
                    : "; before this one are " + earlier.joined(separator: ", ")
                mistake(
                    "\"\(VisibleText.safe(id))\" is no earlier step"
                        + (hint.isEmpty ? VisibleText.safe(known) : hint), at: value)
            }
        }
        if let from = members["from"], let source { check(from, source, what) }
        return source
    }

    /// `from` says in a workflow's words what the other members say.
    private mutating func check(_ node: YAMLNode, _ source: Procedure.Source, _ what: String) {
        guard let text = text(node, "\(what).from"), text != source.reference else { return }
        mistake(
            source.reference.map { "\(what).from must be \(VisibleText.safe($0))" }
                ?? "\(what).from does not go with value: remove one of both", at: node)
    }
}

// MARK: Parameters and preconditions

extension Fields {
    private mutating func parameter(_ node: YAMLNode, _ what: String) -> Procedure.Parameter? {
        let known = ["name", "type", "required", "default", "examples", "range", "distinct"]
        guard let members = mapping(node, what, known: known) else { return nil }
        let type = members["type"].flatMap { text($0, "\(what).type") } ?? "any"
        if !Procedure.Parameter.types.contains(type) {
            mistake(
                "\(what).type is \"\(VisibleText.safe(type))\"; it must be one of "
                    + Procedure.Parameter.types.joined(separator: ", "), at: members["type"])
        }
        let fallback = members["default"].map { json($0) }
        if let fallback, !Procedure.Parameter.fits(fallback, type: type) {
            mistake(
                "\(what).default is \(VisibleText.safe(fallback.text())), and its type is \(type): "
                    + "change one of both", at: members["default"])
        }
        let isRequired = flag("required", members, what)
        if isRequired == true, fallback != nil {
            mistake(
                "\(what) is required and has a default: remove one of both",
                at: members["required"])
        }
        return Procedure.Parameter(
            name: word("name", members, in: node, what) ?? "", type: type,
            isRequired: isRequired ?? (fallback == nil), fallback: fallback,
            examples: elements(members["examples"], "\(what).examples") { fields, node, _ in
                fields.json(node)
            },
            range: members["range"].flatMap { bounds($0, "\(what).range") },
            distinct: whole("distinct", members, what))
    }

    /// Two finite numbers, the lower first.
    private mutating func bounds(_ node: YAMLNode, _ what: String) -> ClosedRange<Double>? {
        let numbers = node.sequence?.compactMap { (try? $0.json)?.doubleValue } ?? []
        guard numbers.count == 2, node.sequence?.count == 2, numbers[0] <= numbers[1] else {
            mistake("\(what) must be a list of two numbers, the lower first", at: node)
            return nil
        }
        return numbers[0]...numbers[1]
    }

    private mutating func precondition(_ node: YAMLNode, _ what: String)
        -> Procedure.Precondition?
    {
        guard let members = mapping(node, what, known: ["type", "name", "share"]) else {
            return nil
        }
        let type = members["type"].flatMap { text($0, "\(what).type") } ?? "tool.called"
        let name = members["name"].flatMap { text($0, "\(what).name") } ?? ""
        return Procedure.Precondition(type: type, name: name, share: share(members, what))
    }

    private mutating func quantiles(_ node: YAMLNode?, _ what: String) -> Procedure.Quantiles? {
        guard let node, !isNull(node),
            let members = mapping(node, what, known: ["p50", "p90"])
        else { return nil }
        let any = 0.0...Double.infinity
        guard let median = required("p50", members, in: node, what),
            let p90 = required("p90", members, in: node, what),
            let low = number(median, "\(what).p50", in: any),
            let high = number(p90, "\(what).p90", in: any)
        else { return nil }
        return Procedure.Quantiles(median: low, p90: high)
    }
}

// MARK: Evidence

extension Fields {
    /// Of a procedure that a person has written there may be none.
    private mutating func evidence(_ node: YAMLNode?) -> Procedure.Evidence {
        let known = [
            "support", "executions", "begun", "success", "lift", "seconds", "cost_usd", "first",
            "last", "runs", "transitions",
        ]
        let what = "evidence"
        let members = node.flatMap { isNull($0) ? nil : mapping($0, what, known: known) } ?? [:]
        return Procedure.Evidence(
            support: whole("support", members, what),
            executions: whole("executions", members, what), begun: whole("begun", members, what),
            success: members["success"].flatMap { success($0, "evidence.success") },
            lift: members["lift"].flatMap { lift($0, "evidence.lift") } ?? SuccessLift.unknown,
            seconds: quantiles(members["seconds"], "evidence.seconds"),
            cost: quantiles(members["cost_usd"], "evidence.cost_usd"),
            first: members["first"].flatMap { time($0, "evidence.first") },
            last: members["last"].flatMap { time($0, "evidence.last") },
            runs: members["runs"].map { texts($0, "evidence.runs") } ?? [],
            transitions: elements(members["transitions"], "evidence.transitions") {
                $0.transition($1, $2)
            })
    }

    /// Its steps may be gone: who edits the steps leaves the evidence.
    private mutating func transition(_ node: YAMLNode, _ what: String) -> Procedure.Transition? {
        guard let members = mapping(node, what, known: ["from", "to", "share", "seconds"]),
            let from = word("from", members, in: node, what),
            let to = word("to", members, in: node, what)
        else { return nil }
        return Procedure.Transition(
            from: from, to: to, share: share(members, what),
            seconds: quantiles(members["seconds"], "\(what).seconds"))
    }

    private mutating func success(_ node: YAMLNode, _ what: String) -> Procedure.SuccessRate? {
        let known = ["runs", "succeeded", "rate", "interval", "method"]
        guard !isNull(node), let members = mapping(node, what, known: known) else { return nil }
        guard let share = self.share(of: members, what, in: node) else { return nil }
        guard share.runs > 0 else {
            mistake("\(what).runs must be at least 1; without runs remove \(what)", at: node)
            return nil
        }
        let all = 0.0...1.0
        let interval =
            required("interval", members, in: node, what).flatMap { bounds($0, "\(what).interval") }
            ?? all
        if interval.clamped(to: all) != interval {
            mistake("\(what).interval must be within 0 and 1", at: members["interval"])
        }
        let rate = Procedure.SuccessRate(
            runs: share.runs, succeeded: share.succeeded, interval: interval)
        if let node = members["rate"], let said = number(node, "\(what).rate", in: all),
            Procedure.short(said) != Procedure.short(rate.rate)
        {
            mistake(
                "\(what).rate must be \(Procedure.short(rate.rate).text()), which "
                    + "\(share.succeeded) of \(share.runs) are", at: node)
        }
        if let node = members["method"] { _ = text(node, "\(what).method") }
        return rate
    }

    private mutating func share(
        of members: [String: YAMLNode], _ what: String, in node: YAMLNode
    ) -> SuccessLift.Share? {
        let share = SuccessLift.Share(
            runs: whole("runs", members, what), succeeded: whole("succeeded", members, what))
        guard share.succeeded <= share.runs else {
            mistake(
                "\(what).succeeded is \(share.succeeded) and must be at most runs, "
                    + "which is \(share.runs)", at: members["succeeded"])
            return nil
        }
        return share
    }

    private mutating func lift(_ node: YAMLNode, _ what: String) -> SuccessLift? {
        let known = ["following", "others", "ratio", "p", "raises_success"]
        guard !isNull(node), let members = mapping(node, what, known: known) else { return nil }
        func share(_ key: String, _ fields: inout Fields) -> SuccessLift.Share? {
            guard let value = fields.required(key, members, in: node, what),
                let parts = fields.mapping(
                    value, "\(what).\(key)", known: ["runs", "succeeded"])
            else { return nil }
            return fields.share(of: parts, "\(what).\(key)", in: value)
        }
        if let ratio = members["ratio"], !isNull(ratio) {
            _ = number(ratio, "\(what).ratio", in: 0...Double.infinity)
        }
        let p = members["p"].flatMap { number($0, "\(what).p", in: 0...1) } ?? 1
        guard let following = share("following", &self), let others = share("others", &self)
        else { return nil }
        return SuccessLift(
            following: following, others: others, p: p,
            isRaising: flag("raises_success", members, what) ?? false)
    }
}
