"""The demo platform's systems on loopback, speaking in their vendors' own shapes."""
