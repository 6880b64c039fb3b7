"""Rules in words: told as a sentence, in the language of the moment, and read back from one."""
