"""Memory: everything that must survive, on one SQLite file."""

from storage.audit import Audit, verify_audit
from storage.store import open_reader, open_store

__all__ = ["Audit", "open_reader", "open_store", "verify_audit"]
