"""dbt's artifacts in object storage: an in-memory one, and S3 as moto speaks it; gzipped files anywhere."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
import pytest
from pydantic import SecretStr, ValidationError

from collectors.base import Enumerated, Period, Raw
from collectors.dbt.places import Bucket, unzipped
from collectors.sources.dbt import DbtSettings, DbtSource
from slo.errors import PermissionMissing, RetriableError, SourceError

GOLDEN = Path(__file__).parents[1] / "golden/dbt"
NAMES = ("manifest.json", "run_results.json", "sources.json")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVER = Period(datetime(2015, 1, 1, tzinfo=UTC), NOW, latest=True)


def source(path: str, **settings: Any) -> DbtSource:
    return DbtSource("dbt", DbtSettings(path=path, **settings), lambda: NOW)


def told(dbt: DbtSource) -> list[dict[str, Any]]:
    return [record for raw in dbt.fetch(EVER) if isinstance(raw, Raw) for record in dbt.parse(raw)]


ON_DISK = told(source(str(GOLDEN)))


@pytest.fixture
def memory() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    files.pipe({f"/lake/2026/run-1/{name}": (GOLDEN / name).read_bytes() for name in NAMES})
    files.pipe("/lake/notes.json", b"{}")
    yield files
    files.rm("/lake", recursive=True)


def test_a_bucket_tells_what_the_folder_tells(memory: Any) -> None:
    assert len(ON_DISK) > 10
    assert told(source("memory://lake")) == ON_DISK


def test_gzipped_artifacts_read_like_any_other(memory: Any, tmp_path: Path) -> None:
    for name in NAMES:
        packed = gzip.compress((GOLDEN / name).read_bytes())
        memory.rm(f"/lake/2026/run-1/{name}")
        memory.pipe(f"/lake/2026/run-1/{name}.gz", packed)
        (tmp_path / f"{name}.gz").write_bytes(packed)
    assert told(source("memory://lake/")) == ON_DISK
    assert told(source(str(tmp_path))) == ON_DISK


def test_a_head_is_read_once_while_its_file_stays(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dbt = source("memory://lake")
    read: list[tuple[str, int | None]] = []
    own = Bucket.read

    def noted(self: Bucket, path: PurePosixPath, size: int | None = None) -> bytes:
        read.append((path.name, size))
        return own(self, path, size)

    monkeypatch.setattr(Bucket, "read", noted)
    quiet = Period(NOW + timedelta(days=3650), NOW + timedelta(days=3651), incremental=True)
    assert list(dbt.fetch(quiet)) == list(dbt.fetch(quiet)) == []
    assert read == [("manifest.json", 4096)]


def test_a_cut_off_gzip_is_set_aside_and_deletes_nothing(memory: Any) -> None:
    packed = gzip.compress((GOLDEN / "run_results.json").read_bytes())
    memory.pipe("/lake/2026/run-1/nightly.run_results.json.gz", packed[: len(packed) // 2])
    dbt = source("memory://lake")
    raws = list(dbt.fetch(EVER))
    assert [raw.data["error"].split(" (")[0] for raw in raws if isinstance(raw, Raw) and raw.kind == "broken"] == [
        "is no whole gzip file"
    ]
    with pytest.raises(ValueError, match="no whole gzip"):
        unzipped(packed[:40])


def test_an_empty_place_and_an_unknown_one_are_clear_errors() -> None:
    with pytest.raises(SourceError, match=r"memory://nowhere: nothing is there; set path"):
        list(source("memory://nowhere").fetch(EVER))
    with pytest.raises(SourceError, match="Protocol not known"):
        list(source("ftpx://host/x").fetch(EVER))
    with pytest.raises(ValidationError, match=r"either path .* or cloud"):
        DbtSettings()


class Refusing:
    def find(self, *_: Any, **__: Any) -> Any:
        raise PermissionError("Access Denied for canary-key")


class Broken:
    def find(self, *_: Any, **__: Any) -> Any:
        raise ConnectionError("reset")


def test_a_refused_listing_names_the_right_and_no_secret() -> None:
    bucket = Bucket("s3://lake", {}, {"key": SecretStr("canary-key")})
    bucket._files = Refusing()
    with pytest.raises(PermissionMissing, match=r"s3:ListBucket, s3:GetObject") as refused:
        bucket.entries()
    assert "canary" not in str(refused.value)
    bucket._files = Broken()
    with pytest.raises(RetriableError, match="ConnectionError: reset"):
        bucket.entries()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = pytest.importorskip("moto.server", reason="needs moto[server]")
    pytest.importorskip("s3fs", reason="needs s3fs")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


def test_s3_as_moto_speaks_it(s3: str) -> None:
    files = fsspec.filesystem("s3", endpoint_url=s3, skip_instance_cache=True)
    files.mkdir("lake")
    for name in NAMES:
        files.pipe(f"lake/dbt/run-1/{name}", (GOLDEN / name).read_bytes())
    secrets = {name: SecretStr("testing") for name in ("key", "secret")}
    assert told(source("s3://lake/dbt", storage={"endpoint_url": s3}, storage_secrets=secrets)) == ON_DISK
    with pytest.raises(SourceError, match="nothing is there"):
        list(source("s3://lake/other", storage={"endpoint_url": s3}, storage_secrets=secrets).fetch(EVER))


def test_two_listings_of_one_pass_are_complete(memory: Any) -> None:
    listed = {raw.kind: raw.ids for raw in source("memory://lake").fetch(EVER) if isinstance(raw, Enumerated)}
    on_disk = {raw.kind: raw.ids for raw in source(str(GOLDEN)).fetch(EVER) if isinstance(raw, Enumerated)}
    assert listed == on_disk


def test_a_missing_library_is_named_by_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: Any, **__: Any) -> Any:
        raise ImportError("Install gcsfs to access Google Storage")

    monkeypatch.setattr(fsspec, "filesystem", absent)
    with pytest.raises(SourceError, match=r'gs://lake: gs:// needs a library; pip install "tierline\[gcs\]"'):
        Bucket("gs://lake", {}, {}).entries()
