internal import FlowArguments
internal import FlowSystem

exit(Program.main(FlowCommand.self, Array(CommandLine.arguments.dropFirst())))
