internal import CGit2
internal import FlowSystem
internal import Glibc
internal import FlowText

/// A publication that a crash had cut short and that is whole now.
package struct Recovered: Sendable, Hashable {
    package let branch: String
    package let commit: ObjectID
    /// Files that a person had changed meanwhile, which show the person's content, and files that
    /// could not be written.
    package let leftAlone: [String]
}

extension Repository {
    var intentFolder: String { Path.join(commonFolder, "flow") }

    /// Finishes what crashed publications in this work tree left half done: files and index entries
    /// that still have the content from before get the committed one; a publication that never came
    /// to move its branch is forgotten. Those of living processes and other work trees are left.
    ///
    /// Every flow command that uses git calls it first; it costs one listing of a folder.
    @discardableResult
    package func recover() throws(GitError) -> [Recovered] {
        guard let names = try? Files.list(intentFolder) else { return [] }
        var result: [Recovered] = []
        for name in names where name.hasPrefix("intent-") {
            guard name.hasSuffix(".json") || name.hasSuffix(".new"),
                let file = IntentFile(dead: Path.join(intentFolder, name))
            else { continue }
            if name.hasSuffix(".new") {
                file.remove()
                continue
            }
            guard let intent = file.read() else {
                throw GitError(
                    .unsupported,
                    "\(file.path) is no intent that this flow understands; use the flow that wrote "
                        + "it, or remove it and look at 'git status'")
            }
            if intent.paths.isEmpty {
                try clearReferenceLock(intent, file)
                file.remove()
                continue
            }
            guard intent.gitFolder == gitFolder else { continue }
            try clearReferenceLock(intent, file)
            if let done = try recover(intent, file) { result.append(done) }
        }
        return result
    }

    /// Removes the lock of the branch that the intent's dead writer left, if it is that writer's:
    /// younger than the intent, and empty or with the intent's commit.
    ///
    /// Other git programs fill their lock at once; one that stays empty for a while is nobody's.
    private func clearReferenceLock(_ intent: Intent, _ file: borrowing IntentFile) throws(GitError)
    {
        let lock = Path.join(commonFolder, "refs/heads/\(intent.branch).lock")
        guard let first = FileStatus(lock), let own = FileStatus(file.path),
            first.written >= own.written
        else { return }
        usleep(200_000)
        guard let bytes = try? Files.read(lock, limit: 64), FileStatus(lock) == first else {
            return
        }
        if bytes.isEmpty || String(decoding: bytes, as: UTF8.self).trimmed == intent.new.hex {
            unlink(lock)
        }
    }

    private func recover(_ intent: Intent, _ file: borrowing IntentFile) throws(GitError)
        -> Recovered?
    {
        guard let tip = try tip(of: intent.branch), try isAncestor(intent.new, of: tip) else {
            if IndexLock.isHeld(in: gitFolder, by: file.path) {
                restoreIndex(file)
                try IndexLock(of: gitFolder, intent: file.path) {}.release()
            }
            file.remove()
            return nil
        }
        let lock = try IndexLock(of: gitFolder, intent: file.path) {}
        let left = try finish(intent, file, lock, leavingUnwritable: true)
        return Recovered(branch: intent.branch, commit: intent.new, leftAlone: left)
    }

    /// Gives the index, under git's lock, the entries of a commit to which its branch is about to move;
    /// `restoreIndex` takes them back. Files follow later, with what git notes of them.
    func advanceIndex(_ intent: Intent, _ file: borrowing IntentFile) throws(GitError) {
        let path = Path.join(gitFolder, "index")
        guard intent.old != nil, Files.exists(path) else { return }
        try file.makeScratch()
        try Self.copy(path, to: file.indexCopy)
        let index = try IndexFile(file.indexCopy)
        let cone = try sparseCone()
        for changed in Self.deletionsFirst(intent.paths) {
            let isLeftOut = cone?.contains(changed.path) == false
            try index.follow(changed, isLeftOut: isLeftOut, status: nil)
        }
        try index.write()
        guard link(path, file.indexBefore) == 0 else {
            throw GitError(SystemError(errno: errno, doing: "keep \(path)"))
        }
        try Self.move(file.indexCopy, to: path)
    }

