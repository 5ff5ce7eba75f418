internal import FlowEngine
internal import FlowJSON
internal import FlowSystem

extension RunStore {
    /// Looks for everything that can be wrong with the state folder, and changes nothing. Reads all
    /// events and all values.
    package func problems() throws(StoreError) -> [Problem] {
        var found = try fileProblems()
        // What a damaged file says is not worth reading.
        guard found.isEmpty else { return found }
        found += try eventProblems()
        found += try valueProblems()
        found += try folderProblems()
        found += try ticketProblems()
        found += try memoryProblems()
        return found
    }

    private func fileProblems() throws(StoreError) -> [Problem] {
        let lines: [String]
        do throws(StoreError) {
            lines = try database.run("PRAGMA integrity_check").compactMap { $0[0].text }
        } catch  where error.code == .damaged {
            lines = [error.message]
        }
        let found = lines.flatMap { $0.split(separator: "\n") }.filter { $0 != "ok" }
        return found.prefix(Self.namedDamages).map { line in
            Problem(
                .database, "\(state.runsDatabase) is damaged: \(line)",
                advice:
                    "put a copy in its place, or begin anew: \(Database.remedy(for: state.runsDatabase))"
                    + "; git keeps all that was reviewed")
        }
    }

    /// Damages of one file that are told one by one.
    private static let namedDamages = 3

    private func eventProblems() throws(StoreError) -> [Problem] {
        var found: [Problem] = []
        let advice = "what it has done stays done; run its workflow again instead of resuming it"
        for row in try database.run(
            """
            SELECT id, count(seq), coalesce(max(seq), 0), coalesce(min(seq), 1)
            FROM runs LEFT JOIN events ON run = number GROUP BY number ORDER BY number
            """)
        {
            guard let id = row[0].text, let count = row[1].int, let last = row[2].int,
                let first = row[3].int
            else { continue }
            if count != last || first != 1 {
                found.append(
                    Problem(
                        .events, "the log of \(id) has \(count) events, its last number is \(last)",
                        advice: advice))
            }
        }
        for row in try database.run(
            "SELECT id, seq FROM events JOIN runs ON number = run WHERE NOT json_valid(data)")
        {
            guard let id = row[0].text, let seq = row[1].int else { continue }
            found.append(
                Problem(.events, "event \(seq) of \(id) cannot be read", advice: advice))
        }
        for row in try database.run(
            """
            SELECT id FROM runs LEFT JOIN events ON run = number AND seq = 1
            WHERE type IS NOT ? ORDER BY number
            """, [.text(EventType.runCreated)])
        {
            guard let id = row[0].text else { continue }
            found.append(
                Problem(
                    .beginning, "the log of \(id) does not begin as a run does", advice: advice))
        }
        for row in try database.run(
            "SELECT DISTINCT run FROM events WHERE run NOT IN (SELECT number FROM runs)")
        {
            guard let number = row[0].int else { continue }
            found.append(
                Problem(
                    .beginning,
                    "there are events of a run with the number \(number) and no such run",
                    advice: "they do no harm"))
        }
        return found
    }

    private func valueProblems() throws(StoreError) -> [Problem] {
        var found: [Problem] = []
        let content = ContentFolder(state)
        var there: Set<String> = []
        for object in content.objects().objects {
            there.insert(object.hash)
            guard (try? content.get(object.hash)) == nil, Files.exists(content.path(object.hash))
            else { continue }
            found.append(
                Problem(
                    .object, "the value \(content.path(object.hash)) is damaged",
                    advice: "remove the file; the node that gave it has to run again"))
        }
        for (id, hash) in try namedValues() where !there.contains(hash) {
            // It may have been kept in this moment.
            if Files.exists(content.path(hash)) { continue }
            found.append(
                Problem(
                    .object, "the value \(hash) of the run \(id) is missing",
                    advice: "the run cannot be resumed; run its workflow again"))
        }
        return found
    }

    /// The values that runs have kept: outputs, workflows, actions.
    private func namedValues() throws(StoreError) -> [(run: String, hash: String)] {
        var found: [(run: String, hash: String)] = []
        try database.each(
            """
            SELECT id, data FROM events JOIN runs ON number = run
            WHERE (type = ? AND data LIKE '%"ref"%') OR type = ? ORDER BY run, seq
            """, [.text(EventType.nodeOutput), .text(EventType.runCreated)]
        ) { row in
            guard let id = row[0].text, let data = row[1].text.flatMap({ try? JSON.read($0) })
            else {
                return
            }
            var named = data.objectValue ?? [:]
            // A person's parameters may have keys of the same names.
            named["params"] = nil
            found += Self.hashes(in: .object(named)).map { (id, $0) }
        }
        return found
    }

    private static func hashes(in value: JSON) -> [String] {
        guard let object = value.objectValue else { return [] }
        return object.members.flatMap { key, member in
            if key == "hash" || key == "ref", let hash = member.stringValue, HashScan.isHash(hash) {
                return [hash]
            }
            return hashes(in: member)
        }
    }

    private func folderProblems() throws(StoreError) -> [Problem] {
        let known = Set(try database.run("SELECT id FROM runs").compactMap { $0[0].text })
        let unknown = state.runFolders().filter { id in
            !known.contains(id) && !RunLock.isHeld(state, run: id)
        }
        if known.isEmpty, unknown.count > 1 {
            return [
                Problem(
                    .database,
                    "\(state.runsDatabase) holds no runs, and there are folders of \(unknown.count)",
                    advice:
                        "if it was emptied, put a copy in its place; else flow runs prune removes "
                        + "them an hour after their last change")
            ]
        }
        return unknown.map { id in
            Problem(
                .folder, "the folder \(state.folder(ofRun: id)) belongs to no run",
                advice: "flow runs prune removes it an hour after its last change")
        }
    }

    /// The memory of the stages is theirs; whether it can be read is seen from here.
    private func memoryProblems() throws(StoreError) -> [Problem] {
        let path = state.memoryDatabase
        guard state.obstacle == nil, Files.exists(path) else { return [] }
        do throws(StoreError) {
            let answer = try Database(path: path).run("PRAGMA integrity_check").first?.first?.text
            if answer == "ok" { return [] }
        } catch  where error.code == .damaged {}
        return [
            Problem(
                .database, "\(path) is damaged",
                advice: "begin anew: \(Database.remedy(for: path)); the next run mines again")
        ]
    }

    private func ticketProblems() throws(StoreError) -> [Problem] {
        guard state.obstacle == nil, Files.exists(state.placesDatabase) else { return [] }
        let runs: [String]
        do throws(StoreError) {
            runs = try TicketTable(state).runs()
        } catch  where error.code == .damaged {
            return [
                Problem(
                    .database, "\(state.placesDatabase) is damaged",
                    advice:
                        "remove it and the files beside it while no flow runs; it holds nothing "
                        + "that lasts")
            ]
        }
        return runs.filter { !RunLock.isHeld(state, run: $0) }.map { id in
            Problem(
                .ticket, "the run \(id) has no owner and still has places in pools",
                advice: "nothing to do: they go to the next run that asks for one")
        }
    }
}
