package import FlowJSON
internal import FlowSystem
internal import FlowText

/// What a stage hands over instead of writing a file: a path, its new content and the content that
/// the stage started from.
package struct Change: Sendable, Hashable {
    /// Below the repository's root, with `/`.
    package let path: String
    /// The new content, already in the object store; nil deletes the file.
    package let blob: ObjectID?
    /// The content when it was read; nil says that the file must not exist.
    package let base: ObjectID?
    /// Whether a file that is new with this change may be run; one that is there keeps its mode.
    package let isExecutable: Bool

    /// - Throws: `invalid` for a path that is not below the root or that git refuses.
    package init(
        path: String, blob: ObjectID?, base: ObjectID?, isExecutable: Bool = false
    ) throws(GitError) {
        guard Self.isValid(path) else {
            throw GitError(
                .invalid, "not a path below the repository's root: '\(VisibleText.safe(path))'",
                paths: [path])
        }
        self.path = path
        self.blob = blob
        self.base = base
        self.isExecutable = isExecutable
    }

    /// The mode that the file gets, given what stands at its path in the commit.
    func isExecutable(over entry: TreeEntry?) -> Bool {
        entry.map { $0.kind == .executable } ?? isExecutable
    }

    private static func isValid(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !path.utf8.contains(0)
            && parts.allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".." && $0.lowercased() != ".git"
            }
    }
}

extension Change {
    /// `{"path": …, "blob": …, "base": …}`, ids as 40 hexadecimal digits or null; with
    /// `"executable": true` for a new file that may be run.
    package var json: JSON {
        var object: JSONObject = [
            "path": .string(path), "blob": blob.map { .string($0.hex) } ?? .null,
            "base": base.map { .string($0.hex) } ?? .null,
        ]
        if isExecutable { object["executable"] = true }
        return .object(object)
    }

    /// - Throws: `invalid`, which names the key that is wrong.
    package init(json: JSON) throws(GitError) {
        guard let path = json["path"]?.stringValue else {
            throw GitError(.invalid, "a change needs 'path', a string")
        }
        try self.init(
            path: path, blob: try Self.id(json, "blob", path),
            base: try Self.id(json, "base", path),
            isExecutable: json["executable"]?.boolValue ?? false)
    }

    private static func id(_ json: JSON, _ key: String, _ path: String) throws(GitError)
        -> ObjectID?
    {
        switch json[key] {
        case nil, .null?: return nil
        case .string(let text)?:
            if let id = ObjectID(text) { return id }
            fallthrough
        default:
            throw GitError(
                .invalid,
                "'\(key)' of the change to \(VisibleText.safe(path)) is no object id "
                    + "of 40 hexadecimal digits", paths: [path])
        }
    }
}

extension String {
    /// The folders on the way to a path, the outermost first: `a`, `a/b` for `a/b/c`.
    var foldersAbove: [String] {
        indices.filter { self[$0] == "/" }.map { String(self[..<$0]) }
    }
}
