package import FlowJSON
internal import FlowSkills
internal import FlowSpec
package import FlowStore
internal import FlowSystem
internal import FlowText

/// Procedures that are to be gone through again: makes workflows of them.
package struct ApplicationDesk {
    /// Where the procedure stands.
    package enum Origin: Sendable {
        /// In `skills/` of the default branch.
        case library
        /// In a log, from which it is extracted first.
        case log(String)
        /// In a file: a document, or a line of what extraction gives.
        case document(String)
    }

    private let place: Workspace

    package init(_ place: Workspace) { self.place = place }

    /// The workflow of a procedure, as JSON: `name`, `version`, `id` (null where it is none of the
    /// library), `workflow` (the file's text), `problems` of the log, and `mistakes`, a line each:
    /// steps that nothing does here.
    /// - Parameters:
    ///   - name: id or name; empty for the only one of a document.
    ///   - path: `PATH`, as the steps will see it.
    /// - Throws: `StageError` where there is no such procedure.
    package func workflow(of name: String, in origin: Origin, path: String) throws -> JSON {
        var problems: [String] = []
        let (procedure, id) = try find(name, origin, &problems)
        let shelf = ToolShelf(
            try RepositorySettings(of: place.root), path: path, workspace: place.root)
        let mistakes = procedure.steps.compactMap {
            shelf.complaint($0.tool, literals: $0.literals)
        }.eachOnce
        let text = ProcedureWorkflow(procedure, id: id) { shelf.environment(of: $0) }.text
        return [
            "name": .string(procedure.name), "version": .string(procedure.version),
            "id": id.map(JSON.string) ?? .null, "workflow": .string(text),
            "problems": .array(problems.map(JSON.string)),
            "mistakes": .array(mistakes.map(JSON.string)),
        ]
    }

    private func find(_ name: String, _ origin: Origin, _ problems: inout [String]) throws
        -> (Procedure, id: String?)
    {
        switch origin {
        case .library: return try inLibrary(name)
        case .document(let file): return (try inDocument(file, name), nil)
        case .log(let file):
            let desk = try ExtractionDesk([file], place, ExtractionDesk.Thresholds())
            problems = desk.problems
            return (try Self.choose(name, desk.found.procedures, in: file), nil)
        }
    }

    /// - Throws: `StageError` where it has mistakes, or is deprecated.
    private func inLibrary(_ name: String) throws -> (Procedure, id: String?) {
        let member = try RepositoryView(place.root).skills().named(name, .procedure)
        guard let procedure = member.skill.procedure else {
            throw StageError("\(member.file.path) is no procedure")
        }
        if let mistake = member.mistakes.first { throw StageError(mistake.description) }
        guard member.skill.isActing else {
            throw StageError(
                "\(member.skill.id) is \(member.skill.status.rawValue), and not to be applied; "
                    + "--document \(member.file.path) does it all the same")
        }
        return (procedure, member.skill.id)
    }

    /// A skill's document, or lines as extraction prints them.
    private func inDocument(_ file: String, _ name: String) throws -> Procedure {
        let bytes = try Files.read(file, limit: 16 << 20)
        if let lines = try? JSONLines.read(bytes), lines.allSatisfy({ $0.objectValue != nil }) {
            return try Self.choose(
                name, lines.map { try Procedure(reading: $0, path: file) }, in: file)
        }
        guard let procedure = try Skill.read(bytes, path: file, isOfLibrary: false).procedure
        else {
            throw StageError("\(VisibleText.safe(file)) is no procedure")
        }
        return procedure
    }

    /// The one that is called so; without a name the only one.
    private static func choose(_ name: String, _ found: [Procedure], in file: String) throws
        -> Procedure
    {
        if name.isEmpty, found.count == 1 { return found[0] }
        if let procedure = found.first(where: { $0.name == name }) { return procedure }
        throw StageError(
            (name.isEmpty
                ? "say which of the procedures"
                : "there is no procedure "
                    + VisibleText.safe(name)) + " in \(VisibleText.safe(file))"
                + SkillSet.hint(name, found.map(\.name)))
    }
}
