internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowText

struct GraphCommand: ParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument { case mermaid, dot, svg }

    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Draw the graph of a workflow, or of a run with its results.",
        examples: [
            ("flow graph integrate.yaml", "Mermaid, for Markdown"),
            ("flow graph last --format svg > run.svg", "the newest run and its timeline"),
            ("flow graph last --format dot | dot -Tpdf", "for Graphviz"),
        ])

    @Argument(help: "a workflow, a run's id or 'last'", valueName: "workflow|run") var name: String
    @Option(help: "the language of the picture") var format = Format.mermaid

    func run() throws -> Int32 {
        let picture = try picture(Session())
        let text =
            switch format {
            case .mermaid: MermaidDrawing.text(of: picture)
            case .dot: DotDrawing.text(of: picture)
            case .svg: SVGDrawing.text(of: picture)
            }
        Output.print(text, terminator: "")
        return Program.succeeded
    }

    private func picture(_ session: Session) throws -> Picture {
        let isWorkflow = (try? session.find(workflow: name)) != nil
        let isRun =
            !isWorkflow
            && (name == "last" || name.first?.isNumber == true || name.hasPrefix("imported-"))
        guard isRun else {
            let workflow = try session.read(workflow: name).workflow
            return Picture(workflow, subtitles: [workflow.description].compactMap { $0 })
        }
        let store = try session.history()
        let run = try store.find(name)
        try run.checkIsOwn()
        let status = store.status(of: run)
        let events = try store.events(of: run.id)
        let workflow = try RunRecord.restore(
            run.id, events.first, from: ContentFolder(store.state),
            workspace: session.workspace.root
        ).workflow
        let isLive = status == .running || status == .waiting
        let timeline = Timeline(events, of: workflow, now: isLive ? SystemClock().now() : nil)
        let length = Timeline.words(timeline.end - timeline.start)
        let began = Timestamp(microseconds: timeline.start).rfc3339
        let subtitle = "run \(run.id): \(status.rawValue), \(length) since \(began)"
        return Picture(
            workflow, subtitles: [workflow.description, subtitle].compactMap { $0 },
            timeline: timeline)
    }
}
