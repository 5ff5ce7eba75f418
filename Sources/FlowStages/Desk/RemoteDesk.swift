internal import FlowGit
package import FlowJSON

/// What `flow doctor` asks of the remotes.
package enum RemoteDesk {
    /// `{name, ok, message}` of each remote, without asking any of them.
    package static func checks(_ workspace: String) throws -> [JSON] {
        try Repository.open(at: workspace).checkRemotes().map { check in
            [
                "name": .string(check.name), "ok": .bool(check.isFine),
                "message": .string(check.words),
            ]
        }
    }
}
