"""Where compiled rules run: each engine answers the same queries over the same tables; nothing else is known of it."""
