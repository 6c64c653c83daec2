"""Reports: a document of figures with their counts, and its views in HTML, Excel and JSON."""
