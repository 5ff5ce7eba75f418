/// Names for machines out of names for people.
enum Slug {
    /// The words of a text (`words`) with a separator between them, cut between two of them; `step`
    /// where nothing is left.
    static func make(_ text: String, separator: Character, limit: Int) -> String {
        let words = words(text)
        guard let first = words.first else { return "step" }
        var slug = String(first.prefix(limit))
        for word in words.dropFirst() {
            guard slug.utf8.count + 1 + word.utf8.count <= limit else { break }
            slug.append(separator)
            slug += word
        }
        return slug
    }

    /// Runs of letters and digits, in lower-case ASCII: `Prüfe Nr. 7` is `prufe`, `nr`, `7`. Letters of
    /// other scripts than the Latin one stand between words.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            if let letters = letters(scalar) {
                word += letters
            } else if scalar.properties.generalCategory != .nonspacingMark, !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    private static func letters(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "a"..."z", "0"..."9": String(scalar)
        case "A"..."Z": scalar.properties.lowercaseMapping
        case _ where scalar.isASCII: nil
        default: base(scalar)
        }
    }

    /// The letters without marks that a Latin one is made of, by its name in Unicode: `LATIN SMALL LETTER
    /// U WITH DIAERESIS`, `LATIN SMALL LETTER AE`.
    private static func base(_ scalar: Unicode.Scalar) -> String? {
        let name = (scalar.properties.name ?? "").split(separator: " ")
        guard name.count > 3, name[0] == "LATIN" else { return nil }
        if name[3] == "SHARP" { return "ss" }
        return name[3].utf8.count > 2 ? nil : name[3].lowercased()
    }
}
