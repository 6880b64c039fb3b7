"""Everything that a rule may say in this workspace, for the page that builds rules, in the language of the moment."""

from collections.abc import Iterable, Mapping
from typing import Any

from tamis.messages import Message, say
from tamis.rules.nodes import Subject
from tamis.rules.operators import COMPARISONS, OF_PROPERTY, operators_of
from tamis.rules.vocabulary import SEGMENTS, Type, Vocabulary, Word
from tamis.sources.event_kinds import COLUMNS, Kind

SUBJECTS: Mapping[Subject, Message] = {"companies": say("Entreprises"), "contacts": say("Contacts")}
FUNCTIONS: Mapping[str, Message] = {
    "count": say("nombre d'événements"), "count distinct": say("nombre de valeurs différentes"), "sum": say("somme"),
    "avg": say("moyenne"), "min": say("minimum"), "max": say("maximum"),
    "most frequent": say("valeur la plus fréquente"), "days since first": say("jours depuis le premier"),
    "days since last": say("jours depuis le dernier"), "average days between": say("jours en moyenne entre deux"),
}  # fmt: skip


def words(known: Vocabulary) -> dict[str, Any]:
    """Fields, operators, kinds of events and their properties, memberships, functions, and the page's own texts."""
    return {
        "subjects": _shown(SUBJECTS),
        "fields": {of: [_field(word, of, known) for word in some.values()] for of, some in known.fields.items()},
        "operators": {
            type.value: [{"key": o.key, "label": str(o.label), "takes": o.takes} for o in operators_of(type)]
            for type in Type
        },
        "kinds": [_kind(kind, known) for kind in known.kinds.values()],
        "properties": [_property("", each.key, known) for each in COLUMNS],
        "segments": [[key, str(label)] for key, label in SEGMENTS.items()],
        "lists": sorted(each.name for each in known.lists),
        "tags": sorted([each.name, each.category] for each in known.tags),
        "audiences": sorted([each.name, each.subject] for each in known.audiences),
        "functions": [_function(key, label) for key, label in FUNCTIONS.items()],
        "comparisons": COMPARISONS,
        "texts": _shown(TEXTS),
    }  # fmt: skip


def _field(word: Word, of: Subject, known: Vocabulary) -> dict[str, Any]:
    choices: Iterable[tuple[str, Any]] = word.choices.items()
    if word.type is Type.STATUS:
        choices = [(each.name, each.name) for each in known.statuses if of in each.subjects]
    label = str(word.label)
    return {
        "key": word.key, "label": label[:1].upper() + label[1:], "type": word.type.value,
        "choices": [[key, str(shown)] for key, shown in choices],
    }  # fmt: skip


def _kind(kind: Kind, known: Vocabulary) -> dict[str, Any]:
    return {
        "key": kind.key, "label": str(kind.label), "phase": str(kind.phase.label).capitalize(),
        "properties": kind.properties, "own": [_property(kind.key, key, known) for key in kind.types],
    }  # fmt: skip


def _property(kind: str, key: str, known: Vocabulary) -> dict[str, str]:
    word = known.property(kind, key)
    label = str(word.label)
    return {"key": key, "label": label[:1].upper() + label[1:], "type": word.type.value}


def _function(key: str, label: Message) -> dict[str, Any]:
    types = OF_PROPERTY.get(key)
    return {
        "key": key, "label": str(label), "of": None if types is None else sorted(each.value for each in types),
        "gives": "text" if key == "most frequent" else "number",
    }  # fmt: skip


def _shown(texts: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): _shown(text) if isinstance(text, Mapping) else str(text) for key, text in texts.items()}


