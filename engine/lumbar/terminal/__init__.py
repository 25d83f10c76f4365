"""The commands and the interview on a terminal."""
