"""One module a question, named as in the URL: ``open_call`` answers ``agi://…/open-call``."""
