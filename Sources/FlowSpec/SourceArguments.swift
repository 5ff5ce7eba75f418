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
                "sh", "bash", "rbash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "busybox",
                "csh", "tcsh", "nu",
            ], letters: "c", words: ["--command", "--commands", "--init-command"]),
        Options(of: ["pwsh", "powershell"], letters: "cC"),
        Options(of: ["python", "pypy", "ipython"], letters: "c"),
        Options(of: ["perl"], letters: "eE"),
        Options(
            of: ["ruby", "jruby", "lua", "luajit", "julia"], letters: "eE", words: ["--eval"]),
        Options(of: ["node", "nodejs", "bun"], letters: "ep", words: ["--eval", "--print"]),
        Options(of: ["deno"], words: ["eval"]),
        Options(
            of: ["php"], letters: "rBRE",
            words: ["--run", "--process-begin", "--process-code", "--process-end"]),
        Options(of: ["R", "Rscript", "guile", "elixir", "erl"], letters: "e", words: ["-eval"]),
    ]
    /// Programs that hand text to a shell; they are looked for in the first place only, since their
    /// names are words as well.
    private static let launchers = [
        Options(
            of: ["su", "runuser", "script", "flock"], letters: "c",
            words: ["--command", "--session-command"]),
        Options(of: ["eval", "ssh", "watch", "parallel"]),
    ]
    /// Programs whose first argument is source, unless an option brings it.
    private static let filters = [
        Filter(
            of: ["awk", "gawk", "mawk", "nawk"], source: ["-e", "--source"],
            file: ["-f", "--file"],
            others: ["-v", "--assign", "-F", "--field-separator"]),
        Filter(
            of: ["sed", "gsed"], source: ["-e", "--expression"], file: ["-f", "--file"],
            others: ["-l", "--line-length"]),
    ]

    /// The places of the arguments that are source; the program's own is 0.
    static func places(in words: [String]) -> Set<Int> {
        var found: Set<Int> = []
        for (place, word) in words.enumerated() {
            let name = program(word)
            let rest = words[(place + 1)...]
            let takers = place == 0 ? interpreters + launchers : interpreters
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
        let sources: Set<String>
        let files: Set<String>
        let others: Set<String>

        init(
            of names: Set<String>, source: Set<String>, file: Set<String>, others: Set<String>
        ) {
            (self.names, sources, files, self.others) = (names, source, file, others)
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
                // A short option may have its value attached: -eprint.
                let short = word.hasPrefix("--") ? "" : String(word.prefix(2))
                let isSource =
                    sources.contains(SourceArguments.option(word)) || sources.contains(short)
                isBrought = isBrought || isSource || files.contains(word) || files.contains(short)
                if isSource { found.formUnion([place, place + 1]) }
                if sources.union(files).union(others).contains(word) {
                    place += 1
                } else if !word.hasPrefix("-") || word == "-" {
                    first = first ?? place
                }
                place += 1
            }
            return isBrought ? found : Set([first].compactMap { $0 })
        }
    }

    /// `--eval` of `--eval=1`.
    private static func option(_ word: String) -> String {
        word.firstIndex(of: "=").map { String(word[..<$0]) } ?? word
    }
}
