import FlowJSON
import FlowTestSupport
import Testing

@testable import FlowLearning

/// A reader that knows docs/formats.md only.
@Suite("the documented format of a model", .enabled(if: Python.isThere, "there is no Python"))
struct ModelFormatTests {
    /// Prints, for each text, the likeliest label's number and its probability.
    private static let script = """
        import json, math, re, struct
        model = json.load(open('PATH/model.json'))
        data = open('PATH/weights.bin', 'rb').read()
        terms = open('PATH/terms.txt', encoding='utf-8').read().split('\\n')[:-1]
        labels, members = len(model['labels']), model['members']
        columns = 1 if labels == 2 else labels
        at = 0
        def take(kind, count):
            global at
            found = struct.unpack_from('<%d%s' % (count, kind), data, at)
            at += count * (8 if kind == 'd' else 4)
            return found
        inverse = take('d', len(terms))
        coefficients = take('f', len(terms) * members * columns)
        intercepts = take('d', members * columns)
        sigmoid = model['calibration']['method'] == 'sigmoid'
        pairs = take('d', 2 * members * columns) if sigmoid else ()
        assert at == len(data)
        def ngrams(text, kind, sizes):
            words = re.findall(r'\\w\\w+' if kind == 'words' else r'\\S+', text.lower())
            if kind == 'words':
                for size in sizes:
                    for i in range(len(words) - size + 1): yield ' '.join(words[i:i + size])
                return
            for word in words:
                word = ' ' + word + ' '
                for size in sizes:
                    for i in range(max(1, len(word) - size + 1)): yield word[i:i + size]
                    if len(word) <= size: break
        def values(text):
            first = 0
            for part in model['parts']:
                kind = part['analyzer']
                numbers = {term: first + i for i, term in enumerate(terms[first:first + part['terms']])}
                counts = {}
                for term in ngrams(text, kind['kind'], range(kind['from'], kind['to'] + 1)):
                    if term in numbers: counts[numbers[term]] = counts.get(numbers[term], 0) + 1
                raw = {t: (1 + math.log(n) if part['sublinear'] else n) * inverse[t] for t, n in counts.items()}
                norm = math.sqrt(sum(v * v for v in raw.values()))
                yield from ((t, struct.unpack('f', struct.pack('f', v / norm * part['length']))[0])
                            for t, v in raw.items())
                first += part['terms']
        for text in json.load(open('PATH/texts.json')):
            decisions = list(intercepts)
            for term, value in values(text):
                for i in range(members * columns):
                    decisions[i] += value * coefficients[term * members * columns + i]
            if sigmoid:
                p = [0] * labels
                for m in range(members):
                    raw = [1 / (1 + math.exp(pairs[2 * i] * decisions[i] + pairs[2 * i + 1]))
                           for i in range(m * columns, (m + 1) * columns)]
                    raw = [1 - raw[0], raw[0]] if labels == 2 else raw
                    p = [x + y / sum(raw) / members for x, y in zip(p, raw)]
            else:
                own = [-decisions[0], decisions[0]] if labels == 2 else decisions
                raw = [math.exp(model['calibration']['sharpness'] * x) for x in own]
                p = [x / sum(raw) for x in raw]
            best = max(range(labels), key=lambda i: p[i])
            print(best, repr(p[best]))
        """

    @Test(
        "who reads a folder as the page says gets the same answers",
        arguments: TrainingPreset.all, [2, 5])
    func independent(_ preset: TrainingPreset, _ labels: Int) throws {
        let texts = Samples.generated(labels: labels, perLabel: 12, seed: 23)
        guard
            case .trained(let trained) = try ModelTraining.run(
                TrainingSet(examples: texts), preset: preset, minSamples: 2)
        else { throw LearningError(.unusableSamples, doing: "train", "too small") }
        let folder = try TemporaryFolder()
        _ = try ModelFolder.write(trained, to: folder.at("m"))
        let asked = texts.map(\.text) + ["", "unknown words", "a bb ccc"]
        try folder.write("m/texts.json", JSON.array(asked.map(JSON.string)).text())
        let lines = try #require(
            Python.run(Self.script.replacing("PATH", with: folder.at("m"))))
        #expect(lines.count == asked.count)
        for (text, line) in zip(asked, lines) {
            let guess = trained.model.predict(text).guesses[0]
            let fields = line.split(separator: " ")
            let probability = try #require(Double(fields[1]))
            #expect(abs(probability - guess.probability) < 1e-9, "\(text)")
            #expect(trained.model.labels[try #require(Int(fields[0]))] == guess.label, "\(text)")
        }
    }
}
