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
struct Refspec {
    let text: String
    let source: String?
    let destination: String
    let isForced: Bool

    init(_ text: String) throws(GitError) {
        self.text = text
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

/// One branch to push.
struct Push {
    let spec: Refspec
    /// nil deletes it over there.
    let tip: ObjectID?
}

extension Repository {
    /// Pushes branches: `refs/heads/a`, `refs/heads/a:refs/heads/b`, `:refs/heads/gone`; a leading
    /// `+` gives up what the remote has more. Each branch moves by compare-and-swap, so that of two
    /// pushes at once one is rejected; a forced one moves only from where the last fetch saw it.
    ///
    /// A rejected branch is no error; the others are pushed all the same, in their order.
    /// - Throws: `unsupported` for a remote by path with a work tree, or with hooks that git would run
    ///   there; `notFound` for an unknown remote or branch; as `fetch` for one behind a network. Where
    ///   a connection breaks off in the middle, the remote may have taken some of the branches: the
    ///   next fetch tells.
    package func push(
        _ refspecs: [String], to name: String, progress: ((TransferProgress) -> Void)? = nil
    ) throws(GitError) -> [PushedReference] {
        var pushes: [Push] = []
        for text in refspecs {
            let spec = try Refspec(text)
            guard let source = spec.source else {
                pushes.append(Push(spec: spec, tip: nil))
                continue
            }
            guard let tip = try target(source) else {
                throw GitError(.notFound, "there is no \(source) to push")
            }
            pushes.append(Push(spec: spec, tip: tip))
        }
        let remote = try pushRemote(name)
        let reasons =
            remote.path == nil
            ? try push(pushes, toServer: remote, progress) : try push(pushes, toPath: remote)
        var result: [PushedReference] = []
        for (push, rejected) in zip(pushes, reasons) {
            let destination = push.spec.destination
            if rejected == nil { try track(destination, push.tip, of: name) }
            result.append(PushedReference(name: destination, rejected: rejected))
        }
        return result
    }

    /// A remote at the address that is pushed to.
    private func pushRemote(_ name: String) throws(GitError) -> Remote {
        let raw = try remoteObject(name)
        let url = git_remote_pushurl(raw.pointer) ?? git_remote_url(raw.pointer)
        return Remote(name: name, url: url.map { String(cString: $0) } ?? "")
    }

    /// Why a branch of a remote may not move; nil: it may.
    /// - Parameter old: where it stands over there.
    func objection(to push: Push, from old: ObjectID?, of remote: String) throws(GitError)
        -> String?
    {
        guard let old, let new = push.tip, old != new else { return nil }
        if !push.spec.isForced {
            let keepsAll = has(old) ? try isAncestor(old, of: new) : false
            return keepsAll ? nil : Self.behind
        }
        let branch = String(push.spec.destination.dropFirst("refs/heads/".count))
        return try tip(of: branch, remote: remote) == old
            ? nil : "it has moved since the last fetch; fetch, then push again"
    }

    static let behind = "it has commits that this repository has not; fetch, then push again"
    static let overtaken = "somebody else pushed to it just now; fetch, then push again"

    func has(_ commit: ObjectID) -> Bool {
        (try? commitObject(commit).pointer) != nil
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
