"""What the tests share: a running stack, its database, agents, and words to speak of them."""
