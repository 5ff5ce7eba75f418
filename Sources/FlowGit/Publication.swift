package import FlowSystem

/// Changes that become one commit of a branch.
package struct Publication: Sendable {
    package var changes: [Change]
    package var branch: String
    package var message: CommitMessage
    /// nil takes git's own `user.name` and `user.email`.
    package var signature: Signature?
    package var time: Timestamp
    /// Makes the publication happen once however often it is tried: the trailer `Flow-Key` of its
    /// commit.
    package var key: String?
    /// Where a search for the key may stop; nil looks at the last 1,000 commits.
    package var since: ObjectID?
    /// A commit that the changes bring to the branch: it becomes the second parent, as in a merge.
    package var merging: ObjectID?

    package init(
        changes: [Change], branch: String, message: CommitMessage, signature: Signature? = nil,
        time: Timestamp, key: String? = nil, since: ObjectID? = nil, merging: ObjectID? = nil
    ) {
        self.changes = changes
        self.branch = branch
        self.message = message
        self.signature = signature
        self.time = time
        self.key = key
        self.since = since
        self.merging = merging
    }

    /// The trailer that carries `key`.
    package static let keyTrailer = "Flow-Key"

    /// The message with the key's trailer.
    var keyedMessage: CommitMessage {
        guard let key else { return message }
        var message = message
        message.trailers.removeAll { $0.name.lowercased() == Self.keyTrailer.lowercased() }
        message.trailers.append(Trailer(Self.keyTrailer, key))
        return message
    }
}

/// What became of a publication.
package enum Published: Sendable, Hashable {
    /// The new commit; `leftAlone` are files that a person changed in that very moment and that
    /// therefore still show the person's content.
    case committed(ObjectID, leftAlone: [String] = [])
    /// An earlier try had done it: its commit.
    case already(ObjectID)
    /// The branch has all of it already.
    case unchanged

    package var commit: ObjectID? {
        switch self {
        case .committed(let id, _), .already(let id): id
        case .unchanged: nil
        }
    }
}

/// The places between the steps of `publish` at which tests may stop it.
package enum PublishStep: Sendable, Hashable {
    case read, checked, written, intended, locked, advanced, swapped
    /// Somebody else is at the files.
    case waiting
    case file(String)
    case indexed, unlocked
}
