/// Parts of a set in which every label has its share.
enum StratifiedFolds {
    /// The fold, from 0, of each row: scikit-learn's `StratifiedKFold(folds)` without shuffling. Of
    /// each label the rows go to the folds in blocks, in their order; the blocks' sizes differ by 1
    /// at most and are laid so that the folds' do too.
    static func assign(_ labels: [Int], folds: Int) -> [Int] {
        var codes: [Int: Int] = [:]
        for label in labels where codes[label] == nil { codes[label] = codes.count }
        let encoded = labels.compactMap { codes[$0] }
        let sorted = encoded.sorted()
        var room = Array(
            repeating: Array(repeating: 0, count: codes.count), count: folds)
        for (place, code) in sorted.enumerated() { room[place % folds][code] += 1 }
        var fold = Array(repeating: 0, count: codes.count)
        return encoded.map { code in
            while room[fold[code]][code] == 0 { fold[code] += 1 }
            room[fold[code]][code] -= 1
            return fold[code]
        }
    }
}
