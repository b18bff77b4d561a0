"""What is run to learn something; nothing of the package depends on it."""
