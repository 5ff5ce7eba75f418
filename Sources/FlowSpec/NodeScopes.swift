internal import FlowYAML

/// What the expressions of one node may read, by their place.
struct NodeScopes {
    private let knowledge: Scope.Knowledge
    private let findings: Findings

    private static let before: Set<Scope.Context> = [.params, .needs, .env, .flow]
    private static let leg = before.union([.matrix, .strategy])
    private static let beforeKey = before.union([.matrix])
    private static let withSecrets = leg.union([.secrets])
    private static let cached: Set<Scope.Context> = [.params, .needs, .matrix, .strategy, .flow]

    init(_ node: NodeFacts, _ knowledge: Scope.Knowledge, _ findings: Findings) {
        var knowledge = knowledge
        knowledge.node = node
        self.knowledge = knowledge
        self.findings = findings
    }

    /// Before there are legs.
    func early(_ place: String) -> Scope { scope(place, Self.before) }

    var key: Scope { scope("'key'", Self.beforeKey) }

    var condition: TemplateReader {
        var scope = scope("'if'", Self.before)
        scope.allowsStatus = true
        return TemplateReader(findings: findings, scope: scope)
    }

    var environment: TemplateReader {
        TemplateReader(findings: findings, scope: scope("'env'", Self.withSecrets))
    }

    var cache: TemplateReader {
        TemplateReader(findings: findings, scope: scope("'cache'", Self.cached))
    }

    /// In a leg.
    func leg(_ place: String, nodeEnv: Bool = false) -> TemplateReader {
        var scope = scope(place, Self.leg)
        scope.seesNodeEnv = nodeEnv
        return TemplateReader(findings: findings, scope: scope)
    }

    private func scope(_ place: String, _ contexts: Set<Scope.Context>) -> Scope {
        Scope(place: place, contexts: contexts, knowledge: knowledge)
    }
}
