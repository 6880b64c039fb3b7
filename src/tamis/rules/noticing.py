"""What in a rule can be asked and is probably not what was meant."""

from collections.abc import Iterator

from tamis.messages import Message, say
from tamis.rules import nodes
from tamis.rules.nodes import Aggregate, Field, Node
from tamis.rules.vocabulary import Vocabulary


def undefined(rule: nodes.Rule, vocabulary: Vocabulary) -> list[Message]:
    """A sentence for each property of events that nobody defined: a misspelt one is missing everywhere."""
    return [
        say("La propriété « {property} » n'est pas définie pour « {kind} » : elle est lue telle quelle.{hint}",
            property=name, kind=vocabulary.kind(kind).label, hint=vocabulary.defined_property(kind, name))
        for kind, name in dict.fromkeys(_asked(rule))
        if vocabulary.property(kind, name).undefined
    ]  # fmt: skip


def _asked(rule: nodes.Rule) -> Iterator[tuple[str, str]]:
    """The kinds and the properties of theirs that a rule names, in the order of the text."""
    for node in nodes.every(rule, Node):
        if isinstance(node, nodes.Did | nodes.Step | Aggregate):
            if isinstance(node, Aggregate) and node.property:
                yield node.kind, node.property
            for field in nodes.every(node.where, Field) if node.where else ():
                yield node.kind, field.name
