"""What pages are made of: cards, panels, tables and the larger parts that more than one page or the overview shows."""
