"""What must hold for everybody, and the hazards that it keeps in check."""
