"""How a message went is written to the store; what the store did not take then is owed to it, or it would hold the
message for sent that a receiver refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Went(Protocol):
    @property
    def state(self) -> str: ...
    @property
    def at(self) -> str: ...


M = TypeVar("M", bound=Went)


class Owed(Generic[M]):
    """``write`` puts a receiver's memory into the store. Raises StoreError."""

    def __init__(self, write: Callable[[M], None]) -> None:
        self._write = write
        self._owed: M | None = None

    def write(self, went: M) -> None:
        """How a message went. Raises StoreError; then it is owed."""
        self._owed = went
        self._write(went)
        self._owed = None

    def settled(self, memory: M) -> M:
        """What is remembered, once what is owed to the very message that was being sent has been written."""
        owed = self._owed
        if owed is not None and (memory.state, memory.at) == ("sending", owed.at):
            self.write(owed)
            memory = owed
        self._owed = None
        return memory
