internal import FlowSystem

extension Repository {
    /// Removes what libgit2 leaves of a fetch that was killed: unfinished packs, which can be large and
    /// which `git gc` does not know. Only those on which nobody has worked for a day.
    func removeUnfinishedPacks() {
        let folder = Path.join(commonFolder, "objects/pack")
        let day: Int64 = 86_400_000_000_000
        guard let names = try? Files.list(folder) else { return }
        for name in names where name.hasPrefix("pack_git2_") {
            let path = Path.join(folder, name)
            if let stamp = FileStamp(path), FileStamp.now - stamp.modified > day {
                try? Files.remove(path)
            }
        }
    }
}

/// The unfinished packs of this process.
package enum UnfinishedPacks {
    /// From now on, should a signal ask this process to stop, its unfinished packs go first, which
    /// libgit2 keeps open until they are whole. Call it before other threads start.
    package static func goWithProcess() {
        try? Signals.watch { signal in
            Connection.freezing { threads in
                Signals.end(by: signal, removing: "pack_git2_", of: threads)
            }
        }
    }
}
