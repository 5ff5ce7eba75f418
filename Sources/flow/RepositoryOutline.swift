internal import FlowSystem

/// The files of a repository that is ready to run.
struct RepositoryOutline {
    private var files: [(path: String, bytes: [UInt8])] = []

    /// Workflows, settings, and the folders of skills, datasets and models.
    mutating func addBasics(from shared: String, branch: String) throws(SystemError) {
        let workflows = Path.join(shared, "workflows")
        for name in try Files.list(workflows) where name.hasSuffix(".yaml") {
            add("workflows/\(name)", try Files.read(Path.join(workflows, name)))
        }
        add("skills/README.md", Self.skills)
        add("skills/proposed/README.md", Self.proposed)
        add("datasets/trm/README.md", Self.dataset)
        add("models/.gitignore", "*/\n")
        add(".gitignore", Self.ignored)
        add(".gitattributes", Self.attributes)
        add("flow.yaml", "# flow's settings for this repository\ndefault-branch: \(branch)\n")
    }

    mutating func add(samples: [(path: String, bytes: [UInt8])]) { files += samples }

    mutating func add(_ workflow: ActionsWorkflow) {
        add(".github/workflows/\(workflow.name).yml", workflow.text)
    }

    private mutating func add(_ path: String, _ text: String) { add(path, Array(text.utf8)) }

    private mutating func add(_ path: String, _ bytes: [UInt8]) { files.append((path, bytes)) }

    /// Writes what is not there and gives the paths that it wrote.
    func write(to folder: String) throws(SystemError) -> [String] {
        var added: [String] = []
        for (path, bytes) in files {
            let place = Path.join(folder, path)
            if Files.kind(place) != nil { continue }
            try Files.write(bytes, to: place)
            added.append(path)
        }
        return added
    }

    private static let ignored = """
        # secrets of this machine
        .env

        """

    private static let attributes = """
        # lines are only added, in any order: git keeps those of both sides
        skills/ledger/*.jsonl merge=union

        """

    private static let skills = """
        # Skills

        `<ID>_<slug>.yaml` is an approved skill, `proposed/` holds those under review, `ledger/` the
        evidence and the verdicts. flow writes these files in commits of its own; edit a skill as
        you like: flow changes only the values it keeps up to date.

        `knowledge/` is yours: solved cases, which flow shows in the proposals that they fit.

        """

    private static let proposed = """
        # Proposed skills

        A skill that is merged to here counts as approved; the next run of integrate.yaml moves it
        to `skills/`.

        """

    private static let dataset = """
        # Training dataset

        `erp_tasks.jsonl`: one approved skill a line, kept up to date by `dataset/sync`.

        """
}