    /// Puts the index back that `advanceIndex` replaced, if it did; only under the same lock.
    func restoreIndex(_ file: borrowing IntentFile) {
        rename(file.indexBefore, Path.join(gitFolder, "index"))
    }

    /// Lets index and files follow the commit, under git's lock of the index, then clears intent and
    /// lock away; gives the files in which a person's content stays. Where it fails the intent
    /// stays, and the next command tries again.
    /// - Parameter leavingUnwritable: A file that cannot be written is left alone as well, so that
    ///   it does not stop every later command.
    func finish(
        _ intent: Intent, _ file: borrowing IntentFile, _ lock: IndexLock,
        leavingUnwritable: Bool = false
    ) throws(GitError) -> [String] {
        var left: [String] = []
        let index = try releasing(lock) { () throws(GitError) in
            try file.makeScratch()
            try Self.copy(Path.join(gitFolder, "index"), to: file.indexCopy)
            return try IndexFile(file.indexCopy)
        }
        let paths = try releasing(lock) { () throws(GitError) in try toFollow(intent.paths) }
        for (path, place) in paths {
            let followed = try releasing(lock) { () throws(GitError) in
                try follow(path, place, index, file.temporary, leavingUnwritable)
            }
            if !followed { left.append(path.path) }
            try atStep?(.file(path.path))
        }
        try releasing(lock) { () throws(GitError) in
            try index.write()
            try Self.move(file.indexCopy, to: Path.join(gitFolder, "index"))
        }
        try atStep?(.indexed)
        lock.release()
        try atStep?(.unlocked)
        file.remove()
        return left
    }

    private func releasing<Result: ~Copyable>(
        _ lock: IndexLock, _ body: () throws(GitError) -> Result
    ) throws(GitError) -> Result {
        do throws(GitError) {
            return try body()
        } catch {
            lock.release()
            throw error
        }
    }

    /// A file may take the place of a folder.
    private static func deletionsFirst(_ paths: [ChangedPath]) -> [ChangedPath] {
        paths.filter { $0.new == nil } + paths.filter { $0.new != nil }
    }

    /// The paths that HEAD still has with the new content; what it no longer has is no longer
    /// flow's to bring.
    private func toFollow(_ paths: [ChangedPath]) throws(GitError)
        -> [(ChangedPath, WorkTreeFile)]
    {
        guard let workTree, let head = try target("HEAD") else { return [] }
        let keepsModes = try keepsModes()
        let cone = try sparseCone()
        let tree = try treeObject(of: head)
        var result: [(ChangedPath, WorkTreeFile)] = []
        for path in Self.deletionsFirst(paths)
        where try Self.entry(path.path, in: tree)?.id == path.new {
            let place = WorkTreeFile(
                repository: pointer, root: workTree, keepsModes: keepsModes, path: path.path,
                isLeftOut: cone?.contains(path.path) == false)
            result.append((path, place))
        }
        return result
    }

    /// Brings one file and its index entry up; false where a person's content stays in the file.
    private func follow(
        _ path: ChangedPath, _ place: WorkTreeFile, _ index: borrowing IndexFile,
        _ temporary: String, _ leavingUnwritable: Bool
    ) throws(GitError) -> Bool {
        let isSkipped = index.entry(path.path).isSkipped(isLeftOut: place.isLeftOut)
        var isNew = false
        do throws(GitError) {
            isNew = try bring(path, place, isSkipped: isSkipped, temporary)
        } catch {
            guard leavingUnwritable else { throw error }
        }
        try index.follow(
            path, isLeftOut: place.isLeftOut, status: isNew ? place.status() : nil)
        return isNew || isSkipped
    }

