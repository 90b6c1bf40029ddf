"""The function app as the Functions host sees it, run by Microsoft's own worker library."""
