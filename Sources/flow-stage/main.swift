internal import FlowStages
internal import FlowSystem

exit(StageProgram.main(Array(CommandLine.arguments.dropFirst())))
