import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowLearning

@Suite("words and terms")
struct FeatureTests {
    private func terms(_ analyzer: TextAnalyzer, _ text: String) -> [String] {
        var result: [String] = []
        analyzer.forEachTerm(of: LowerText(text)) { term, _ in
            result.append(term.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
        }
        return result
    }

    private func weights(_ texts: [String], _ settings: TermSettings) -> TermWeights {
        TextFeatures.learn(texts, [settings]).0.parts[0]
    }

    private func found(by weights: TermWeights, _ text: String) -> SparseRow {
        TextFeatures([weights]).row(text)
    }

    @Test(
        "words are runs of two or more letters, numbers and underscores, in lower case",
        arguments: [
            ("KeyError: 'partner_id' in a/b9.py", ["keyerror", "partner_id", "in", "b9", "py"]),
            ("", []), ("a b c", []), ("É ÉÉ", ["éé"]),
            // A combining mark splits; two scalars are enough, not two characters.
            ("cafe\u{301}s", ["cafe"]), ("²³", ["²³"]), ("日本", ["日本"]),
            ("ΟΔΟΣ", ["οδος"]), ("İX", []), ("STRAẞE", ["straße"]),
            // Letters of Unicode 15 are not letters of Unicode 14.
            ("\u{1DF25}\u{1DF26}", []),
        ] as [(String, [String])])
    func words(_ text: String, _ words: [String]) {
        #expect(TextWords(text).words.map { Array($0.utf8) } == words.map { Array($0.utf8) })
    }

    @Test(
        "word characters, lower case and blanks are Python 3.11's, over all scalars",
        .enabled(if: Python.hasUnicode14, "skipped: no python3 with the tables of Unicode 14"))
    func allScalars() throws {
        let script = """
            import re, hashlib, unicodedata
            s = [chr(i) for i in range(0x110000) if not 0xD800 <= i < 0xE000]
            w = ''.join('1' if re.match(r'\\w', c) else '0' for c in s)
            l = '\\n'.join(c.lower() for c in s if unicodedata.category(c) != 'Cn')
            p = ''.join('1' if c.isspace() else '0' for c in s)
            for x in (w, l, p): print(hashlib.sha256(x.encode()).hexdigest())
            """
        let output = try #require(Python.run(script))
        let scalars = (0...0x10FFFF as ClosedRange<UInt32>).compactMap { Unicode.Scalar($0) }
        let words = scalars.map { PythonText.isWord($0) ? "1" : "0" }.joined()
        #expect(SHA256.hex(words.utf8) == output[0])
        let known = scalars.filter {
            let isAssigned = $0.properties.age.map { $0.major <= 14 } ?? false
            return isAssigned && $0.properties.generalCategory != .unassigned
        }
        var lower: [UInt8] = []
        for scalar in known {
            if !lower.isEmpty { lower.append(0x0A) }
            for mapped in PythonText.lower(String(Character(scalar))) {
                lower.append(contentsOf: UTF8.encode(mapped) ?? .init())
            }
        }
        #expect(SHA256.hex(lower) == output[1])
        let spaces = scalars.map { PythonText.isSpace($0) ? "1" : "0" }.joined()
        #expect(SHA256.hex(spaces.utf8) == output[2])
    }

    @Test("n-grams of words: all of one length, then all of the next")
    func wordRuns() {
        #expect(
            terms(.words(1...3), "one, two: three")
                == ["one", "two", "three", "one two", "two three", "one two three"])
        #expect(terms(.words(2...3), "one") == [])
    }

