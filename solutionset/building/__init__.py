"""From the folders of a course to its published PDFs: all that touches files and processes."""
