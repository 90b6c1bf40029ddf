"""What a policy document is, how it is read and written, and what API Management refuses in one.

Nothing here knows of services or requests; simulator/apim/policies.py puts it to use.
"""
