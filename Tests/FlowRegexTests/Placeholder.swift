// FlowRegex
