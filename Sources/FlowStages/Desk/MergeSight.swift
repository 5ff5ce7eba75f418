internal import FlowGit
package import FlowJSON
internal import FlowText

/// Looks whether branches have been merged into the default branch: the remote's where there is one,
/// fetched before looking.
///
/// A branch is where it is now, here and on the remote; both must be merged. One that is gone is where
/// it was last: as GitHub deletes a branch that it has merged, that is the usual end. Of a branch that
/// is gone on the remote only, what is left here may lag behind; its last place on the remote stands
/// for it then.
package struct MergeSight {
    private let settled: SettledRepository
    private let remote: String?
    private var repository: Repository { settled.repository }

    package init(_ workspace: String) throws {
        settled = try SettledRepository(workspace)
        remote = try settled.remote()
    }

    /// - Parameter known: the branches, each with the commit that it was at last, or null.
    /// - Returns: `branches`, the same as of now; `unmerged`, those that are not merged; `problem`, a
    ///   sentence on what is in the way of telling.
    /// - Throws: where git cannot be asked at all.
    package func look(_ known: JSONObject) throws -> JSONObject {
        for name in known.keys { try Repository.checkBranchName(name) }
        var places: [(name: String, place: Place)] = []
        for (name, tip) in known.members {
            var place = Place()
            place.last = try newest(
                try remoteTip(name), tip.stringValue.flatMap { ObjectID($0) })
            places.append((name, place))
        }
        var problems: [String] = []
        let problem = fetch(known.keys)
        if let problem { problems.append(problem) }
        let base = try base(isFetched: problem == nil)
        var branches = JSONObject()
        var unmerged: [String] = []
        for (name, before) in places {
            var place = before
            place.here = try repository.tip(of: name)
            place.there = try remoteTip(name)
            let tip = try current(place)
            branches[name] = tip.map { .string($0.hex) } ?? .null
            do {
                if try isMerged(place, into: base) { continue }
                // A branch that is here as it was may never have been pushed.
                if try place.here == nil ? place.there == nil : hasLeft(place) && place.here != tip
                {
                    problems.append(absence(of: name, tip))
                }
            } catch {
                problems.append("\(name): \(error)")
            }
            unmerged.append(name)
        }
        var answer: JSONObject = [
            "branches": .object(branches), "unmerged": .array(unmerged.map(JSON.string)),
        ]
        if !problems.isEmpty { answer["problem"] = .string(problems.joined(separator: "; ")) }
        return answer
    }

    private func absence(of name: String, _ last: ObjectID?) -> String {
        guard let last else {
            return "there is no branch \(name)" + (remote.map { ", here or on \($0)" } ?? "")
        }
        return "\(name) is gone\(remote.map { " on \($0)" } ?? ""), and its last commit "
            + "\(last.short) is not merged"
    }

    /// Why the remote could not be asked; nil: it was, or there is none.
    private func fetch(_ branches: [String]) -> String? {
        guard let remote else { return nil }
        do {
            try settled.fetch(remote, following: branches)
            return nil
        } catch {
            return "\(remote) is seen as of its last fetch: \(error)"
        }
    }

    /// The tip of the default branch; nil where it is not known: what is merged here only is not
    /// merged, unless the remote has no such branch.
    private func base(isFetched: Bool) throws -> ObjectID? {
        let branch = try settled.defaultBranch()
        return try remoteTip(branch) ?? (isFetched ? repository.tip(of: branch) : nil)
    }

    private func remoteTip(_ branch: String) throws -> ObjectID? {
        try remote.flatMap { try repository.tip(of: branch, remote: $0) }
    }

    // MARK: Where a branch is

    private struct Place {
        var here: ObjectID?
        var there: ObjectID?
        /// Where it was last.
        var last: ObjectID?

        /// The remote's first.
        var tips: [ObjectID] { [there, here].compactMap(\.self) }
    }

    /// The commit that stands for the branch from now on.
    private func current(_ place: Place) throws -> ObjectID? {
        try hasLeft(place) ? place.last : newest(place.there, place.here)
    }

    private func isMerged(_ place: Place, into base: ObjectID?) throws -> Bool {
        guard let base else { return false }
        if try hasLeft(place), let last = place.last {
            return try repository.isMerged(last, into: base)
        }
        // What lags behind another is in it.
        let tips = try place.tips.filter { tip in
            try !place.tips.contains { try $0 != tip && repository.isAncestor(tip, of: $0) }
        }
        return try !tips.isEmpty && tips.allSatisfy { try repository.isMerged($0, into: base) }
    }

    /// Whether the branch is gone, here and on the remote or on the remote alone, and nothing is left
    /// that its last place had not.
    private func hasLeft(_ place: Place) throws -> Bool {
        guard let last = place.last else { return false }
        guard let here = place.here else { return place.there == nil }
        // A commit that is no longer here says nothing of others.
        return remote != nil && place.there == nil
            && (try? repository.isAncestor(here, of: last)) == true
    }

    /// The one that has the other in its history; the first where they have gone different ways.
    private func newest(_ first: ObjectID?, _ second: ObjectID?) throws -> ObjectID? {
        guard let first, let second else { return first ?? second }
        return (try? repository.isAncestor(first, of: second)) == true ? second : first
    }
}
