"""Where dbt's artifacts are kept: a folder on this machine, or a prefix in object storage by fsspec. Both list files
with the moment they arrived, and give their bytes; a gzipped file reads like any other."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from pydantic import SecretStr

from collectors.secrets import star, starred
from slo.errors import PermissionMissing, RetriableError, SourceError

WORDS = ("run_results", "sources", "manifest")
_ENDINGS = (".json", ".json.gz")
_GZIP = b"\x1f\x8b"
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "abfs": "azure", "abfss": "azure", "az": "azure"}
"""Scheme -> the optional dependencies of Tierline that read it."""


@dataclass(frozen=True)
class Entry:
    """One file that may be an artifact. ``changed``: when it last arrived or changed where it is kept."""

    path: PurePosixPath
    changed: datetime


class Place(Protocol):
    def entries(self) -> list[Entry]:
        """Every file whose name says it is an artifact, in order. Raises SourceError where there is no such place."""
        ...

    def read(self, path: PurePosixPath, size: int | None = None) -> bytes:
        """The file's content, unzipped; at least its first ``size`` bytes where given. Raises FileNotFoundError where
        it is gone, OSError or ValueError where it cannot be read."""
        ...


def place(path: str, options: Mapping[str, str], secrets: Mapping[str, SecretStr]) -> Place:
    """The place an address names: with a scheme (s3://) object storage, else a folder."""
    return Bucket(path, options, secrets) if "://" in path else Folder(Path(path))


def is_artifact(path: PurePosixPath) -> bool:
    """Whether the name says it is one of the artifacts that are read."""
    return path.name.endswith(_ENDINGS) and any(word in path.name for word in WORDS)


def unzipped(content: bytes, size: int | None = None) -> bytes:
    """The content, or what of its first ``size`` bytes there is, unzipped. Raises ValueError where it is cut off."""
    if not content.startswith(_GZIP):
        return content
    if size is not None:
        with suppress(zlib.error):
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, size)
        return b""
    try:
        return gzip.GzipFile(fileobj=io.BytesIO(content)).read()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"is no whole gzip file ({error})") from None


class Folder:
    """A folder at any depth, or one file."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def entries(self) -> list[Entry]:
        if self.root.is_file():
            return [Entry(PurePosixPath(self.root), _changed(self.root))]
        if not self.root.is_dir():
            raise SourceError(f"{self.root}: no such folder; set path to dbt's target folder, or to where its copies "
                              "are")  # fmt: skip
        found = []
        for path in sorted(self.root.rglob("*")):
            if is_artifact(PurePosixPath(path)):
                with suppress(FileNotFoundError):  # dbt replaces files while it runs; the next pass sees the new one
                    found.append(Entry(PurePosixPath(path), _changed(path)))
        return found

    def read(self, path: PurePosixPath, size: int | None = None) -> bytes:
        with Path(path).open("rb") as file:
            return unzipped(file.read(-1 if size is None else size), size)


def _changed(path: Path) -> datetime:
    """The later of content and arrival: a copy that keeps its old time stamp still arrives now."""
    stat = path.stat()
    return datetime.fromtimestamp(max(stat.st_mtime, stat.st_ctime), UTC)


class Bucket:
    """A prefix in object storage. fsspec and the storage's library are loaded at first use."""

    def __init__(self, url: str, options: Mapping[str, str], secrets: Mapping[str, SecretStr]) -> None:
        star(*secrets.values())
        self.url = url.rstrip("/")
        self.options = {**options, **{name: value.get_secret_value() for name, value in secrets.items()}}
        self._files: Any = None

    @property
    def files(self) -> Any:
        if self._files is None:
            self._files = self._open()
        return self._files

    def _open(self) -> Any:
        scheme = self.url.split("://")[0]
        try:
            import fsspec

            return fsspec.filesystem(scheme, **self.options)
        except ImportError:
            extra = _EXTRAS.get(scheme, scheme)
            raise SourceError(f'{self.url}: {scheme}:// needs a library; pip install "tierline[{extra}]"') from None
        except ValueError as error:
            raise SourceError(f"{self.url}: {starred(error)}; write s3://, gs:// or abfs:// and the bucket") from None

    def entries(self) -> list[Entry]:
        listed = self._asked(lambda: self.files.find(self.url, detail=True))
        if not listed and not self._asked(lambda: self.files.exists(self.url)):
            raise SourceError(f"{self.url}: nothing is there; set path to where the artifacts are copied to")
        entries = (Entry(PurePosixPath(name), _arrived(info)) for name, info in sorted(listed.items()))
        return [entry for entry in entries if is_artifact(entry.path)]

    def _asked(self, call: Any) -> Any:
        """One question to the storage: its library's many errors as ours."""
        try:
            return call()
        except SourceError:
            raise
        except FileNotFoundError:
            return {}
        except PermissionError as error:
            raise PermissionMissing(f"{self.url}: {starred(error)}. Grant listing and reading of this prefix (S3: "
                                    "s3:ListBucket, s3:GetObject).") from None  # fmt: skip
        except Exception as error:
            raise RetriableError(f"{self.url}: {type(error).__name__}: {starred(error)}. Check bucket, region and "
                                 "credentials; the next pass tries again.") from None  # fmt: skip

    def read(self, path: PurePosixPath, size: int | None = None) -> bytes:
        if not self._asked(lambda: self.files.exists(str(path))):
            raise FileNotFoundError(str(path))
        return unzipped(self._asked(lambda: self.files.cat_file(str(path), start=None, end=size)), size)


def _arrived(info: Mapping[str, Any]) -> datetime:
    """When an object was written, under the name its storage has for that. Where it doesn't say: never yet, so that it
    is looked at again."""
    for name in ("LastModified", "last_modified", "updated", "mtime", "created"):
        told = info.get(name)
        if isinstance(told, str):
            told = datetime.fromisoformat(told)
        if isinstance(told, (int, float)):
            return datetime.fromtimestamp(told, UTC)
        if isinstance(told, datetime):
            return told if told.tzinfo else told.replace(tzinfo=UTC)
    return datetime.max.replace(tzinfo=UTC)
