"""The checks that ship with mldebt: one module, one check. Arrives through the entry point group `mldebt.checks`."""
