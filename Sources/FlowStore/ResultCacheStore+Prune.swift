internal import FlowSystem

extension ResultCacheStore {
    /// What pruning has taken away.
    package struct Pruned: Sendable, Hashable {
        package let entries: Int
        /// Of the files that these entries alone may have kept; the objects go with the sweep.
        package let bytes: Int
    }

    /// Forgets entries that were not used for long, then the ones used longest ago until the rest
    /// takes no more than `maxBytes`; and the records of files that are gone.
    ///
    /// Their objects stay until the store sweeps what `referencedObjects` does not name. An object is
    /// there a moment before its entry is: the sweep must spare young ones.
    /// - Parameters:
    ///   - age: nil: no entry is too old.
    ///   - maxBytes: of files, each entry's counted for itself; nil: no limit.
    package func prune(olderThan age: Duration?, maxBytes: Int?) -> Pruned {
        let pruned = index.withLock { index in
            index.flush()
            return index.prune(olderThan: age, maxBytes: maxBytes) { path in
                Files.kind(tree.absolute(path)) != nil
            }
        }
        // What a flow that was killed has left unfinished.
        for name in (try? Files.list(objects.unfinished)) ?? [] {
            let path = Path.join(objects.unfinished, name)
            guard let status = FileStamp(path) else { continue }
            if FileStamp.now - status.changed > 86_400_000_000_000 { try? Files.remove(path) }
        }
        return pruned
    }

    /// The names, in hexadecimal, of all objects that entries need. Costs as much as all entries.
    package func referencedObjects() -> Set<String> {
        index.withLock { index in
            index.flush()
            return index.referencedObjects()
        }
    }
}

extension CacheIndex {
    mutating func prune(
        olderThan age: Duration?, maxBytes: Int?, isThere: (String) -> Bool
    ) -> ResultCacheStore.Pruned {
        let oldest = age.map { FileStamp.now - $0.nanoseconds } ?? .min
        let pruned = attempt { database throws(StoreError) in
            try database.transaction { () throws(StoreError) in
                var rest = 0
                var (entries, bytes) = (0, 0)
                let all = try database.run(
                    "SELECT rowid, size, used FROM entries ORDER BY used DESC, rowid DESC")
                for row in all {
                    guard let size = row[1].int, let used = row[2].int else { continue }
                    rest += size
                    if Int64(used) >= oldest, rest <= maxBytes ?? .max { continue }
                    rest -= size
                    (entries, bytes) = (entries + 1, bytes + size)
                    try database.run("DELETE FROM entries WHERE rowid = ?", [row[0]])
                }
                try database.execute(
                    "DELETE FROM legs WHERE key NOT IN (SELECT key FROM entries)")
                for row in try database.run("SELECT path FROM files") {
                    guard let path = row[0].text, !isThere(path) else { continue }
                    try database.run("DELETE FROM files WHERE path = ?", [row[0]])
                }
                return ResultCacheStore.Pruned(entries: entries, bytes: bytes)
            }
        }
        forgetLoaded()
        return pruned ?? ResultCacheStore.Pruned(entries: 0, bytes: 0)
    }

    mutating func referencedObjects() -> Set<String> {
        var names: Set<String> = []
        _ = attempt { database throws(StoreError) in
            try database.each("SELECT content FROM entries", []) { row in
                for file in row[0].blob.flatMap(CacheEntry.init(bytes:))?.files ?? []
                where file.content.link == nil {
                    names.insert(file.content.hash.hex)
                }
            }
        }
        return names
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}
