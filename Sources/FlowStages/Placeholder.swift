// FlowStages
