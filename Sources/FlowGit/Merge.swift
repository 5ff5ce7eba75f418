internal import FlowSystem
internal import FlowText

extension Repository {
    /// What a merge of `branch` into the branch `name`, which stands at `target`, changes there:
    /// every path that differs between their common past and the tip of `branch`.
    ///
    /// Files are merged whole: a path that both sides changed is fine only where both ended alike.
    /// - Throws: `conflict`, naming every path that both sides changed; `unsupported` for links,
    ///   submodules and changed modes; `invalid` where the two have no common past. Each says how
    ///   to merge with git.
    package func changes(merging branch: Branch, into name: String, at target: ObjectID)
        throws(GitError) -> [Change]
    {
        let way = "merge it by hand: 'git merge \(branch.title)' on \(name)"
        guard let base = try mergeBase(target, branch.tip) else {
            throw GitError(
                .invalid, "\(branch.title) has no commit in common with \(name); \(way)")
        }
        var changes: [Change] = []
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
            guard here?.id == before?.id || here?.id == there?.id else {
                conflicts.append(path)
                continue
            }
            if let here, let there, here.kind != there.kind, before?.kind != there.kind {
                throw GitError(
                    .unsupported,
                    "\(VisibleText.safe(path)) changes its mode (executable or not); \(way)",
                    paths: [path])
            }
            changes.append(
                try Change(
                    path: path, blob: there?.id, base: here?.id,
                    isExecutable: there?.kind == .executable))
        }
        guard conflicts.isEmpty else {
            throw GitError(
                .conflict,
                conflicts.map { VisibleText.safe($0) }.joined(separator: ", ")
                    + " changed both on \(name) and on \(branch.title); \(way)", paths: conflicts)
        }
        return changes
    }
}
