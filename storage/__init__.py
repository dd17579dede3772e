"""Memory: everything that must survive, on one SQLite file."""

from storage.audit import Audit, verify_audit
from storage.store import open_reader, open_store
from storage.writer import share_the_interpreter

__all__ = ["Audit", "open_reader", "open_store", "share_the_interpreter", "verify_audit"]
