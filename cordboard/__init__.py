"""What the other packages share: settings, the event bus, domain rules, speech, the CLI."""
