/// Which arguments of a program it takes for source text, in which a value could run as code.
///
/// Where an interpreter gets source, that is all of its arguments: what stands behind the source is
/// easily taken for it when an option is added. No list of programs is complete; this one has those
/// that are known to read scripts from their command line.
enum SourceArguments {
    /// Programs that take source behind an option, wherever among the words they stand: `env sh -c`.
    private static let interpreters = [
        Options(
            of: [
                "sh", "bash", "rbash", "dash", "ash", "zsh", "ksh", "mksh", "busybox", "csh",
                "tcsh",
            ], letters: "c"),
        Options(of: ["fish"], letters: "cC", words: ["--command", "--init-command"]),
        Options(of: ["nu"], letters: "ce", words: ["--commands", "--execute"]),
        Options(of: ["pwsh", "powershell"], letters: "cC"),
        Options(of: ["python", "pypy", "ipython"], letters: "c"),
        Options(of: ["perl"], letters: "eE"),
        Options(of: ["ruby", "jruby", "lua", "luajit"], letters: "e"),
        Options(of: ["julia"], letters: "eE", words: ["--eval", "--print"]),
        Options(of: ["node", "nodejs", "bun"], letters: "ep", words: ["--eval", "--print"]),
        Options(of: ["deno"], words: ["eval", "--eval"]),
        Options(
            of: ["php"], letters: "rBRE",
            words: ["--run", "--process-begin", "--process-code", "--process-end"]),
        Options(of: ["R", "Rscript", "erl"], letters: "e"),
        Options(of: ["guile"], letters: "ce"),
        Options(of: ["elixir"], letters: "e", words: ["--eval"]),
    ]
    /// Programs that hand text to a shell; they are looked for in the first place only, or behind one of
    /// `prefixes`, since their names are words as well.
    private static let launchers = [
        Options(
            of: ["su", "runuser", "script", "flock"], letters: "c",
            words: ["--command", "--session-command"]),
        Options(of: ["eval", "ssh", "watch", "parallel"]),
    ]
    /// Programs that start the one behind them.
    private static let prefixes: Set<String> = [
        "env", "sudo", "doas", "nice", "nohup", "timeout", "setsid", "stdbuf", "xargs", "time",
        "ionice", "chroot",
    ]
    /// Programs whose first argument is source, unless an option brings it.
    private static let filters = [
        Filter(
            of: ["awk", "gawk", "mawk", "nawk"],
            letters: .init(source: "e", file: "fE", value: "vFil"),
            words: .init(
                source: ["--source"], file: ["--file", "--exec"],
                value: ["--assign", "--field-separator", "--include", "--load"])),
        Filter(
            of: ["sed", "gsed"], letters: .init(source: "e", file: "f", value: "l", rest: "i"),
            words: .init(
                source: ["--expression"], file: ["--file"], value: ["--line-length"])),
    ]

    /// The places of the arguments that are source; the program's own is 0.
    static func places(in words: [String]) -> Set<Int> {
        var found: Set<Int> = []
        for (place, word) in words.enumerated() {
            let name = program(word)
            let rest = words[(place + 1)...]
            let isFirst = place == 0 || prefixes.contains(program(words[0]))
            let takers = isFirst ? interpreters + launchers : interpreters
            if takers.contains(where: { $0.bringSource(to: name, in: rest) }) {
                return Set(words.indices.dropFirst())
            }
            for filter in filters where filter.names.contains(name) {
                found.formUnion(filter.source(in: rest))
            }
        }
        return found
    }

    /// The name of a program without its folder and its version: `python` for `/usr/bin/python3.11`.
    private static func program(_ word: String) -> String {
        let name = word.split(separator: "/").last ?? ""
        let end = name.lastIndex { !"0123456789.-".contains($0) }
        return end.map { String(name[...$0]) } ?? ""
    }

    /// The options by which some programs take source; without any they always do.
    private struct Options {
        let names: Set<String>
        let letters: String
        let words: Set<String>

        init(of names: Set<String>, letters: String = "", words: Set<String> = []) {
            (self.names, self.letters, self.words) = (names, letters, words)
        }

        func bringSource(to program: String, in arguments: ArraySlice<String>) -> Bool {
            guard names.contains(program) else { return false }
            if letters.isEmpty, words.isEmpty { return true }
            return arguments.contains { word in
                if words.contains(SourceArguments.option(word)) { return true }
                return word.hasPrefix("-") && !word.hasPrefix("--")
                    && word.contains(where: letters.contains)
            }
        }
    }

    /// Programs such as sed.
    private struct Filter {
        let names: Set<String>
        private let letters: Letters
        private let words: Words

        /// Options of one letter, several of which may stand in one word.
        struct Letters {
            let source: String
            let file: String
            /// Those that have a value of another kind.
            let value: String
            /// Those that take what is left of the word, if there is something.
            var rest = ""
        }

        struct Words {
            let source: Set<String>
            let file: Set<String>
            let value: Set<String>
        }

        private enum Kind { case source, file, value }

        init(of names: Set<String>, letters: Letters, words: Words) {
            (self.names, self.letters, self.words) = (names, letters, words)
        }

        /// The places of what is source: behind or within the options that bring it; without one, of
        /// the first argument that is no option.
        func source(in arguments: ArraySlice<String>) -> Set<Int> {
            var found: Set<Int> = []
            var isBrought = false
            var first: Int?
            var place = arguments.startIndex
            while place < arguments.endIndex {
                let word = arguments[place]
                if let (kind, isAttached) = option(word) {
                    let value = isAttached ? place : place + 1
                    if kind == .source { found.insert(value) }
                    isBrought = isBrought || kind != .value
                    place = value
                } else if !word.hasPrefix("-") || word == "-" {
                    first = first ?? place
                }
                place += 1
            }
            return isBrought ? found : Set([first].compactMap { $0 })
        }

        /// What an option brings, and whether that stands in the same word; nil: nothing.
        private func option(_ word: String) -> (Kind, isAttached: Bool)? {
            if word.hasPrefix("--") {
                let name = SourceArguments.option(word)
                let isAttached = name != word
                if words.source.contains(name) { return (.source, isAttached) }
                if words.file.contains(name) { return (.file, isAttached) }
                return words.value.contains(name) ? (.value, isAttached) : nil
            }
            guard word.hasPrefix("-") else { return nil }
            for place in word.indices.dropFirst() {
                let isAttached = word.index(after: place) < word.endIndex
                if letters.source.contains(word[place]) { return (.source, isAttached) }
                if letters.file.contains(word[place]) { return (.file, isAttached) }
                if letters.value.contains(word[place]) { return (.value, isAttached) }
                if letters.rest.contains(word[place]) { return nil }
            }
            return nil
        }
    }

    /// `--eval` of `--eval=1`.
    private static func option(_ word: String) -> String {
        word.firstIndex(of: "=").map { String(word[..<$0]) } ?? word
    }
}
