/// One text with the answer that a model should give to it.
package struct TrainingSample: Sendable, Hashable {
    package var text: String
    package var label: String
    /// As how many rows it counts, from 1.
    package var weight: Int
    package var split: DatasetSplit

    package init(text: String, label: String, weight: Int = 1, split: DatasetSplit) {
        self.text = text
        self.label = label
        self.weight = max(1, weight)
        self.split = split
    }
}
