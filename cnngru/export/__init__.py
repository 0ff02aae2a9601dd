"""What leaves the project as files for other programs."""
