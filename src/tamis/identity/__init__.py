"""Whose is it? Names, identifiers and domains brought to one form, and the company they belong to."""
