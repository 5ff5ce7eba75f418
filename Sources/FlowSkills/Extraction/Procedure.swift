package import FlowJSON
package import FlowSystem

/// A sequence of steps that keeps succeeding, as it was found in the runs of a log.
///
/// All that a skill document, a drawing or a workflow needs of it is here; `json` writes it and
/// `init(reading:)` reads it.
package struct Procedure: Sendable, Hashable {
    /// One step, in order.
    package struct Step: Sendable, Hashable {
        /// What references call it; unique within the procedure: `read_file`.
        package let id: String
        /// The event's type: `tool.called`.
        package let type: String
        /// The tool or the agent.
        package let name: String
        /// The agents that did it, the most frequent first; five at most.
        package let agents: [String]
        package let isOptional: Bool
        /// In what share of the executions looked at it is there.
        package let share: Double
        /// In the order of their names.
        package let arguments: [Argument]
        /// Milliseconds; nil where no event says.
        package let duration: Quantiles?
    }

    /// One argument of a step.
    package struct Argument: Sendable, Hashable {
        /// Its place in the arguments, as `MemberPath` writes it; empty where the arguments are no object.
        package let path: String
        package let source: Source
    }

    /// Where an argument's value comes from.
    package enum Source: Sendable, Hashable {
        /// It was the same in every execution.
        case literal(JSON)
        case parameter(String)
        /// It was what an earlier step had given; `path` within that, empty for all of it.
        case output(step: String, path: String)
    }

    /// What a caller gives.
    package struct Parameter: Sendable, Hashable {
        package let name: String
        /// `string`, `integer`, `number`, `boolean`, `array`, `object` or `any`.
        package let type: String
        /// Whether it was there in every execution.
        package let isRequired: Bool
        /// The value that executions had which did not differ, but lacked it at times.
        package let fallback: JSON?
        /// Values seen, three at most.
        package let examples: [JSON]
        /// The least and the largest number seen.
        package let range: ClosedRange<Double>?
        /// How many values were seen, in the executions looked at.
        package let distinct: Int

        static let types = ["string", "integer", "number", "boolean", "array", "object", "any"]

        /// Whether a value is of a type; of one that is none of `types` every value is.
        static func fits(_ value: JSON, type: String) -> Bool {
            if type == "any" || value.isNull || !types.contains(type) { return true }
            return value.typeName == type || type == "number" && value.typeName == "integer"
        }
    }

    /// A step that had been done before, in nearly every execution.
    package struct Precondition: Sendable, Hashable {
        package let type: String
        package let name: String
        package let share: Double
    }

    /// The median and the ninth decile.
    package struct Quantiles: Sendable, Hashable {
        package let median: Double
        package let p90: Double

        init(median: Double, p90: Double) {
            self.median = median
            self.p90 = p90
        }

        /// Nearest ranks; nil for no values.
        init?(_ values: [Double]) {
            guard !values.isEmpty else { return nil }
            let sorted = values.sorted()
            func rank(_ share: Double) -> Double {
                sorted[min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
            }
            median = rank(0.5)
            p90 = rank(0.9)
        }
    }

    /// How often it succeeded: of all runs that began it and whose end is known, those that completed
    /// it and succeeded.
    package struct SuccessRate: Sendable, Hashable {
        package let runs: Int
        package let succeeded: Int
        /// 95 %, by Clopper and Pearson (1934).
        package let interval: ClosedRange<Double>
        package var rate: Double { Double(succeeded) / Double(runs) }
    }

    /// One step and the next that was done of the procedure, by their ids.
    package struct Transition: Sendable, Hashable {
        package let from: String
        package let to: String
        /// In what share of the executions looked at the one came right after the other.
        package let share: Double
        /// Seconds between their times; nil where they have none.
        package let seconds: Quantiles?
    }

    /// What was seen of it.
    package struct Evidence: Sendable, Hashable {
        /// Runs that did all steps that are not optional.
        package let support: Int
        /// How often that was done, in all runs.
        package let executions: Int
        /// Runs that tried the first two steps.
        package let begun: Int
        /// nil: of none is it known how it ended.
        package let success: SuccessRate?
        package internal(set) var lift: SuccessLift
        /// Seconds from the beginning of the first step to the last; nil without times.
        package let seconds: Quantiles?
        /// US dollars; nil where no event says.
        package let cost: Quantiles?
        package let first: Timestamp?
        package let last: Timestamp?
        /// Runs that follow it, twenty at most.
        package let runs: [String]
        /// In the order of the steps; several from one step where the next is optional.
        package internal(set) var transitions: [Transition]
    }

    /// Lower case with hyphens, 64 characters at most.
    package var name: String
    package let description: String
    /// Three numbers: `1.0.0`; see `SkillVersion`.
    package var version: String
    /// `experimental` until it is validated; of a skill its own.
    package internal(set) var status: String
    package let category: String
    package let tags: [String]
    package let steps: [Step]
    package let parameters: [Parameter]
    package let preconditions: [Precondition]
    package internal(set) var evidence: Evidence

    /// How the procedures of an extraction are ordered: the steps that calling it saves in all runs
    /// that follow it, times the lower bound of its success rate where that is known.
    package var score: Double {
        let saved = steps.reduce(0) { $0 + $1.share } - 1
        let bound = evidence.success?.interval.lowerBound ?? 1
        return saved * Double(evidence.support) * bound
    }
}
