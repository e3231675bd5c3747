"""The report: one plain document (``shape``), and what is drawn from it: HTML, PDF, Excel, JSON. Nothing is computed
after the document; a renderer prints its texts and draws its figures."""
