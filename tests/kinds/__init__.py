"""One file per kind: a world in, bodies out."""
