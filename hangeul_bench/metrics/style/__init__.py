"""What the style metric measures of glyphs: pen, contour, terminals and layout, as histograms."""
