package import FlowJSON

/// What a model says of one text.
package struct Prediction: Sendable, Hashable {
    package struct Guess: Sendable, Hashable {
        package let label: String
        /// From 0 to 1; over all labels they sum to 1.
        package let probability: Double
    }

    /// A word of the text (or some in a row) and how much it spoke for the likeliest label, in units of the decision.
    package struct Word: Sendable, Hashable {
        package let term: String
        package let weight: Double
    }

    /// The likeliest first.
    package let guesses: [Guess]
    /// The words that spoke for the likeliest label, the strongest first.
    package let words: [Word]
    /// How many words of the text, and words in a row, the model knows. Runs of characters do not
    /// count, for nearly every text has some that the model knows: with 0 the guesses rest on them, or
    /// are only how the labels lay in training.
    package let knownTerms: Int
    /// The higher, the likelier the text belongs to none of the labels: how little the likeliest
    /// stands out from the next four, in units of the decision; 0 at most. About -2: one label
    /// claims the text and the others do not.
    package let outOfScope: Double

    package var json: JSON {
        [
            "labels": .array(
                guesses.map {
                    ["label": .string($0.label), "probability": .number($0.probability)]
                }),
            "words": .array(
                words.map { ["term": .string($0.term), "weight": .number($0.weight)] }),
            "known_terms": .integer(knownTerms), "out_of_scope": .number(outOfScope),
        ]
    }
}
