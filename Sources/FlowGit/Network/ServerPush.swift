internal import CGit2
internal import FlowText

/// Pushing over ssh and https.
extension Repository {
    /// The remote says where its branches are, and moves one only from there (git's own protocol):
    /// whoever pushes meanwhile is not overwritten.
    /// - Returns: for each branch why it was rejected, nil where it was not.
    func push(
        _ pushes: [Push], toServer remote: Remote, _ progress: ((TransferProgress) -> Void)?
    ) throws(GitError) -> [String?] {
        let doing = "push to \(remote.name) (\(remote.shown))"
        let raw = try remoteObject(remote.name)
        let transfer = try transfer(with: remote, doing, progress)
        var reasons: [String?] = []
        var problem: GitError?
        try transfer.run { callbacks in
            withCopies(transfer.headers) { headers in
                let connected = Self.connect(raw.pointer, callbacks, headers.pointee)
                guard connected == 0 else { return connected }
                defer { git_remote_disconnect(raw.pointer) }
                do throws(GitError) {
                    let there = try Self.heads(raw.pointer, doing)
                    for push in pushes {
                        let old = there[push.spec.destination]
                        reasons.append(try objection(to: push, from: old, of: remote.name))
                    }
                    let wanted = zip(pushes, reasons).filter { push, reason in
                        reason == nil && there[push.spec.destination] != push.tip
                    }
                    let refspecs = wanted.map(\.0.spec.text)
                    return Self.upload(raw.pointer, refspecs, callbacks, headers.pointee)
                } catch {
                    problem = error
                    return 0
                }
            }
        }
        if let problem { throw problem }
        return zip(pushes, reasons).map { push, reason in
            reason ?? transfer.rejection(of: push.spec.destination)
        }
    }

    private static func connect(
        _ remote: OpaquePointer, _ callbacks: git_remote_callbacks, _ headers: git_strarray
    ) -> Int32 {
        var options = git_remote_connect_options()
        let result = git_remote_connect_options_init(
            &options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION))
        guard result == 0 else { return result }
        options.callbacks = callbacks
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        options.custom_headers = headers
        return git_remote_connect_ext(remote, GIT_DIRECTION_PUSH, &options)
    }

    /// Where the branches of a connected remote are.
    private static func heads(_ remote: OpaquePointer, _ doing: String) throws(GitError)
        -> [String: ObjectID]
    {
        var list: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        try check(git_remote_ls(&list, &count, remote), doing)
        var result: [String: ObjectID] = [:]
        for place in 0..<count {
            guard let head = list?[place]?.pointee, let name = head.name else { continue }
            result[String(cString: name)] = ObjectID(head.oid)
        }
        return result
    }

    private static func upload(
        _ remote: OpaquePointer, _ refspecs: [String], _ callbacks: git_remote_callbacks,
        _ headers: git_strarray
    ) -> Int32 {
        if refspecs.isEmpty { return 0 }
        var options = git_push_options()
        let result = git_push_options_init(&options, UInt32(GIT_PUSH_OPTIONS_VERSION))
        guard result == 0 else { return result }
        options.callbacks = callbacks
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        options.custom_headers = headers
        return withCopies(refspecs) { git_remote_upload(remote, $0, &options) }
    }
}

extension Transfer {
    /// Why the remote did not take a branch, in its own words; nil where it did, or was not asked.
    func rejection(of name: String) -> String? {
        guard let answer = answers[name], let status = answer else { return nil }
        return safe(status) + (words.isEmpty ? "" : " (it says: \(words))")
    }
}
