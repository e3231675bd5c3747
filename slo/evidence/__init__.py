"""What the numbers rest on: which sources they need, how these are read, what nobody tells of."""
