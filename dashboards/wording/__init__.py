"""What is said of a result, in words: plain text for the page, the report, the digest and the commands alike."""
