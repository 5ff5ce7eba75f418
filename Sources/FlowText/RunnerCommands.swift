/// The commands that the runner of GitHub Actions reads from what a step prints: lines that begin with
/// `::name …::` after white space, and `##[name …]` anywhere in a line
/// (`ActionCommand.cs` of <https://github.com/actions/runner>).
package enum RunnerCommands {
    /// The text without anything that the runner would take for a command: the first `:` of such a
    /// line becomes `\x3a`, the bracket of `##[` becomes `\u005b`. JSON keeps its meaning, since there
    /// no line begins with a colon and the escape in a string is JSON's own.
    package static func inert(_ text: String) -> String {
        // Most texts have neither.
        guard text.utf8.contains(UInt8(ascii: ":")) || text.utf8.contains(UInt8(ascii: "#")) else {
            return text
        }
        var result = ""
        var isLineStart = true
        var hashes = 0
        let scalars = text.unicodeScalars
        for place in scalars.indices {
            let scalar = scalars[place]
            let next = scalars.index(after: place)
            let isDoubled = next < scalars.endIndex && scalars[next] == ":"
            if scalar == ":", isLineStart, isDoubled {
                result += "\\x3a"
            } else if scalar == "[", hashes >= 2 {
                result += "\\u005b"
            } else {
                result.unicodeScalars.append(scalar)
            }
            hashes = scalar == "#" ? hashes + 1 : 0
            // The runner's lines end as those of .NET do, and it trims their white space.
            if scalar == "\n" || scalar == "\r" {
                isLineStart = true
            } else if !scalar.properties.isWhitespace {
                isLineStart = false
            }
        }
        return result
    }
}
