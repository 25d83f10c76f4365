"""Proving for everybody who could answer that the rules are safe."""
