internal import CGit2
internal import FlowSystem
internal import FlowText

/// What became of one branch that was pushed.
package struct PushedReference: Sendable, Hashable {
    /// The remote's name for it, in full: `refs/heads/main`.
    package let name: String
    /// Why the remote did not take it and what to do; nil where it did.
    package let rejected: String?

    package init(name: String, rejected: String?) {
        self.name = name
        self.rejected = rejected
    }
}

/// `+source:destination`, both full names of branches; an empty source deletes.
private struct Refspec {
    let source: String?
    let destination: String
    let isForced: Bool

    init(_ text: String) throws(GitError) {
        isForced = text.hasPrefix("+")
        let sides = text.drop { $0 == "+" }.split(
            separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let source = String(sides.first ?? "")
        let destination = sides.count == 2 ? String(sides[1]) : source
        for name in [source, destination] where !name.hasPrefix("refs/heads/") {
            guard name.isEmpty, !destination.isEmpty else {
                throw GitError(
                    .invalid,
                    "cannot push '\(VisibleText.safe(text))': flow pushes branches by their full "
                        + "names, refs/heads/NAME")
            }
        }
        self.source = source.isEmpty ? nil : source
        self.destination = destination
    }
}

extension Repository {
    /// Pushes branches to a bare repository on this machine: `refs/heads/a`,
    /// `refs/heads/a:refs/heads/b`, `:refs/heads/gone`; a leading `+` gives up what the remote has
    /// more. Each branch moves by compare-and-swap, so that of two pushes at once one is rejected
    /// (libgit2's own push by path lets the later one win).
    ///
    /// A rejected branch is no error; the others are pushed all the same.
    /// - Throws: `unsupported` for a remote behind a network, with a work tree, or with hooks that
    ///   git would run there; `notFound` for an unknown remote or branch.
    package func push(_ refspecs: [String], to name: String) throws(GitError) -> [PushedReference] {
        var specs: [Refspec] = []
        for text in refspecs { specs.append(try Refspec(text)) }
        let there = try pushed(name)
        var tips: [ObjectID?] = []
        for spec in specs {
            guard let source = spec.source else {
                tips.append(nil)
                continue
            }
            guard let tip = try target(source) else {
                throw GitError(.notFound, "there is no \(source) to push")
            }
            tips.append(tip)
        }
        try sendObjects(of: tips.compactMap { $0 }, to: there)
        var result: [PushedReference] = []
        for (spec, tip) in zip(specs, tips) {
            let rejected = try move(spec, to: tip, in: there)
            if rejected == nil { try track(spec.destination, tip, of: name) }
            result.append(PushedReference(name: spec.destination, rejected: rejected))
        }
        return result
    }

    /// The repository behind a remote, fit to be pushed to.
    private func pushed(_ name: String) throws(GitError) -> Repository {
        let raw = try remoteObject(name)
        let url = git_remote_pushurl(raw.pointer) ?? git_remote_url(raw.pointer)
        let remote = Remote(name: name, url: url.map { String(cString: $0) } ?? "")
        let doing = "push to \(name) (\(remote.shown))"
        guard let path = remote.path else {
            throw GitError(
                .unsupported, doing: doing,
                "flow pushes only to repositories on this machine so far; use 'git push'")
        }
        let there = try Repository.open(exactlyAt: Path.join(workTree ?? gitFolder, path))
        guard there.isBare else {
            throw GitError(
                .unsupported, doing: doing,
                "it has a work tree; push to a bare repository ('git init --bare'), or fetch from "
                    + "over there")
        }
        let hooks = try there.hooks(["pre-receive", "update", "post-receive", "post-update"])
        guard hooks.isEmpty else {
            throw GitError(
                .unsupported, doing: doing,
                "it has hooks that flow does not run (\(hooks.joined(separator: ", "))); "
                    + "use 'git push'")
        }
        return there
    }

    /// Writes what the remote lacks as one pack; nothing where it has all.
    private func sendObjects(of tips: [ObjectID], to there: Repository) throws(GitError) {
        let doing = "send commits to \(there.gitFolder)"
        let walk = try Owned(git_revwalk_free, doing) { [pointer] in git_revwalk_new($0, pointer) }
        for tip in tips {
            var oid = tip.oid
            try check(git_revwalk_push(walk.pointer, &oid), doing)
        }
        for (_, tip) in try there.references("refs/heads/*") where has(tip) {
            var oid = tip.oid
            try check(git_revwalk_hide(walk.pointer, &oid), doing)
        }
        let builder = try Owned(git_packbuilder_free, doing) { [pointer] in
            git_packbuilder_new($0, pointer)
        }
        let result = git_packbuilder_insert_walk(builder.pointer, walk.pointer)
        if result == GIT_ENOTFOUND.rawValue, isShallow { throw Self.shallow(doing) }
        try check(result, doing)
        guard git_packbuilder_object_count(builder.pointer) > 0 else { return }
        let folder = Path.join(there.commonFolder, "objects/pack")
        try check(git_packbuilder_write(builder.pointer, folder, 0, nil, nil), doing)
    }

    private func has(_ commit: ObjectID) -> Bool {
        (try? commitObject(commit).pointer) != nil
    }

    /// Moves one branch of the remote; gives the reason where it may not move.
    private func move(_ spec: Refspec, to new: ObjectID?, in there: Repository) throws(GitError)
        -> String?
    {
        let name = spec.destination
        let old = try there.target(name)
        if old == new { return nil }
        if let old, let new, !spec.isForced {
            let keepsAll = has(old) ? try isAncestor(old, of: new) : false
            if !keepsAll {
                return "it has commits that this repository has not; fetch, then push again"
            }
        }
        do throws(GitError) {
            if let new {
                try there.setReference(name, to: new, from: old, log: "push")
            } else if let old {
                if try there.headBranch().map({ "refs/heads/" + $0 }) == name {
                    return "it is the branch that the remote is on"
                }
                _ = try there.deleteReference(name, at: old, git_reference_delete)
            }
            return nil
        } catch {
            guard error.code == .moved || error.code == .exists else { throw error }
            // Two runs of one repository push the same.
            if try there.target(name) == new { return nil }
            return "somebody else pushed to it just now; fetch, then push again"
        }
    }

    /// Keeps the remote-tracking branch as a fetch would that follows this branch.
    private func track(_ name: String, _ tip: ObjectID?, of remote: String) throws(GitError) {
        var all: Set = ["refs/remotes/\(remote)/\(name.dropFirst("refs/heads/".count))"]
        let raw = try remoteObject(remote)
        for place in 0..<git_remote_refspec_count(raw.pointer) {
            guard let spec = git_remote_get_refspec(raw.pointer, place),
                git_refspec_direction(spec) == GIT_DIRECTION_FETCH,
                git_refspec_src_matches(spec, name) == 1
            else { continue }
            var buffer = Buffer()
            try check(git_refspec_transform(&buffer.raw, spec, name), "follow \(name)")
            all.insert(String(decoding: buffer.bytes, as: UTF8.self))
        }
        for tracking in all {
            let known = try target(tracking)
            do throws(GitError) {
                if let tip, known != tip {
                    try setReference(tracking, to: tip, from: known, log: "push")
                } else if tip == nil, let known {
                    _ = try deleteReference(tracking, at: known, git_reference_delete)
                }
            } catch {
                // Another fetch or push has just looked, and later than this one.
                guard error.code == .moved || error.code == .exists else { throw error }
            }
        }
    }
}
