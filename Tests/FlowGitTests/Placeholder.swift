// FlowGit
