"""What audiences and segments tell: how they overlap, what sets two apart, how they flow, what to expect of them.

    overlap    who is in which of several audiences → upset (the picture)
    contrast   two audiences field by field, with the size of each difference → effects (the measures)
    flows      from which segment to which, month by month → sankey (the picture)
    forecast   how many enter a week, and how many will → band (the picture)

Figures come from an engine's tables, or are handed in; pictures are places and sizes, which a template draws.
"""
