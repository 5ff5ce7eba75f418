import FlowSystem
import FlowTestSupport

/// The recorded errors of `datasets/samples`, each with its true cause.
enum SampleErrors {
    static func read(_ sources: [String]) throws -> [(text: String, label: String)] {
        let folder = Path.join(BuiltPrograms.checkout, "datasets/samples")
        return try sources.flatMap { source in
            // By scalars: a carriage return and a newline are one character.
            let lines = try Files.text(Path.join(folder, source + ".log"))
                .unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
                .map { String($0) }
            return try Files.text(Path.join(folder, "causes/\(source).tsv")).split(separator: "\n")
                .map { row in
                    let cells = row.split(separator: "\t").map(String.init)
                    let (first, count) = (Int(cells[0]) ?? 1, Int(cells[1]) ?? 1)
                    let text = lines[(first - 1)..<(first - 1 + count)].joined(separator: "\n")
                    return (text, cells[2])
                }
        }
    }
}
