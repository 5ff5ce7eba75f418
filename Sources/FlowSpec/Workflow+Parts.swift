extension Workflow {
    /// This workflow and all that its nodes use, each once, in the order of first use.
    package var everyWorkflow: [Workflow] {
        var files: Set<String> = []
        return [self] + parts.map(\.workflow).filter { files.insert($0.file).inserted }
    }

    /// What its nodes use, and theirs, each reference once; two references may name one file.
    package var parts: [SubWorkflow] {
        var found: [SubWorkflow] = []
        var references: Set<String> = []
        var files: Set<String> = []
        var waiting: [Workflow] = [self]
        while let workflow = waiting.popLast() {
            for case .workflow(let part, _) in workflow.nodes.lazy.map(\.work)
            where references.insert(part.reference).inserted {
                found.append(part)
                if files.insert(part.workflow.file).inserted { waiting.append(part.workflow) }
            }
        }
        return found
    }

    /// Those of its own file and of the files that it uses.
    package var allWarnings: [Diagnostic] { everyWorkflow.flatMap(\.warnings) }

    /// The actions that its nodes and those of its parts use, each reference once.
    package var actions: [ActionManifest] {
        var found: [ActionManifest] = []
        var seen: Set<String> = []
        for workflow in everyWorkflow {
            for case .uses(let action, _) in workflow.nodes.lazy.map(\.work)
            where seen.insert(action.reference).inserted {
                found.append(action)
            }
        }
        return found
    }

    /// Names of its secrets and of those of its parts, each once.
    package var allSecrets: [String] {
        var seen: Set<String> = []
        return everyWorkflow.flatMap(\.secrets).filter { seen.insert($0).inserted }
    }

    /// Those of them that some file cannot do without.
    package var requiredSecrets: Set<String> {
        Set(
            everyWorkflow.flatMap { part in
                part.secrets.filter { !part.optionalSecrets.contains($0) }
            })
    }

    /// Its pools and those of its parts, each name once, with the smallest size given.
    package var allPools: [Pool] {
        var found: [Pool] = []
        for pool in everyWorkflow.flatMap(\.pools) {
            if let place = found.firstIndex(where: { $0.name == pool.name }) {
                if pool.size < found[place].size { found[place] = pool }
            } else {
                found.append(pool)
            }
        }
        return found
    }
}
