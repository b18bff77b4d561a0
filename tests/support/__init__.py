"""What the tests share: fonts, datasets and results made in memory."""
