"""git repositories, as the source "git" uses them."""