    /// Gives a file its new content where it has the old one; whether it has the new one then.
    private func bring(
        _ path: ChangedPath, _ place: WorkTreeFile, isSkipped: Bool, _ temporary: String
    ) throws(GitError) -> Bool {
        switch try place.content(new: path.new, old: path.old, executable: path.executable) {
        case .new: return true
        case .old where !isSkipped: break
        default: return false
        }
        if let new = path.new {
            try place.write(new, executable: path.executable, through: temporary)
        } else {
            try place.delete()
        }
        return true
    }

    /// - Throws: `changedByHand`, naming every path whose index entry or file is neither the old
    ///   nor the new content; `unwritable` for one at which no file can be written.
    func refuseHandChanges(_ paths: [ChangedPath]) throws(GitError) {
        guard let workTree else { return }
        let keepsModes = try keepsModes()
        let index = try IndexFile(Path.join(gitFolder, "index"))
        var changed: [String] = []
        for path in paths {
            let entry = index.entry(path.path)
            let place = WorkTreeFile(
                repository: pointer, root: workTree, keepsModes: keepsModes, path: path.path)
            let isStaged =
                !entry.has(path.old, executable: path.executable)
                && !entry.has(path.new, executable: path.executable)
            if isStaged {
                changed.append(path.path)
            } else if case .file(_, _, isSkipped: true) = entry, place.status() == nil {
                continue
            } else {
                switch try place.content(
                    new: path.new, old: path.old, executable: path.executable)
                {
                case .new: continue
                case nil: changed.append(path.path)
                case .old:
                    guard let obstacle = place.obstacle else { continue }
                    throw GitError(
                        .unwritable, doing: "write \(VisibleText.safe(path.path))",
                        VisibleText.safe(obstacle), paths: [path.path])
                }
            }
        }
        guard !changed.isEmpty else { return }
        changed.sort()
        let names = changed.map { VisibleText.safe($0) }.joined(separator: ", ")
        throw GitError(
            .changedByHand,
            "\(names) \(changed.count == 1 ? "was" : "were") changed by hand since flow read "
                + "\(changed.count == 1 ? "it; commit or restore it" : "them; commit or restore them")"
                + ", then run again", paths: changed)
    }

    private static func copy(_ from: String, to copy: String) throws(GitError) {
        do {
            guard Files.exists(from) else { return }
            try Files.write(try Files.read(from), to: copy, sync: false)
        } catch { throw GitError(error) }
    }

    private static func move(_ from: String, to name: String) throws(GitError) {
        guard rename(from, name) == 0 else {
            throw GitError(SystemError(errno: errno, doing: "write \(name)"))
        }
    }
}

extension IndexFile {
    /// Gives a path the entry of its new content, where it has that or the old one.
    fileprivate func follow(
        _ path: ChangedPath, isLeftOut: Bool, status: stat?
    ) throws(GitError) {
        let entry = entry(path.path)
        guard
            [path.old, path.new].contains(where: { entry.has($0, executable: path.executable) })
        else { return }
        if let new = path.new {
            try set(
                path.path, new, executable: path.executable,
                isSkipped: entry.isSkipped(isLeftOut: isLeftOut), status: status)
        } else if entry != .absent {
            try remove(path.path)
        }
    }
}

extension IndexFile.Entry {
    /// Whether its file is kept out of the work tree; a new one as its folder is.
    fileprivate func isSkipped(isLeftOut: Bool) -> Bool {
        if case .file(_, _, let isSkipped) = self { return isSkipped }
        return self == .absent && isLeftOut
    }

    /// Whether the entry is this content with this mode; with nil, whether there is none.
    fileprivate func has(_ blob: ObjectID?, executable: Bool) -> Bool {
        switch self {
        case .absent: blob == nil
        case .file(let id, let isExecutable, _): id == blob && isExecutable == executable
        case .other: false
        }
    }
}
