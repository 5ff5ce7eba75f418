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
enum UnfinishedPacks {
    /// Touched before a fetch: should a signal ask this process to stop, its unfinished packs go
    /// first.
    static let goWithProcess: Void = {
        try? Signals.watch { signal in
            remove()
            Signals.end(by: signal)
        }
    }()

    /// libgit2 keeps them open until they are whole.
    private static func remove() {
        let folder = "/proc/self/fd"
        for descriptor in (try? Files.list(folder)) ?? [] {
            guard let path = try? Files.real(Path.join(folder, descriptor)),
                Path.name(path).hasPrefix("pack_git2_")
            else { continue }
            try? Files.remove(path)
        }
    }
}
