"""Names: from a company's name as somebody wrote it to the companies it may be, with the reasons.

reading      a name becomes words: legal forms, places, numbers and links are told apart
lexicon      what French business names are made of, as data (places: the same for places)
likeness     how two words can be the same word
alignment    which words of one name answer which words of the other
features     the weighted list that makes a score out of an alignment
vocabulary   every word of a directory, and those near a given word
wordlist     the same words sorted, so that those alike stand together
segment      some names as arrays
index        the few names of a directory that share something rare with a name
matcher      the decision: automatic, to review, or nobody
evidence     the reasons, in words
"""