    @Test("n-grams inside padded words; a short word counts once")
    func characterRuns() {
        #expect(
            terms(.charactersInWords(2...3), "Ab  c") == [
                " a", "ab", "b ", " ab", "ab ", " c", "c ", " c ",
            ])
        #expect(
            terms(.charactersInWords(4...5), "a\tbcd") == [
                " a ", " bcd", "bcd ", " bcd ",
            ])
    }

    @Test("the weights are scikit-learn's: by hand for three short texts")
    func byHand() {
        // Three documents; "red" in 2 of them, the others in 1.
        let weights = weights(
            ["red red fox", "red hen", "owl"], TermSettings(.words(1...1), limit: 10))
        #expect((0..<weights.terms.count).map(weights.terms.text) == ["fox", "hen", "owl", "red"])
        let rare = 1.6931471805599454  // ln(4 / 2) + 1
        let common = 1.2876820724517808  // ln(4 / 3) + 1
        #expect(weights.inverseFrequency == [rare, rare, rare, common])
        let row = found(by: weights, "Red fox red fox red unknown")
        let length = (4 * rare * rare + 9 * common * common).squareRoot()
        #expect(row.columns == [0, 3])
        #expect(row.values[0] == Float(2 * rare / length))
        #expect(row.values[1] == Float(3 * common / length))
        #expect(found(by: weights, "nothing known") == SparseRow())
    }

    @Test("sublinear: a count of n weighs 1 + ln n")
    func sublinear() {
        let weights = weights(
            ["aa bb", "aa bb"], TermSettings(.words(1...1), isSublinear: true, limit: 10))
        let row = found(by: weights, "aa aa aa bb")
        #expect(abs(row.values[0] / row.values[1] - 2.09861228866811) < 1e-6)
    }

    @Test("at the limit the more frequent terms stay, ties by code point")
    func limit() {
        let texts = ["zz zz", "bb cc", "cc bb", "aa", "\u{10000}\u{10000} \u{FB01}\u{FB01}"]
        let weights = weights(texts, TermSettings(.words(1...1), limit: 4))
        #expect((0..<weights.terms.count).map(weights.terms.text) == ["aa", "bb", "cc", "zz"])
        let more = self.weights(texts, TermSettings(.words(1...1), limit: 5))
        #expect(more.terms.text(4) == "\u{FB01}\u{FB01}")
    }

    @Test("terms of fewer texts than the minimum are left out, however often one text has them")
    func minimum() {
        let weights = weights(
            ["aa bb bb", "aa cc", "cc"], TermSettings(.words(1...1), limit: 9, minimumTexts: 2))
        #expect((0..<weights.terms.count).map(weights.terms.text) == ["aa", "cc"])
    }

    @Test("parts stand side by side, each of length 1; the rows learned are the rows asked for")
    func union() {
        let texts = ["KeyError: 'depot' in a.py", "no such file: depot", "", "x"]
        let (features, rows) = TextFeatures.learn(
            texts,
            [
                TermSettings(.words(1...2), isSublinear: true, limit: 100),
                TermSettings(.charactersInWords(2...5), isSublinear: true, limit: 100),
            ])
        let words = features.parts[0].terms.count
        #expect(features.count == words + 100)
        for (place, text) in texts.enumerated() {
            let row = features.row(text)
            let range = rows.starts[place]..<rows.starts[place + 1]
            #expect(row.columns == Array(rows.columns[range]))
            #expect(row.values == Array(rows.values[range]))
            #expect(zip(row.columns, row.columns.dropFirst()).allSatisfy { $0 < $1 })
        }
        let row = features.row(texts[0])
        for part in [true, false] {
            let length = zip(row.columns, row.values).reduce(0) {
                $0 + (($1.0 < words) == part ? $1.1 * $1.1 : 0)
            }
            #expect(abs(length - 1) < 1e-6)
        }
    }

    @Test("an occurrence knows its word, without the signs around it")
    func wordOccurrences() {
        let (features, _) = TextFeatures.learn(
            ["'depot'", "depot"],
            [
                TermSettings(.words(1...1), limit: 9),
                TermSettings(.charactersInWords(2...2), limit: 99),
            ])
        let reading = features.reading("In 'Depot': depot 'x'")
        #expect(reading.row == features.row("In 'Depot': depot 'x'"))
        let ones = reading.row.columns.map { _ in 1.0 }
        let sums = features.byWord(ones, of: reading)
        #expect(Set(sums.keys) == ["in", "depot", "x"])
        #expect(sums["in"] == 0)
        #expect(abs(sums.values.reduce(0, +) - Double(ones.count)) < 1e-12)
        // Half of what begins both words in signs, and all of what ends one.
        #expect(sums["x"] == 1.5)
    }

    @Test("a word of nothing but signs is called by them, and one in two scripts by its letters")
    func wordNames() {
        let words = PaddedWords(LowerText("-->\u{A0}«ΟΔΟΣ»\u{1C}b9."))
        #expect(words.ranges.indices.map(words.name) == ["-->", "οδος", "b9"])
    }

    @Test("texts that are equal to a reader but not in their scalars are different terms")
    func normalForms() {
        let weights = weights(
            ["\u{E9}\u{E9}", "e\u{301}e\u{301}ab"],
            TermSettings(.charactersInWords(3...3), limit: 100))
        #expect(found(by: weights, "\u{E9}\u{E9}").columns.count == 2)
        #expect(weights.terms.count == 8)
    }

    @Test("the table finds each of many terms again")
    func table() {
        var table = TermTable()
        let terms = (0..<5000).map { Array("term \($0)".utf8) }
        for (number, term) in terms.enumerated() { #expect(table.insert(term.span) == number) }
        for (number, term) in terms.enumerated() {
            #expect(table.number(of: term.span) == number)
        }
        for absent in ["term", "term 5000", "term  1", "", "t"].map({ Array($0.utf8) }) {
            #expect(table.number(of: absent.span) == nil)
        }
        for length in 0...40 {
            let term = [UInt8](repeating: 0, count: length)
            #expect(table.insert(term.span) == 5000 + length)
        }
    }

    @Test(
        "logarithm and exponential are right to the last bits",
        arguments: [
            (1.0, 0.0), (2, 0.6931471805599453), (0.1, -2.3025850929940455),
            (1e300, 690.7755278982137), (1.0000000000000002, 2.220446049250313e-16),
        ])
    func logarithm(_ x: Double, _ expected: Double) {
        #expect(abs(FixedMath.log(x) - expected) <= expected.ulp)
        #expect(abs(FixedMath.exp(expected) - x) <= 2 * x.ulp * max(1, abs(expected)))
    }

    @Test("the exponential ends in 0 and infinity")
    func exponentialEnds() {
        #expect(FixedMath.exp(-1000) == 0)
        #expect(FixedMath.exp(1000) == .infinity)
        #expect(FixedMath.exp(-745) > 0)
        #expect(FixedMath.exp(709.78).isFinite)
    }
}
