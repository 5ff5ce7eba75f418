package import FlowJSON

/// A workflow file, read and found to be without a mistake.
package struct Workflow: Sendable {
    package let name: String
    package let description: String?
    /// The path as it was given, for messages.
    package let file: String
    package let params: [Parameter]
    /// What `on:` says, for whoever schedules; the engine does not look at it.
    package let triggers: JSON
    /// Evaluated anew for every leg.
    package let env: [Variable]
    /// Names that the environment or `.env` must give before the workflow runs, but for the optional.
    package let secrets: [String]
    /// Those of `secrets` that may be missing; they are empty then.
    package let optionalSecrets: Set<String>
    /// The group in which one run goes on at a time; nil: none.
    package let concurrency: Concurrency?
    /// The pools that its nodes name, with the places that this file gives each.
    package let pools: [Pool]
    /// In the order of the file; every `needs` names one of them and there is no cycle.
    package let nodes: [Node]
    /// Where each node stands among them, by its id: made once, for all who look nodes up.
    package let places: [String: Int]
    /// Evaluated when the run has ended.
    package let outputs: [Variable]
    /// What in this file works, and is hardly what was meant.
    package var warnings: [Diagnostic] = []
}

/// A name with the template of its value.
package struct Variable: Sendable {
    package let name: String
    package let value: Template
}

/// One knob of a workflow.
package struct Parameter: Sendable {
    /// What a value of a parameter, an input or an output may be.
    package enum Kind: String, Sendable, CaseIterable {
        case string, integer, number, boolean, duration, array, object
        /// Any JSON value but null.
        case any
    }

    package let name: String
    package let kind: Kind
    package let description: String?
    /// Checked against the rules below; nil: a value is required. A duration is in seconds.
    package let defaultValue: JSON?
    package let allowed: [JSON]?
    package let minimum: Double?
    package let maximum: Double?
    /// A regular expression of the linear-time dialect that a string must hold a match of.
    package let pattern: String?
    /// The kind of every element of an array.
    package let items: Kind?
    /// Whether it may be left out without a default; its value is null then.
    package var isOptional = false

    /// Whether a value must be given.
    package var isRequired: Bool { defaultValue == nil && !isOptional }
}

/// One unit of work in a workflow.
///
/// A class, though nothing in it changes: a scheduler hands each node around at every step, and a
/// copy of so many fields costs more than the step.
package final class Node: Sendable {
    package let id: String
    /// What people are shown; the id where the file gives no `name`.
    package let title: String
    package let work: Work
    /// Ids of nodes that must be settled before this one is looked at.
    package let needs: [String]
    /// nil: `success()`.
    package let condition: Condition?
    /// Evaluated for every leg; the leg's own wins over the workflow's.
    package let env: [Variable]
    /// Names of flow's own environment, or of `.env`, that the command sees.
    package let envPass: [String]
    /// Names of the workflow's secrets that its `env` may read.
    package let secrets: [String]
    /// The pool of which each of its legs takes a place; nil: none.
    package let pool: String?
    package let resources: Resources
    /// nil: every leg runs.
    package let cache: CachePolicy?
    /// Relative to the repository; nil: its root.
    package let workingDirectory: Template?
    package let matrix: Matrix?
    package let timeout: Duration?
    /// From TERM to KILL.
    package let grace: Duration
    package let retry: RetryPolicy
    /// Evaluates to a boolean: whether dependents go on after a failure.
    package let continueOnError: Template
    /// What the node declares (`run`) or its action declares (`uses`).
    package let outputs: [OutputDeclaration]
    /// Where the node begins in the file, for messages: line from 1.
    package let line: Int

    /// Whether a leg can be started without evaluating an expression.
    package let isLiteral: Bool

    init(
        id: String, title: String, work: Work, needs: [String], condition: Condition?,
        env: [Variable], envPass: [String], secrets: [String], pool: String?,
        resources: Resources, cache: CachePolicy?, workingDirectory: Template?, matrix: Matrix?,
        timeout: Duration?, grace: Duration, retry: RetryPolicy, continueOnError: Template,
        outputs: [OutputDeclaration], line: Int
    ) {
        self.id = id
        self.title = title
        self.work = work
        self.needs = needs
        self.condition = condition
        self.env = env
        self.envPass = envPass
        self.secrets = secrets
        self.pool = pool
        self.resources = resources
        self.cache = cache
        self.workingDirectory = workingDirectory
        self.matrix = matrix
        self.timeout = timeout
        self.grace = grace
        self.retry = retry
        self.continueOnError = continueOnError
        self.outputs = outputs
        self.line = line
        isLiteral =
            work.isLiteral && env.allSatisfy(\.value.isLiteral) && cache?.isLiteral ?? true
            && workingDirectory?.isLiteral ?? true
    }
}

/// A group of runs of which one goes on at a time, across processes.
package struct Concurrency: Sendable {
    /// What a run does when another one has the group.
    package enum Conflict: String, Sendable, CaseIterable { case queue, cancel, fail }

    /// Evaluated with `params` and `flow`.
    package let group: Template
    package let onConflict: Conflict
}

/// A cap on the legs that run at once, across processes.
package struct Pool: Sendable, Hashable {
    package let name: String
    /// From 1.
    package let size: Int
}

/// What a leg takes of the machine while it runs.
package struct Resources: Sendable, Hashable {
    /// From 1; nil: not said, which counts as one.
    package let cpus: Int?
    /// In bytes; nil: not said.
    package let memory: Int?
    package let gpus: Int

    package init(cpus: Int? = nil, memory: Int? = nil, gpus: Int = 0) {
        self.cpus = cpus
        self.memory = memory
        self.gpus = gpus
    }
}

