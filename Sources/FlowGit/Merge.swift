internal import CGit2
internal import FlowSystem
internal import FlowText

extension Repository {
    /// What a merge of `branch` into the branch `name`, which stands at `target`, changes there:
    /// every path that differs between their common past and the tip of `branch`.
    ///
    /// A file that both sides changed is joined line by line, as git does it.
    /// - Throws: `conflict`, naming every path in which both sides changed the same lines; `unsupported`
    ///   for links, submodules and changed modes; `invalid` where the two have no common past. Each says
    ///   how to merge with git.
    package func changes(merging branch: Branch, into name: String, at target: ObjectID)
        throws(GitError) -> [Change]
    {
        var changes: [Change] = []
        for part in try parts(merging: branch, into: name, at: target) {
            let blob =
                switch part.content {
                case .theirs: part.there?.id
                case .joined(let bytes): try writeBlob(bytes)
                }
            changes.append(
                try Change(
                    path: part.path, blob: blob, base: part.here?.id,
                    isExecutable: (part.here ?? part.there)?.kind == .executable))
        }
        return changes
    }

    /// Whether `changes(merging:into:at:)` would go through; writes nothing.
    /// - Throws: as that does.
    package func checkMerge(of branch: Branch, into name: String, at target: ObjectID)
        throws(GitError)
    {
        _ = try parts(merging: branch, into: name, at: target)
    }

    /// One path of a merge.
    private struct MergePart {
        enum Content {
            case theirs
            case joined([UInt8])
        }

        let path: String
        let here: TreeEntry?
        let there: TreeEntry?
        let content: Content
    }

    private func parts(merging branch: Branch, into name: String, at target: ObjectID)
        throws(GitError) -> [MergePart]
    {
        let way = "merge it by hand: 'git merge \(branch.title)' on \(name)"
        guard let base = try mergeBase(target, branch.tip) else {
            throw GitError(
                .invalid, "\(branch.title) has no commit in common with \(name); \(way)")
        }
        var parts: [MergePart] = []
        var conflicts: [String] = []
        for difference in try difference(from: base, to: branch.tip) {
            let path = difference.path
            let here = try entry(path, at: target)
            let there = try entry(path, at: branch.tip)
            let before = try entry(path, at: base)
            if here == there { continue }
            if let odd = [here, there, before].compactMap(\.self).first(where: { !$0.isFile }) {
                throw GitError(
                    .unsupported,
                    "\(VisibleText.safe(odd.path)) is no plain file on one side; \(way)",
                    paths: [path])
            }
            if let here, let there, here.kind != there.kind, before?.kind != there.kind {
                throw GitError(
                    .unsupported,
                    "\(VisibleText.safe(path)) changes its mode (executable or not); \(way)",
                    paths: [path])
            }
            if here?.id == before?.id || here?.id == there?.id {
                parts.append(MergePart(path: path, here: here, there: there, content: .theirs))
            } else if let before, let here, let there,
                let bytes = try joined(before.id, here.id, there.id)
            {
                parts.append(
                    MergePart(path: path, here: here, there: there, content: .joined(bytes)))
            } else {
                conflicts.append(path)
            }
        }
        guard conflicts.isEmpty else {
            throw GitError(
                .conflict,
                conflicts.map { VisibleText.safe($0) }.joined(separator: ", ")
                    + " changed both on \(name) and on \(branch.title); \(way)", paths: conflicts)
        }
        return parts
    }

    /// A text with the changes of both sides; nil where they touch, or one side is no text.
    private func joined(
        _ before: ObjectID, _ here: ObjectID, _ there: ObjectID
    ) throws(GitError) -> [UInt8]? {
        let texts = [try blob(before), try blob(here), try blob(there)]
        guard texts.allSatisfy({ !$0.isEmpty && !$0.contains(0) }) else { return nil }
        var result = git_merge_file_result()
        defer { git_merge_file_result_free(&result) }
        let code = Self.withInputs(texts) { git_merge_file(&result, $0, $0 + 1, $0 + 2, nil) }
        try check(code, "merge the content \(there) into \(here)")
        guard result.automergeable != 0 else { return nil }
        return Array(UnsafeRawBufferPointer(start: result.ptr, count: result.len))
    }

    /// Lends three texts to libgit2, which keeps none of them.
    private static func withInputs(
        _ texts: [[UInt8]], _ merge: (UnsafePointer<git_merge_file_input>) -> Int32
    ) -> Int32 {
        var inputs: [git_merge_file_input] = []
        func lend(_ rest: ArraySlice<[UInt8]>) -> Int32 {
            guard let text = rest.first else {
                return inputs.withUnsafeBufferPointer { $0.baseAddress.map(merge) ?? -1 }
            }
            return text.withUnsafeBytes { bytes in
                var input = git_merge_file_input()
                input.version = UInt32(GIT_MERGE_FILE_INPUT_VERSION)
                input.ptr = bytes.assumingMemoryBound(to: CChar.self).baseAddress
                input.size = bytes.count
                inputs.append(input)
                return lend(rest.dropFirst())
            }
        }
        return lend(texts[...])
    }
}
