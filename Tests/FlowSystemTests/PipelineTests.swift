import FlowSystem
import Testing

/// Values made and used by two threads at once.
@Suite struct PipelineTests {
    @Test(
        "every value is used once and in order, however many there are",
        arguments: [0, 1, 2, 1_001])
    func order(_ count: Int) {
        var used: [Int] = []
        Pipeline.run(count) {
            $0 * 2
        } use: {
            used.append($0)
        }
        #expect(used == (0..<count).map { $0 * 2 })
    }
}
