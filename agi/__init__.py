"""FastAGI server: the dialplan asks one short question, one answer comes back."""
