/// A place in nested objects as text: names with dots between them, and a backslash before a dot or a
/// backslash that is part of a name: `options.file\.name`.
enum MemberPath {
    /// The place of a member; an empty path is the whole value.
    static func joined(_ path: String, _ name: String) -> String {
        let name = name.replacing("\\", with: "\\\\").replacing(".", with: "\\.")
        return path.isEmpty ? name : path + "." + name
    }

    /// The names from the outermost on.
    static func names(_ path: String) -> [String] {
        var names = [""]
        var rest = path[...]
        while let character = rest.popFirst() {
            switch character {
            case ".": names.append("")
            case "\\" where rest.first == "." || rest.first == "\\":
                names[names.count - 1].append(rest.removeFirst())
            default: names[names.count - 1].append(character)
            }
        }
        return names
    }
}
