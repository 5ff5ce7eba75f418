package import FlowEngine
internal import FlowSystem

/// A store that cannot be used.
package struct StoreError: Error, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        case full, busy, damaged, newer, notFound, ambiguous, networkFolder, readOnly, unusable
    }

    package let code: Code
    package let doing: String
    package let message: String

    package init(code: Code, doing: String, message: String) {
        self.code = code
        self.doing = doing
        self.message = message
    }

    init(_ error: SystemError) {
        self.init(
            code: error.code == .full ? .full : .unusable, doing: error.doing,
            message: error.message)
    }

    /// What this user may only look at, with what to do about it.
    /// - Parameter folder: the state folder, where it is there.
    init(readOnly error: SystemError, folder: String?) {
        let remedy: String? =
            error.code == .readOnlyFileSystem
            ? "mount its file system for writing"
            : folder.map { "make it yours: sudo chown -R $(id -un) \($0)" }
        self.init(
            code: .readOnly, doing: error.doing,
            message: "\(error.message); \(remedy.map { "\($0), or " } ?? "")set FLOW_STATE to a "
                + "folder that you may write to")
    }

    package var description: String { "cannot \(doing): \(message)" }

    /// The same as the engine's error, which stops a run.
    package var forEngine: EngineError {
        EngineError(
            code: code == .damaged ? .damaged : code == .busy ? .busy : .storage, doing: doing,
            message: message)
    }
}
