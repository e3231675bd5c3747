"""What serves the pages: the band above each, the first HTML, the headers of every answer, and the JSON API."""
