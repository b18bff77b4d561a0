"""What of a folder of fonts a build can use, and what should be known before one."""
