"""What the tests share: a running stack, its database and agents, and the words to speak of them."""
