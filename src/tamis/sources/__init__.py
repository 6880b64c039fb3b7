"""What comes in: lists, contacts and events from files, sheets and CRMs, as records and row errors."""
