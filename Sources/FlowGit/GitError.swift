internal import CGit2

/// Why git work could not be done, with the way out in its text.
package struct GitError: Error, Hashable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    package enum Code: Sendable, Hashable {
        case notARepository, owner, noIdentity
        case unbornBranch, detachedHead, noDefaultBranch
        case notFound, exists, invalid, shallow
        /// A path's content in the commit is not the one that the change started from.
        case changed
        /// A path's content in the work tree or the index is neither the old nor the new one.
        case changedByHand
        /// A path was changed on both sides of a merge, in different ways.
        case conflict
        /// No file can stand at a path of the work tree.
        case unwritable
        /// Somebody moved the branch each time flow was about to.
        case moved
        case locked, checkedOutElsewhere, busy
        /// A path goes through a program of its own (`filter=`) or an encoding.
        case filter
        /// A remote does not let flow in, or cannot be trusted, or the way to it is broken.
        case denied, untrusted, unreachable
        case signing, rejected, unsupported, other
    }

    package let code: Code
    /// What was done, to what; empty where the message says it.
    package let doing: String
    /// What happened and what to do about it.
    package let message: String
    /// The paths that the error is about, sorted; empty where it is about none.
    package let paths: [String]

    package init(_ code: Code, doing: String = "", _ message: String, paths: [String] = []) {
        self.code = code
        self.doing = doing
        self.message = message
        self.paths = paths
    }

    package var description: String {
        doing.isEmpty ? message : "cannot \(doing): \(message)"
    }
}

extension GitError {
    /// The error of the libgit2 call that has just failed on this thread.
    init(libgit2 result: Int32, doing: String) {
        let said = git_error_last()?.pointee.message.map { String(cString: $0) }
        let text = said ?? "git error \(result)"
        if text.contains("'link'") || text.contains("'sdir'") {
            self.init(
                .unsupported, doing: doing,
                "the index is split or sparse, which flow cannot read; run "
                    + "'git update-index --no-split-index' or "
                    + "'git sparse-checkout reapply --no-sparse-index', then run again")
            return
        }
        let code: Code =
            switch git_error_code(result) {
            case GIT_ENOTFOUND: .notFound
            case GIT_EEXISTS: .exists
            case GIT_EUNBORNBRANCH: .unbornBranch
            case GIT_EINVALIDSPEC, GIT_EINVALID: .invalid
            case GIT_ELOCKED: .locked
            case GIT_EMODIFIED: .moved
            case GIT_ENONFASTFORWARD: .rejected
            case GIT_EOWNER: .owner
            default: .other
            }
        self.init(code, doing: doing, text)
    }
}

/// The one door that every libgit2 result goes through; a result that is no error comes back.
@discardableResult
func check(_ result: Int32, _ doing: @autoclosure () -> String) throws(GitError) -> Int32 {
    if result < 0 { throw GitError(libgit2: result, doing: doing()) }
    return result
}
