/// The suffixes of a sequence of numbers in their order, by induced sorting (Nong, Zhang and Chan,
/// "Two Efficient Algorithms for Linear Time Suffix Array Construction", 2011), and how much
/// neighbours have in common.
enum SuffixArray {
    /// The starts of the suffixes of `text` in their order; a shorter one before those it begins.
    ///
    /// - Parameter text: numbers in 0...`largest`.
    /// Costs O(n + largest) time and 12 bytes a number besides the result, halved at each level.
    static func make(_ text: [Int32], largest: Int) -> [Int32] {
        if text.isEmpty { return [] }
        if text.count == 1 { return [0] }
        var sorter = InducedSorter(text, largest: largest)
        return sorter.sorted()
    }

    /// For each place of the order, how many numbers its suffix has in common with the one before;
    /// the first has none. By Kärkkäinen, Manzini and Puglisi, "Permuted Longest-Common-Prefix
    /// Array" (2009); O(n).
    static func commonPrefixes(_ text: [Int32], _ order: [Int32]) -> [Int32] {
        let count = text.count
        // first the suffix before each in the order, then in the same place what they share
        var shared = [Int32](repeating: -1, count: count)
        for place in 1..<max(1, count) { shared[Int(order[place])] = order[place - 1] }
        text.withUnsafeBufferPointer { text in
            shared.withUnsafeMutableBufferPointer { shared in
                var length = 0
                for start in 0..<count {
                    let other = Int(shared[start])
                    if other < 0 {
                        length = 0
                    } else {
                        let most = count - max(start, other)
                        while length < most, text[start + length] == text[other + length] {
                            length += 1
                        }
                    }
                    shared[start] = Int32(length)
                    length = max(0, length - 1)
                }
            }
        }
        return order.map { shared[Int($0)] }
    }
}

/// One level of the induced sorting of one text.
private struct InducedSorter {
    private let text: [Int32]
    private let largest: Int
    /// Whether each suffix is smaller than the next one (type S).
    private var isSmaller: [Bool]
    /// Where the suffixes of each first number begin that are larger than the next one, and where
    /// those that are smaller.
    private var largerStarts: [Int32]
    private var smallerStarts: [Int32]
    private var order: [Int32]

    init(_ text: [Int32], largest: Int) {
        self.text = text
        self.largest = largest
        let count = text.count
        isSmaller = Array(repeating: false, count: count)
        for place in stride(from: count - 2, through: 0, by: -1) {
            isSmaller[place] =
                text[place] == text[place + 1]
                ? isSmaller[place + 1] : text[place] < text[place + 1]
        }
        largerStarts = Array(repeating: 0, count: largest + 2)
        smallerStarts = Array(repeating: 0, count: largest + 2)
        for place in 0..<count {
            if isSmaller[place] {
                largerStarts[Int(text[place]) + 1] += 1
            } else {
                smallerStarts[Int(text[place])] += 1
            }
        }
        for number in 0...largest {
            smallerStarts[number] += largerStarts[number]
            largerStarts[number + 1] += smallerStarts[number]
        }
        order = Array(repeating: -1, count: count)
    }

    mutating func sorted() -> [Int32] {
        let count = text.count
        var marks: [Int32] = []
        for place in 1..<count where !isSmaller[place - 1] && isSmaller[place] {
            marks.append(Int32(place))
        }
        induce(marks)
        guard !marks.isEmpty else { return order }
        var markNumbers = [Int32](repeating: -1, count: count)
        for (number, place) in marks.enumerated() { markNumbers[Int(place)] = Int32(number) }
        var sortedMarks = order.filter { markNumbers[Int($0)] >= 0 }
        let (names, last) = named(sortedMarks, marks, markNumbers)
        markNumbers = []
        let inner = SuffixArray.make(names, largest: last)
        for place in sortedMarks.indices { sortedMarks[place] = marks[Int(inner[place])] }
        induce(sortedMarks)
        return order
    }

    /// Numbers the pieces between marks so that equal pieces have equal numbers, in their order.
    private func named(
        _ sortedMarks: [Int32], _ marks: [Int32], _ markNumbers: [Int32]
    ) -> (names: [Int32], last: Int) {
        let count = text.count
        func end(_ mark: Int) -> Int {
            let next = Int(markNumbers[mark]) + 1
            return next < marks.count ? Int(marks[next]) : count
        }
        var names = [Int32](repeating: 0, count: marks.count)
        var last = 0
        for place in 1..<max(1, sortedMarks.count) {
            var left = Int(sortedMarks[place - 1])
            var right = Int(sortedMarks[place])
            let leftEnd = end(left)
            var isSame = leftEnd - left == end(right) - right
            if isSame {
                while left < leftEnd, text[left] == text[right] {
                    left += 1
                    right += 1
                }
                // the end of the text is smaller than any number
                isSame = left < count && right < count && text[left] == text[right]
            }
            if !isSame { last += 1 }
            names[Int(markNumbers[Int(sortedMarks[place])])] = Int32(last)
        }
        return (names, last)
    }

    /// Sorts all suffixes from the order of the marked ones.
    private mutating func induce(_ marks: [Int32]) {
        let count = text.count
        text.withUnsafeBufferPointer { text in
            isSmaller.withUnsafeBufferPointer { isSmaller in
                order.withUnsafeMutableBufferPointer { order in
                    for place in 0..<count { order[place] = -1 }
                    var next = smallerStarts
                    for mark in marks {
                        let number = Int(text[Int(mark)])
                        order[Int(next[number])] = mark
                        next[number] += 1
                    }
                    next = largerStarts
                    next.withUnsafeMutableBufferPointer { next in
                        let last = Int(text[count - 1])
                        order[Int(next[last])] = Int32(count - 1)
                        next[last] += 1
                        for place in 0..<count {
                            let before = Int(order[place]) - 1
                            if before >= 0, !isSmaller[before] {
                                let number = Int(text[before])
                                order[Int(next[number])] = Int32(before)
                                next[number] += 1
                            }
                        }
                    }
                    next = largerStarts
                    next.withUnsafeMutableBufferPointer { next in
                        for place in stride(from: count - 1, through: 0, by: -1) {
                            let before = Int(order[place]) - 1
                            if before >= 0, isSmaller[before] {
                                let number = Int(text[before]) + 1
                                next[number] -= 1
                                order[Int(next[number])] = Int32(before)
                            }
                        }
                    }
                }
            }
        }
    }
}
