"""What the ways out read: the ready snapshot, the reader's choice in the address, and what comes first in it."""
