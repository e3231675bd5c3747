"""How an error budget goes: day by day, how fast at present, until when it lasts, and on what it went."""
