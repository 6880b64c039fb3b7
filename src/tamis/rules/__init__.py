"""The rule language: what is asked of companies and contacts, read, checked, told, compiled and explained.

text → ``parsing`` → ``nodes`` → ``checking`` (against a ``vocabulary``) → ``compiling`` → SQL and its parameters
"""
