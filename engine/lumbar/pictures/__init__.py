"""Every movement as a picture: one body, posed by data, drawn as SVG."""
