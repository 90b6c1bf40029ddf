"""Policy documents: read them, compare them by meaning, build ours."""
