/// The kinds of error that the catalog tells apart.
package enum CatalogCategory: String, Sendable, Hashable, CaseIterable {
    case database, permission, validation, integration, system
    case businessLogic = "business_logic"

    /// What codes of this category begin with.
    package var prefix: String {
        switch self {
        case .database: "DB"
        case .permission: "PERM"
        case .validation: "VAL"
        case .integration: "INT"
        case .system: "SYS"
        case .businessLogic: "BIZ"
        }
    }

    /// What a reader of the catalog should think of.
    var summary: String {
        switch self {
        case .database: "SQL, integrity and ORM"
        case .permission: "permissions and access rights"
        case .validation: "missing, invalid or unexpected values"
        case .integration: "APIs, requests and network"
        case .system: "imports, modules, memory and disk"
        case .businessLogic: "everything else"
        }
    }

    /// The first category, in the order above, of which type, message or component speaks.
    package init(_ evidence: SignatureEvidence) {
        let place = evidence.words.compactMap { Self.places[$0] }.min()
        self = place.map { Self.allCases[$0] } ?? .businessLogic
    }

    /// The place of the category, in the order above, that each keyword speaks of, in the singular and
    /// the plural; of several the first.
    private static let places: [String: Int] = Dictionary(
        allCases.enumerated().flatMap { place, category in
            category.keywords.flatMap { [($0, place), ($0 + "s", place)] }
        }, uniquingKeysWith: min)

    private var keywords: [String] {
        switch self {
        case .database:
            [
                "sql", "sqlite", "postgres", "postgresql", "psycopg", "mysql", "database", "db",
                "integrity", "orm", "constraint", "relation", "column", "deadlock", "transaction",
                "cursor", "query", "sqlalchemy",
            ]
        case .permission:
            [
                "permission", "forbidden", "denied", "unauthorized", "unauthenticated",
                "authentication", "privilege", "access",
            ]
        case .validation:
            [
                "validation", "validate", "invalid", "missing", "required", "key", "value",
                "argument", "parse", "syntax", "type", "attribute", "decode", "malformed",
            ]
        case .integration:
            [
                "api", "request", "response", "http", "https", "network", "connection", "connect",
                "timeout", "socket", "ssl", "tls", "dns", "host", "hostname", "url", "ssh",
                "remote", "upstream", "proxy", "refused",
            ]
        case .system:
            [
                "import", "module", "memory", "disk", "file", "directory", "path", "space", "os",
                "process", "command", "library", "package", "symbol", "compile", "linker",
                "killed", "signal", "segmentation", "heap",
            ]
        case .businessLogic: []
        }
    }
}

/// How urgent an error is, by its hits in the 7 closed days: from 20 critical, 10 high, 5 medium.
package enum CatalogSeverity: String, Sendable, Hashable, CaseIterable {
    case critical, high, medium, low

    package init(hits7d: Int) {
        self =
            switch hits7d {
            case 20...: .critical
            case 10...: .high
            case 5...: .medium
            default: .low
            }
    }
}
