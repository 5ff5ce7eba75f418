// FlowLearning
