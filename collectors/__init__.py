"""The way in: sources are fetched, parsed into facts and handed to the store."""
