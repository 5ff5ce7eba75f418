internal import CGit2
internal import FlowSystem

/// The lines of some files that came to a branch by commits of people who are not trusted.
package struct LineOrigins: Sendable {
    /// A commit that brought lines.
    package struct Bringer: Sendable, Hashable {
        package let commit: ObjectID
        package let by: Signature
    }

    /// By path and text, without its end, one for each copy.
    package fileprivate(set) var brought: [String: [ArraySlice<UInt8>: [Bringer]]] = [:]
    /// The oldest commit of a history that was cut off: who brought what it has is not known.
    package fileprivate(set) var cut: ObjectID?

    package init() {}

    /// The lines of a file that do not count, by their numbers from 1. Of equal lines the first ones:
    /// the copies that follow came by somebody else. Costs nothing where there are none.
    package func left(_ path: String, _ bytes: [UInt8]) -> [(line: Int, by: Bringer)] {
        guard var brought = brought[path] else { return [] }
        var result: [(line: Int, by: Bringer)] = []
        for (place, line) in Self.lines(bytes).enumerated() {
            if let bringer = brought[line]?.popLast() { result.append((place + 1, bringer)) }
        }
        return result
    }

    fileprivate static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }
}

extension Repository {
    /// Who brought the lines of a folder's files to a branch, as far as it is nobody trusted.
    ///
    /// Looks along the first parents of `tip`: of a merge the merge itself counts, not the commits
    /// that it brought. Costs one read of each commit, its root and `folder` since the folder is there,
    /// and the files themselves only where somebody brought a line who is not trusted.
    /// - Parameter trusted: whether a commit's lines count.
    package func lineOrigins(
        in folder: String, on tip: ObjectID, trusted: (Commit) -> Bool
    ) throws(GitError) -> LineOrigins {
        var origins = LineOrigins()
        let steps = try folderSteps(folder, tip, &origins)
        for step in steps.reversed() {
            let commit = try commit(step.commit)
            // What is older than a history that was cut off is nobody's fault.
            if step.isCut { continue }
            let isTrusted = trusted(commit)
            if isTrusted, origins.brought.isEmpty { continue }
            let bringer =
                isTrusted ? nil : LineOrigins.Bringer(commit: commit.id, by: commit.bringer)
            let (old, new) = (try files(step.old), try files(step.new))
            for name in Set(old.keys).union(new.keys) where old[name] != new[name] {
                let path = Path.join(folder, name)
                if isTrusted, origins.brought[path] == nil { continue }
                origins.pass(path, try content(old[name]), try content(new[name]), bringer)
            }
        }
        return origins
    }

    /// A commit whose folder differs from that of its first parent.
    private struct FolderStep {
        let commit: ObjectID
        let old: ObjectID?
        let new: ObjectID
        let isCut: Bool
    }

    /// The newest first, back to the commit that brought the folder.
    private func folderSteps(
        _ folder: String, _ tip: ObjectID, _ origins: inout LineOrigins
    ) throws(GitError) -> [FolderStep] {
        var steps: [FolderStep] = []
        var trees = FolderTrees(folder)
        var id = tip
        var tree = try trees.tree(at: tip, self)
        while let new = tree {
            let raw = try commitObject(id)
            guard git_commit_parentcount(raw.pointer) > 0,
                let parent = ObjectID(git_commit_parent_id(raw.pointer, 0))
            else {
                steps.append(FolderStep(commit: id, old: nil, new: new, isCut: false))
                break
            }
            let old: ObjectID?
            do throws(GitError) {
                old = try trees.tree(at: parent, self)
            } catch {
                guard error.code == .shallow else { throw error }
                origins.cut = id
                steps.append(FolderStep(commit: id, old: nil, new: new, isCut: true))
                break
            }
            if old != new {
                steps.append(FolderStep(commit: id, old: old, new: new, isCut: false))
            }
            (id, tree) = (parent, old)
        }
        return steps
    }

