package import FlowEngine
internal import FlowJSON

extension RunStore {
    /// Puts a request where the owner of a run takes it, and wakes the owner.
    /// - Returns: whether the run has an owner. Without one the request waits for the next flow that
    ///   takes the run's lock and goes on with it.
    @discardableResult
    package func ask(run id: String, _ request: RunRequest) throws(StoreError) -> Bool {
        let number = try number(of: id)
        try database.run(
            "INSERT INTO requests (run, request) VALUES (?, ?)",
            [.integer(Int64(number)), .text(request.json.text())])
        ControlPipe.poke(state, run: id)
        return RunLock.isHeld(state, run: id)
    }

    /// What has been asked of a run and not been taken yet, oldest first.
    package func requests(run id: String) throws(StoreError) -> [RunRequest] {
        let number = try number(of: id)
        return try database.run(
            "SELECT request FROM requests WHERE run = ? ORDER BY number",
            [.integer(Int64(number))]
        ).compactMap { $0[0].text.flatMap(RunLog.request) }
    }

    /// Forgets what was asked of a run whose owner went without taking it.
    package func withdraw(_ request: RunRequest, run id: String) throws(StoreError) {
        let number = try number(of: id)
        try database.run(
            "DELETE FROM requests WHERE run = ? AND request = ?",
            [.integer(Int64(number)), .text(request.json.text())])
    }

    /// Forgets requests to cancel a run that nobody has taken: a run that ended in the same moment
    /// must not be cancelled by them when it is resumed. For the holder of the run's lock.
    package func withdrawCancels(run id: String) throws(StoreError) {
        let number = try number(of: id)
        try database.run(
            "DELETE FROM requests WHERE run = ? AND request ->> '$.kind' = 'cancel'",
            [.integer(Int64(number))])
    }
}

extension RunLog: RequestBox {
    /// Costs one read. What is handed out goes away in the transaction of the next `append`, so a
    /// request that gives no event keeps nobody from writing meanwhile.
    package func takeRequests() throws(EngineError) -> [RunRequest] {
        try attempt { () throws(StoreError) in
            let rows = try database.run(
                "SELECT number, request FROM requests WHERE run = ? AND number > ? ORDER BY number",
                [.integer(Int64(number)), .integer(Int64(takenRequest))])
            takenRequest = rows.last?[0].int ?? takenRequest
            return rows.compactMap { $0[1].text.flatMap(Self.request) }
        }
    }

    /// Nil for what this flow does not know.
    static func request(_ text: String) -> RunRequest? {
        (try? JSON.read(text)).flatMap(RunRequest.init)
    }
}
