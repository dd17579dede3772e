from pathlib import Path

import pytest

from bot.errors import StorageError, StorageLockedError
from storage.file import FileLock, network_file_system, path_of

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
server:/home /home nfs4 rw 0 0
/dev/vdb /home/ann/disk xfs rw 0 0
//nas/share /mnt/the\\040share cifs rw 0 0
ann@host: /mnt/ssh fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/recall.db", None),
        ("/home/ann/recall.db", "nfs4"),
        ("/home/ann/disk/recall.db", None),
        ("/homely/recall.db", None),
        ("/mnt/the share/recall.db", "cifs"),
        ("/mnt/ssh/recall.db", "fuse.sshfs"),
    ],
)
def test_a_network_file_system_is_told_from_a_local_one(path: str, kind: str | None) -> None:
    assert network_file_system(Path(path), MOUNTS) == kind


def test_without_any_mounts_nothing_is_refused() -> None:
    assert network_file_system(Path("/x"), "") is None


def test_a_later_mount_at_the_same_place_counts() -> None:
    assert network_file_system(Path("/d/x"), "a /d ext4 rw 0 0\nb /d nfs rw 0 0\n") == "nfs"


def test_an_address_names_a_file_from_here_or_from_the_root() -> None:
    assert path_of("sqlite:///recall.db") == Path.cwd() / "recall.db"
    assert path_of("sqlite:////var/recall.db") == Path("/var/recall.db")


@pytest.mark.parametrize(
    "url", ["", "recall.db", "postgresql://host/db", "sqlite://", "sqlite:///", "sqlite:///:memory:"]
)
def test_another_address_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(StorageError, match=r"sqlite:///recall\.db"):
        path_of(url)


def test_a_second_lock_is_refused_with_the_first_ones_process_until_it_is_free(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "a.db"), FileLock(tmp_path / "a.db")
    first.take()
    with pytest.raises(StorageLockedError, match=r"process \d+"):
        second.take()

    first.free()
    second.take()
    second.free()
