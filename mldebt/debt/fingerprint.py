"""The identity of a finding that survives moved lines and renamed files."""

from __future__ import annotations

from hashlib import sha256


def finding_fingerprint(code: str, key: str, ordinal: int) -> str:
    """`key` is the problem's semantic identity, `ordinal` its index among equal keys in the order of places."""
    identity = f"mldebt1\0{code}\0{key}\0{ordinal}"
    return sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
