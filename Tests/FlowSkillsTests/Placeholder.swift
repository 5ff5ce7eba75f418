// FlowSkills
