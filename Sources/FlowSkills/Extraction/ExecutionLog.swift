package import FlowJSON
package import FlowSystem

/// What runs did, step by step: the log that procedures are mined from.
///
/// Columns stand side by side, all runs in one array. Runs stand in the order of their first times,
/// then of their names, and symbols in the order of their names, so that equal events give an equal
/// log whatever the order of their files. A step costs 24 bytes, one with arguments 48 more
/// and their text.
package struct ExecutionLog: Sendable {
    /// What was done, without its arguments: steps of one symbol are the same step.
    package struct Symbol: Sendable, Hashable {
        /// The event's type: `tool.called`.
        package let type: String
        /// The tool, the agent, the node; empty where the event names none.
        package let name: String
        /// A step that failed is another than the same step that did not.
        package let hasFailed: Bool

        package init(type: String, name: String, hasFailed: Bool = false) {
            self.type = type
            self.name = name
            self.hasFailed = hasFailed
        }
    }

    /// How a run ended.
    package enum Outcome: UInt8, Sendable {
        /// The log does not say; that is no failure.
        case unknown
        case success
        case failure
    }

    /// What few steps have.
    struct Detail: Sendable {
        /// Milliseconds; not a number where the event has none.
        var duration: Float
        /// US dollars; not a number where the event has none.
        var cost: Float
        var arguments: ByteArena.Piece
        var output: ByteArena.Piece
        /// Whether the step's time is that of its beginning, as of a span; else it is that of its end.
        var isTimeOfBeginning = false
    }

    package let symbols: [Symbol]
    /// The number of each step's symbol, run after run.
    package let steps: [Int32]
    /// Where each run begins in `steps`, and where the last one ends.
    package let starts: [Int32]
    package let outcomes: [Outcome]
    /// The time of each step in microseconds since 1970; `noTime` where it has none.
    let times: [Int64]
    /// The number of the agent's name; -1 where the event has none.
    let agents: [Int32]
    /// The number of the node's name; -1 where the event has none.
    let nodes: [Int32]
    /// The place in `detailTable`; -1 where the step has nothing there.
    let details: [Int32]
    let detailTable: [Detail]
    let arena: ByteArena
    let runNames: ByteInterner
    /// The number of each run's name.
    let runNumbers: [Int32]
    let agentNames: ByteInterner
    let nodeNames: ByteInterner

    static let noTime = Int64.min

    package var runCount: Int { outcomes.count }
    package var isEmpty: Bool { steps.isEmpty }

    /// The places of a run's steps.
    package func steps(of run: Int) -> Range<Int> { Int(starts[run])..<Int(starts[run + 1]) }

    package func name(of run: Int) -> String { runNames.text(runNumbers[run]) }

    /// The time of the first step that has one.
    package func time(of run: Int) -> Timestamp? {
        steps(of: run).lazy.map { times[$0] }.first { $0 != Self.noTime }
            .map(Timestamp.init(microseconds:))
    }

    /// The agent that did a step, where the event says so.
    package func agent(of step: Int) -> String? {
        agents[step] < 0 ? nil : agentNames.text(agents[step])
    }

    /// The node that did a step, where the event says so.
    func node(of step: Int) -> String? { nodes[step] < 0 ? nil : nodeNames.text(nodes[step]) }

    func detail(of step: Int) -> Detail? {
        details[step] < 0 ? nil : detailTable[Int(details[step])]
    }

    /// How many seconds a step took before its time, and after it; 0 where that is not known.
    func seconds(around step: Int) -> (before: Double, after: Double) {
        guard let detail = detail(of: step), detail.duration > 0 else { return (0, 0) }
        let took = Double(detail.duration) / 1000
        return detail.isTimeOfBeginning ? (0, took) : (took, 0)
    }

    /// The arguments as they were written, read now; nil where there are none.
    func arguments(of step: Int) -> JSON? { detail(of: step).flatMap { read($0.arguments) } }

    /// What the step gave, read now; nil where the event does not say.
    func output(of step: Int) -> JSON? { detail(of: step).flatMap { read($0.output) } }

    private func read(_ piece: ByteArena.Piece) -> JSON? {
        piece.length == 0 ? nil : try? JSON.read(Array(arena[piece]))
    }

    /// One step with all that its event said of it.
    package struct Entry: Sendable {
        package let symbol: Symbol
        /// nil: the event has none.
        package let time: Timestamp?
        package let agent: String?
        package let node: String?
        package let milliseconds: Double?
        /// US dollars.
        package let cost: Double?
        package let arguments: JSON?
        package let output: JSON?
    }

    /// What the event of a step said, read now.
    package func entry(_ step: Int) -> Entry {
        let detail = detail(of: step)
        // by its shortest text: the float nearest to 0.1 is not 0.1
        func number(_ value: Float?) -> Double? {
            value.flatMap { $0.isFinite ? Double("\($0)") : nil }
        }
        return Entry(
            symbol: symbols[Int(steps[step])],
            time: times[step] == Self.noTime ? nil : Timestamp(microseconds: times[step]),
            agent: agent(of: step), node: node(of: step), milliseconds: number(detail?.duration),
            cost: number(detail?.cost), arguments: arguments(of: step), output: output(of: step))
    }

    /// The log of some runs only, in the same order.
    package func keeping(runs: Range<Int>) -> ExecutionLog {
        let kept = Int(starts[runs.lowerBound])..<Int(starts[runs.upperBound])
        return ExecutionLog(
            symbols: symbols, steps: Array(steps[kept]),
            starts: starts[runs.lowerBound...runs.upperBound].map { $0 - Int32(kept.lowerBound) },
            outcomes: Array(outcomes[runs]), times: Array(times[kept]), agents: Array(agents[kept]),
            nodes: Array(nodes[kept]), details: Array(details[kept]), detailTable: detailTable,
            arena: arena, runNames: runNames, runNumbers: Array(runNumbers[runs]),
            agentNames: agentNames, nodeNames: nodeNames)
    }
}

/// Texts kept one behind the other in pieces of some MB, so that keeping more never moves what is
/// kept.
struct ByteArena: Sendable {
    struct Piece: Sendable {
        var chunk: Int32 = 0
        var offset: Int32 = 0
        /// Zero: nothing.
        var length: Int32 = 0
    }

    private var chunks: [[UInt8]] = []
    private static let chunkLength = 1 << 22

    subscript(piece: Piece) -> ArraySlice<UInt8> {
        let start = Int(piece.offset)
        return chunks[Int(piece.chunk)][start..<(start + Int(piece.length))]
    }

    mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>) -> Piece {
        if bytes.isEmpty { return Piece() }
        if chunks.isEmpty || chunks[chunks.count - 1].count + bytes.count > Self.chunkLength {
            var fresh: [UInt8] = []
            fresh.reserveCapacity(max(Self.chunkLength, bytes.count))
            chunks.append(fresh)
        }
        let chunk = chunks.count - 1
        let piece = Piece(
            chunk: Int32(chunk), offset: Int32(chunks[chunk].count), length: Int32(bytes.count))
        chunks[chunk].append(contentsOf: bytes)
        return piece
    }
}
