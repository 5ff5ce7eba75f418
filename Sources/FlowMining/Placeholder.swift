// FlowMining