    /// A folder's tree in commit after commit. What it stands in is read again only where it differs,
    /// since that may have very many files.
    private struct FolderTrees {
        private let parent: String
        private let folder: String
        private var known: [ObjectID: ObjectID?] = [:]

        init(_ folder: String) {
            self.folder = folder
            parent = Path.folder(folder)
        }

        mutating func tree(at commit: ObjectID, _ repository: Repository) throws(GitError)
            -> ObjectID?
        {
            guard let outer = try Self.folder(parent, commit, repository) else { return nil }
            if let tree = known[outer] { return tree }
            let tree = try Self.folder(folder, commit, repository)
            known[outer] = .some(tree)
            return tree
        }

        private static func folder(
            _ path: String, _ commit: ObjectID, _ repository: Repository
        ) throws(GitError) -> ObjectID? {
            guard path != "." else { return try repository.commit(commit).tree }
            let entry = try repository.entry(path, at: commit)
            return entry?.kind == .folder ? entry?.id : nil
        }
    }

    /// The files directly in a folder by name.
    private func files(_ folder: ObjectID?) throws(GitError) -> [String: ObjectID] {
        guard let folder else { return [:] }
        let tree = try folderObject(folder)
        var files: [String: ObjectID] = [:]
        for place in 0..<git_tree_entrycount(tree.pointer) {
            guard let raw = git_tree_entry_byindex(tree.pointer, place),
                git_tree_entry_type(raw) == GIT_OBJECT_BLOB,
                let id = ObjectID(git_tree_entry_id(raw)), let name = git_tree_entry_name(raw)
            else { continue }
            files[String(cString: name)] = id
        }
        return files
    }

    private func content(_ id: ObjectID?) throws(GitError) -> [UInt8] {
        guard let id else { return [] }
        return try blob(id)
    }
}

extension LineOrigins {
    /// Notes what a file has that is not on the branch yet as brought by somebody who is not trusted.
    package mutating func add(_ path: String, _ old: [UInt8], _ new: [UInt8], by commit: Commit) {
        pass(path, old, new, Bringer(commit: commit.id, by: commit.bringer))
    }

    /// Goes on from one version of a file to the next.
    /// - Parameter bringer: nil where what is new counts.
    fileprivate mutating func pass(
        _ path: String, _ old: [UInt8], _ new: [UInt8], _ bringer: Bringer?
    ) {
        var known = brought[path] ?? [:]
        // The usual case: lines were put at the end.
        let isLonger = new.starts(with: old) && (old.isEmpty || old.last == UInt8(ascii: "\n"))
        if isLonger {
            guard let bringer else { return }
            let added = Array(new[old.count...])
            for line in Self.lines(added) where !line.isEmpty {
                known[line, default: []].append(bringer)
            }
        } else {
            let before = Self.counts(old)
            let after = Self.counts(new)
            for (line, copies) in known {
                known[line] = copies.suffix(after[line] ?? 0)
            }
            if let bringer {
                for (line, count) in after where count > (before[line] ?? 0) {
                    let copies = count - (before[line] ?? 0)
                    known[line, default: []] += [Bringer](repeating: bringer, count: copies)
                }
            }
        }
        known = known.filter { !$0.value.isEmpty }
        brought[path] = known.isEmpty ? nil : known
    }

    private static func counts(_ bytes: [UInt8]) -> [ArraySlice<UInt8>: Int] {
        lines(bytes).reduce(into: [:]) { counts, line in
            if !line.isEmpty { counts[line, default: 0] += 1 }
        }
    }
}

extension Commit {
    /// Who brought the commit to the branch that it is on: the committer. For one that GitHub made
    /// (a merge, a squash) it is the author, whom GitHub has put there.
    package var bringer: Signature {
        committer == Signature(name: "GitHub", email: "noreply@github.com") ? author : committer
    }
}
