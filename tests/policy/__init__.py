"""Policy documents: how they are read and compared, and the proof that they are compared by meaning."""
