"""Call control: owns every call that entered ``Stasis(cordboard, …)``, from queue to wrap-up."""
