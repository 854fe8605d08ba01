"""What a flow can do to a call, one module a verb. Each has a deadline and may raise CallHungUp."""
