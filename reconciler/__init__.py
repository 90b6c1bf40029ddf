"""Keeps Azure API Management in step with Azure OpenAI: read `reconcile.py` first."""
