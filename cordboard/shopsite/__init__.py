"""The demo shop: a small site of its own, on its own origin, that uses Cordboard as any shop would.

It knows nothing of Cordboard but its business id, its secret and the address of the platform. Its
server mints talk links, its pages load ``talk.js`` under a strict content security policy, and it
receives webhooks.
"""