/// When the result of an earlier leg stands for this one.
package struct CachePolicy: Sendable {
    /// Globs, relative to the repository, of the files that the leg reads.
    package let inputs: [Template]
    /// Globs, relative to the repository, of the files that the leg makes.
    package let outputs: [Template]
    /// Whatever else the result depends on; nil: nothing.
    package let key: Template?

    fileprivate var isLiteral: Bool {
        (inputs + outputs).allSatisfy(\.isLiteral) && key?.isLiteral ?? true
    }
}

/// A node that waits for people.
package struct Gate: Sendable {
    /// How a decision can come.
    package enum Channel: String, Sendable, CaseIterable {
        case cli
        case gitMerge = "git-merge"
    }
    /// What happens when nobody has decided in time.
    package enum Expiry: String, Sendable, CaseIterable { case approve, reject, fail }

    package let via: [Channel]
    /// Who may decide; empty: anybody.
    package let reviewers: [String]
    /// Approvals that are needed; from 1.
    package let quorum: Int
    /// Typed fields that an approval fills and that become the node's outputs.
    package let form: [Parameter]
    /// Evaluates to the branches that must be merged; nil without `git-merge`.
    package let branches: Template?
    package let timeout: Duration?
    package let onTimeout: Expiry
}

/// Another workflow of the repository as one node.
package struct SubWorkflow: Sendable {
    /// As `uses:` names it: `./workflows/other.yaml`.
    package let reference: String
    package let workflow: Workflow
    /// The file's own bytes, which the run keeps.
    package let source: [UInt8]
}

/// What a node does.
package enum Work: Sendable {
    /// Text for a shell; expressions are not pasted into it.
    case script(String, shell: Shell)
    /// Program and arguments, started without a shell.
    case arguments([Template])
    /// An action and its inputs (an object template).
    case uses(ActionManifest, with: Template)
    /// A workflow and its params (an object template).
    case workflow(SubWorkflow, with: Template)
    /// Nothing: it waits for a decision.
    case approve(Gate)

    fileprivate var isLiteral: Bool {
        switch self {
        case .script, .approve: true
        case .arguments(let templates): templates.allSatisfy(\.isLiteral)
        case .uses(_, let with), .workflow(_, let with): with.isLiteral
        }
    }
}

/// What runs a script: program and arguments before the script's text or file.
package enum Shell: Sendable, Hashable {
    /// `sh -eu`
    case sh
    /// `bash -eu -o pipefail`
    case bash
    /// `python3`
    case python
    /// A program that takes the script's path as its last argument.
    case program([String])
}

/// When a node runs, beside its needs being settled.
package struct Condition: Sendable {
    package let expression: Expression
    /// Without a status function the condition means `success() && (…)`.
    package let usesStatusFunction: Bool

    /// Whether it looks at everything above the node, not only at what the node needs.
    package var usesFailure: Bool { expression.functions.contains { $0.name == "failure" } }
}

/// A node's matrix: one leg for each combination.
package struct Matrix: Sendable {
    /// A larger product is a mistake, and would fill the memory before anybody saw it.
    package static let mostLegs = 1_000_000

    /// Axes in the order of the file; each evaluates to an array when the node becomes ready.
    package let axes: [Variable]
    /// Evaluates to an array of objects, as on GitHub; nil: none.
    package let include: Template?
    package let exclude: Template?
    /// Evaluates to a leg's stable identity, with `matrix` in context; nil: its values.
    package let key: Template?
    package let maxParallel: Template?
    /// Evaluates to the number of items of the one axis that each leg is given as a list; nil: one,
    /// as itself.
    package let batch: Template?
    /// Whether the first failed leg ends the others; true as on GitHub.
    package let failFast: Template
}

/// How often a leg is tried.
package struct RetryPolicy: Sendable, Hashable {
    package enum Jitter: String, Sendable { case none, full }

    /// What is tried again.
    package enum Cause: Sendable, Hashable {
        case failure, timeout, signal
        case exit(Int)
    }

    package let maxAttempts: Int
    package let delay: Duration
    package let factor: Double
    package let maxDelay: Duration
    package let jitter: Jitter
    package let causes: [Cause]

    package init(
        maxAttempts: Int = 1, delay: Duration = .seconds(1), factor: Double = 2,
        maxDelay: Duration = .seconds(60), jitter: Jitter = .full,
        causes: [Cause] = [.failure, .timeout, .signal]
    ) {
        self.maxAttempts = maxAttempts
        self.delay = delay
        self.factor = factor
        self.maxDelay = maxDelay
        self.jitter = jitter
        self.causes = causes
    }
}

/// An output that a node may set.
package struct OutputDeclaration: Sendable, Hashable {
    package let name: String
    package let kind: Parameter.Kind
    package let description: String?
}

/// What an `action.yaml` says.
package struct ActionManifest: Sendable {
    /// One input of an action.
    package struct Input: Sendable {
        package let parameter: Parameter
        package var name: String { parameter.name }
        package var isRequired: Bool { parameter.isRequired }
        /// Whether its value stands in the workflow as it is: an expression in it is a mistake.
        package var isLiteral = false
    }

    /// What starts it.
    package enum Entry: Sendable {
        /// A stage of `flow-stage`.
        case stage
        /// Program and arguments; the first is a path beneath the action's folder or a program.
        case command([String])
    }

    /// As `uses:` names it: `skills/mine` or `./actions/notify`.
    package let reference: String
    package let description: String?
    package let inputs: [Input]
    package let outputs: [OutputDeclaration]
    package let entry: Entry
    /// The folder of a local action, relative to the repository; nil for a stage.
    package let folder: String?
    /// The manifest's own bytes, which the run keeps.
    package let source: [UInt8]
}
