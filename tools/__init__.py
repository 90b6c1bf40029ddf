"""Tools for people who work on the project; none of it is deployed."""
