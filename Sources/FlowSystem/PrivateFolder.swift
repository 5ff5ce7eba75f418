internal import Glibc

/// A folder of this user alone, outside the repository and its state, for what must not stay.
package enum PrivateFolder {
    /// Makes the folder `flow-<name>` in the folder that belongs to this user's session
    /// (`XDG_RUNTIME_DIR`), else in `TMPDIR` or `/tmp`, and gives its path.
    ///
    /// One that is there already is used if it is this user's and nobody else can enter it: names can
    /// be guessed, and everybody writes to `/tmp`.
    package static func make(_ name: String, environment: [String: String]) throws(SystemError)
        -> String
    {
        let places = [environment["XDG_RUNTIME_DIR"], environment["TMPDIR"], "/tmp"]
        let parent = places.compactMap { $0 }.first { $0.hasPrefix("/") && isWritable($0) }
        let path = Path.join(parent ?? "/tmp", "flow-\(name)")
        let doing = "make the private folder \(path)"
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw SystemError(errno: errno, doing: doing)
        }
        guard isOwn(path) else {
            throw SystemError(
                code: .outside, doing: doing,
                message: "somebody else has made it; remove it, or set TMPDIR to a folder of yours")
        }
        return path
    }

    /// Removes the folder `flow-<name>` at a path that an earlier flow has noted; anything else that
    /// stands there is left alone.
    package static func remove(_ path: String, _ name: String) throws(SystemError) {
        guard Path.name(path) == "flow-\(name)", isOwn(path) else { return }
        try Files.remove(path)
    }

    private static func isWritable(_ path: String) -> Bool {
        Files.kind(path, following: true) == .folder && access(path, W_OK | X_OK) == 0
    }

    private static func isOwn(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }
}