TEXTS: Mapping[str, Any] = {
    "who": say("De qui parle la règle"), "of": say("qui remplissent…"),
    "modes": {
        "all": say("toutes ces conditions"), "any": say("au moins une de ces conditions"),
        "none": say("aucune de ces conditions"), "notall": say("pas toutes ces conditions"),
    },
    "mode": say("Combien de conditions du groupe"),
    "condition": say("Condition"), "group": say("Groupe"), "what": say("Sur quoi porte la condition"),
    "choose": say("Choisir…"), "operator": say("Opérateur"), "value": say("Valeur"), "and": say("et"),
    "days": say("jours"), "yes": say("oui"), "no": say("non"), "addValue": say("ajouter une valeur"),
    "seen": say("vu {n} fois"), "not": say("sauf"),
    "behaviour": say("Comportement"), "fields": say("Champs"), "companyFields": say("Champs de l'entreprise"),
    "membership": say("Appartenance"), "other": say("Liens"), "did": say("Événement"),
    "sequence": say("Suite d'événements"), "figure": say("Chiffre tiré des événements"), "segment": say("Segment"),
    "list": say("Liste"), "tag": say("Tag"), "audience": say("Audience"), "hasContact": say("Contacts de l'entreprise"),
    "ofCompany": say("Entreprise du contact"), "usualProperties": say("Propriétés habituelles"),
    "otherProperties": say("Autres propriétés"), "namedProperty": say("une propriété à nommer"),
    "anyCategory": say("Dans n'importe quelle catégorie"), "kind": say("Genre d'événement"),
    "property": say("Propriété"), "when": say("Quand"), "ever": say("à tout moment"),
    "windows": {
        "last": say("dans les derniers"), "before": say("avant le"), "after": say("après le"),
        "between": say("entre le"),
    },
    "units": {"hours": say("heures"), "days": say("jours"), "weeks": say("semaines"), "months": say("mois")},
    "unit": say("Unité"), "howMany": say("Combien"), "howOften": say("Combien de fois"), "timesWord": say("fois"),
    "bounds": {
        "at least": say("au moins"), "at most": say("au plus"), "exactly": say("exactement"), "none": say("jamais"),
    },
    "contactBounds": {
        "at least": say("au moins"), "at most": say("au plus"), "exactly": say("exactement"), "none": say("aucun"),
    },
    "specify": say("Préciser l'événement"), "specifyWho": say("Préciser qui"), "withProperties": say("dont :"),
    "suchThat": say("qui remplissent :"), "comparedWith": say("Comparer avec"), "aValue": say("une valeur"),
    "aFigure": say("un autre chiffre"), "times": say("Facteur"), "then": say("puis"), "first": say("d'abord"),
    "step": say("Étape"), "within": say("en, au plus,"),
    "drag": say("Faire glisser pour déplacer"), "actions": say("Actions de la condition"), "up": say("Monter"),
    "down": say("Descendre"), "into": say("Mettre dans le groupe voisin"), "out": say("Sortir du groupe"),
    "wrap": say("Mettre dans un nouveau groupe"), "unwrap": say("Défaire le groupe"), "deny": say("Inverser (sauf)"),
    "affirm": say("Ne plus inverser"), "duplicate": say("Dupliquer"), "off": say("Désactiver"), "on": say("Réactiver"),
    "remove": say("Supprimer"), "moved": say("Condition déplacée."), "removed": say("Condition supprimée."),
    "unfinished": say("À compléter : laissée de côté dans le compte."),
    "switchedOff": say("Désactivée : laissée de côté dans le compte, et perdue à l'enregistrement."),
    "lineAndColumn": say("Ligne {line}, colonne {column}"), "thePlace": say("La ligne, et l'endroit de la faute"),
    "backToTree": say("Revenir à la règle d'avant"),
    "empty": say("Ajoutez une condition, ou partez d'un modèle : le compte s'affiche ici."),
    "misread": say("Le texte ne se lit pas encore : le compte attend."),
    "misreadSentence": say("La phrase ne se lit pas encore : le compte attend."),
    "faulty": say("Une condition a une faute : le compte attend qu'elle soit corrigée."),
    "nearMisses": say("Qui passe tout près ?"),
    "noServer": say("Le serveur ne répond pas : le compte reprendra à la prochaine modification."),
    "again": say("Réessayer"),
    "signedOut": say("Votre session est finie : rechargez la page pour vous connecter."),
}  # fmt: skip
"""What the page says itself; braces are filled there."""
