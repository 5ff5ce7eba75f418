package import FlowJSON

/// What git says of the branches that a gate waits for.
package struct MergeLook: Sendable, Hashable {
    /// Each branch with the newest commit of it that is known, null where none ever was.
    package let branches: JSONObject
    /// Those of which not everything is in the default branch.
    package let unmerged: [String]
    /// Why this may be out of date or cannot be told; nil: nothing is in the way.
    package let problem: String?

    package init(branches: JSONObject, unmerged: [String], problem: String? = nil) {
        self.branches = branches
        self.unmerged = unmerged
        self.problem = problem
    }

    /// As events have it, and as `flow-stage` answers.
    /// - Parameter data: of an earlier flow `branches` may be a list, and nothing says what is
    ///   unmerged.
    package init?(_ data: JSONObject) {
        guard let branches = data["branches"] else { return nil }
        let names = branches.objectValue?.keys ?? branches.arrayValue?.compactMap(\.stringValue)
        guard let names else { return nil }
        self.init(
            branches: branches.objectValue ?? JSONObject(names.map { ($0, .null) }),
            unmerged: data["unmerged"]?.arrayValue?.compactMap(\.stringValue) ?? names,
            problem: data["problem"]?.stringValue)
    }

    /// Nothing is known yet.
    package init(of names: [String], problem: String? = nil) {
        self.init(
            branches: JSONObject(names.map { ($0, .null) }), unmerged: names, problem: problem)
    }

    var data: JSONObject {
        var data: JSONObject = [
            "branches": .object(branches), "unmerged": .array(unmerged.map(JSON.string)),
        ]
        if let problem { data["problem"] = .string(problem) }
        return data
    }

    var isMerged: Bool { unmerged.isEmpty }

    /// The same after nobody could be asked anew.
    func failing(_ problem: String) -> MergeLook {
        MergeLook(branches: branches, unmerged: unmerged, problem: problem)
    }
}
