"""The day of three callers: `make demo` plays it on a real Asterisk, with a real browser.

Each thing that the story says is looked up where it must have left its trace (the desk's page, the
INVITE at the agent's phone, the database); one that did not happen ends the demo with an error.
"""
