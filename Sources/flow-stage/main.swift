print("flow-stage")
