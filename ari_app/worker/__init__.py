"""The worker: claims due call requests and hands them to call control; see ``__main__.py``."""
