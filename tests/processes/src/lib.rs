//! Proofs with real processes; all of it is in `tests/`, because the core's stand-ins are for tests only.
