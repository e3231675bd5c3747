"""The metrics, one file a group of families: `values`, `verdicts` and `counts` of the results, `alerting` of the watch,
`assets`, `product`. `everything` puts them in order, `exposition` writes them, `history` writes past days."""
