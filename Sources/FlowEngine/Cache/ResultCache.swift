package import FlowJSON

/// Where results of earlier legs are kept.
///
/// It can only save work: whatever is wrong with it, or with a file that it should look at, the
/// command runs. So nothing here throws.
///
/// What a result depends on is in `CacheRecipe`, and no more: not `PATH`, `HOME`, `LANG` and `TZ`,
/// not the run's time. Globs are as those of `hashFiles`; one without a wildcard that names a folder
/// means all in it; `.git` and `.flow` never match. A file that leads out of the repository is in
/// the way of any result. A successful command is kept also where its output globs match nothing;
/// empty folders are not kept, and a file that an output glob matches and that was not there then is
/// left alone. A command that lists among its inputs what it makes is known from its second run on.
package protocol ResultCache: AnyObject, Sendable {
    /// The results that stand for some legs, where nothing needs to be hashed, listed or restored to
    /// know it; nil: `look`.
    /// - Parameters:
    ///   - subject: gives each leg by its place, from 0; called from several threads at once.
    ///   - use: gets the results piece by piece, in order; called where this was.
    func recall(
        _ count: Int, _ subject: @escaping @Sendable (Int) -> CacheSubject?,
        use: ([CachedResult?]) -> Void)
    /// The result that stands for a leg, with its files restored, or why there is none. Call it
    /// before the command starts.
    func look(_ subject: CacheSubject) -> CacheAnswer
    /// What `look` would say, were the files of these results restored first, in this order. Changes
    /// nothing.
    func foresee(_ subject: CacheSubject, after restored: [[UInt8]]) -> CacheForecast
    /// Keeps the result of a command that has succeeded, and the files that it made; nothing where
    /// an input has changed since `look`, or where a file or a value is secret.
    /// - Parameter run: the run it came from.
    func keep(_ ticket: CacheTicket, outputs: [(name: String, value: JSON)], run: String)
    /// Writes what only memory holds so far.
    func flush()
}

/// One leg, as a cache sees it.
package struct CacheSubject: Sendable {
    /// Tells whose last time a miss is compared with, together with the node and the leg.
    package let workflow: String
    package let node: String
    package let leg: String
    /// Without the content of files.
    package let recipe: CacheRecipe
    /// The folder of a local action, relative to the repository, whose files count.
    package let actionFolder: String?
    /// Globs, relative to the repository.
    package let inputs: [String]
    package let outputs: [String]

    package init(
        workflow: String, node: String, leg: String, recipe: CacheRecipe, actionFolder: String?,
        inputs: [String], outputs: [String]
    ) {
        self.workflow = workflow
        self.node = node
        self.leg = leg
        self.recipe = recipe
        self.actionFolder = actionFolder
        self.inputs = inputs
        self.outputs = outputs
    }
}

/// What an earlier command handed over.
package struct CachedResult: Sendable {
    package let outputs: [(name: String, value: JSON)]
    /// The run whose command it was.
    package let run: String

    package init(outputs: [(name: String, value: JSON)], run: String) {
        self.outputs = outputs
        self.run = run
    }
}

/// What a cache says of a leg.
package enum CacheAnswer: Sendable {
    case found(CachedResult)
    /// - Parameters:
    ///   - reasons: the fields that changed since the last time, or what else is in the way.
    ///   - ticket: for `keep`; nil where the result cannot be kept.
    case missed(reasons: [String], CacheTicket?)
}

/// What a leg's result depends on, as it was before its command started.
package struct CacheTicket: Sendable {
    package let subject: CacheSubject
    /// With the content of files.
    package let recipe: CacheRecipe
    package let key: [UInt8]

    package init(subject: CacheSubject, recipe: CacheRecipe, key: [UInt8]) {
        self.subject = subject
        self.recipe = recipe
        self.key = key
    }
}
