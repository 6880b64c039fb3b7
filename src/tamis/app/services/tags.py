"""The users' own tags in their categories [B2]."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet

from tamis.app.models import Act, CompanyTag, ContactTag, Tag, TagCategory
from tamis.app.services.acting import Actor, acting
from tamis.errors import NotFound, Refused, did_you_mean
from tamis.identity.folding import fold
from tamis.messages import say

MAX_NAME = 60


def every_tag() -> QuerySet[Tag]:
    """Every tag with its category, in the order of their names."""
    return Tag.objects.select_related("category").order_by("category__key", "key")


def by_category() -> list[tuple[TagCategory, list[Tag]]]:
    """The categories, empty ones too, each with its tags."""
    tags: dict[int, list[Tag]] = {}
    for tag in every_tag():
        tags.setdefault(tag.category_id, []).append(tag)
    return [(category, tags.get(category.pk, [])) for category in TagCategory.objects.order_by("key")]


def counts() -> Mapping[int, tuple[int, int]]:
    """How many companies and how many contacts have each tag."""
    companies, contacts = (
        dict(model._default_manager.order_by().values_list("tag").annotate(n=Count("pk")))
        for model in (CompanyTag, ContactTag)
    )
    return {pk: (companies.get(pk, 0), contacts.get(pk, 0)) for pk in {*companies, *contacts}}


def as_json(tag: Tag, held: Mapping[int, tuple[int, int]]) -> dict[str, Any]:
    """A tag as the command line and the API show it."""
    companies, contacts = held.get(tag.pk, (0, 0))
    return {
        "id": tag.pk, "category": tag.category.name, "name": tag.name, "companies": companies, "contacts": contacts,
    }  # fmt: skip


def find(word: str) -> Tag:
    """A tag by its number, as ``Catégorie: Tag``, or by its name alone where only one category has it.

    Raises :class:`~tamis.errors.NotFound` with the nearest one, :class:`~tamis.errors.Refused` where several fit.
    """
    every = [*every_tag()]
    category, colon, name = word.partition(":")
    found = [each for each in every if each.key == fold(word)]
    if colon and not found:
        found = [each for each in every if (each.category.key, each.key) == (fold(category), fold(name))]
    if not found and word.isascii() and word.isdigit():
        found = [each for each in every if str(each.pk) == word]
    if len(found) > 1:
        raise Refused(
            say("« {name} » est dans plusieurs catégories : écrivez « {one}: {name} ».",
                name=word[:60], one=found[0].category.name), "tag.ambiguous",
        )  # fmt: skip
    if found:
        return found[0]
    hint = did_you_mean(word, [*(each.name for each in every), *(f"{each.category}: {each}" for each in every)])
    raise NotFound(say("Aucun tag ne s'appelle « {name} ».{hint}", name=word[:60], hint=hint), "tag.unknown")


def find_category(word: str) -> TagCategory:
    """A category by its name or number. Raises :class:`~tamis.errors.NotFound` with the nearest one."""
    known = [*TagCategory.objects.all()]
    for each in known:
        if each.key == fold(word) or str(each.pk) == word:
            return each
    hint = did_you_mean(word, [each.name for each in known])
    raise NotFound(
        say("Aucune catégorie de tags ne s'appelle « {name} ».{hint}", name=word[:60], hint=hint), "category.unknown"
    )


def find_by_id(pk: int) -> Tag:
    """The tag of a number. Raises :class:`~tamis.errors.NotFound`."""
    if tag := every_tag().filter(pk=pk).first():
        return tag
    raise NotFound(say("Ce tag n'existe pas ou plus."), "tag.unknown")


def find_category_by_id(pk: int) -> TagCategory:
    """The category of a number. Raises :class:`~tamis.errors.NotFound`."""
    if category := TagCategory.objects.filter(pk=pk).first():
        return category
    raise NotFound(say("Cette catégorie n'existe pas ou plus."), "category.unknown")


def add_category(actor: Actor, name: str) -> TagCategory:
    """A new category. Raises :class:`~tamis.errors.Refused` for a name that is taken."""
    with acting(actor, Act.Kind.TAGS_CHANGED, say("Catégorie de tags « {name} » ajoutée", name=name)):
        return make_category(name)


def make_category(name: str) -> TagCategory:
    """A new category, within the caller's transaction."""
    name = _checked_category(name)
    return TagCategory.objects.create(name=name, key=fold(name))


def add(actor: Actor, category: str, name: str) -> Tag:
    """A new tag in a category, which is made if it is not there."""
    with acting(
        actor, Act.Kind.TAGS_CHANGED, say("Tag « {name} » ajouté à « {category} »", name=name, category=category)
    ):
        found = TagCategory.objects.filter(key=fold(category)).first()
        return make(found or make_category(category), name)


def make(category: TagCategory, name: str) -> Tag:
    """A new tag, within the caller's transaction. Raises :class:`~tamis.errors.Refused` for a name that is taken."""
    name = _checked(category, name)
    return Tag.objects.create(category=category, name=name, key=fold(name))


def rename(actor: Actor, tag: Tag, name: str) -> Tag:
    """A tag under another name."""
    note = say("Tag « {before} » renommé « {name} »", before=tag.name, name=name)
    with acting(actor, Act.Kind.TAGS_CHANGED, note):
        tag.name = _checked(tag.category, name, tag)
        tag.key = fold(tag.name)
        tag.save(update_fields=["name", "key"])
    return tag


def rename_category(actor: Actor, category: TagCategory, name: str) -> TagCategory:
    """A category under another name."""
    note = say("Catégorie de tags « {before} » renommée « {name} »", before=category.name, name=name)
    with acting(actor, Act.Kind.TAGS_CHANGED, note):
        category.name = _checked_category(name, category)
        category.key = fold(category.name)
        category.save(update_fields=["name", "key"])
    return category


def delete(actor: Actor, tag: Tag) -> tuple[int, int]:
    """Delete a tag, which comes off everything; how many companies and contacts had it."""
    with acting(actor, Act.Kind.TAGS_CHANGED, say("Tag « {name} » supprimé", name=tag.name)):
        held = _take_off(Tag.objects.filter(pk=tag.pk))
        tag.delete()
    return held


def delete_category(actor: Actor, category: TagCategory) -> tuple[int, int]:
    """Delete a category with its tags; how often they were on companies and on contacts."""
    with acting(actor, Act.Kind.TAGS_CHANGED, say("Catégorie de tags « {name} » supprimée", name=category.name)):
        held = _take_off(category.tags.all())
        category.delete()
    return held


def _take_off(tags: QuerySet[Tag]) -> tuple[int, int]:
    companies = CompanyTag.objects.filter(tag__in=tags)._raw_delete("default")
    contacts = ContactTag.objects.filter(tag__in=tags)._raw_delete("default")
    return int(companies), int(contacts)


def nameable(category: str, name: str) -> bool:
    """Whether a category and a tag may be called so."""
    return _fits(name, "|") and _fits(category, "|:")


def _fits(name: str, signs: str) -> bool:
    return 0 < len(name) <= MAX_NAME and name.isprintable() and bool(fold(name)) and not {*signs} & {*name}


def _checked(category: TagCategory, name: str, but: Tag | None = None) -> str:
    name = " ".join(name.split())
    if not _fits(name, "|"):
        raise Refused(say("Donnez au tag un nom de {max} caractères au plus, sans « | ».", max=MAX_NAME), "tag.name")
    if category.tags.filter(key=fold(name)).exclude(pk=but.pk if but else 0).exists():
        raise Refused(say("« {category} » a déjà un tag « {name} ».", category=category.name, name=name), "tag.taken")
    return name


def _checked_category(name: str, but: TagCategory | None = None) -> str:
    name = " ".join(name.split())
    if not _fits(name, "|:"):
        raise Refused(
            say("Donnez à la catégorie un nom de {max} caractères au plus, sans « | » ni « : ».", max=MAX_NAME),
            "category.name",
        )
    if TagCategory.objects.filter(key=fold(name)).exclude(pk=but.pk if but else 0).exists():
        raise Refused(say("Une catégorie s'appelle déjà « {name} ».", name=name), "category.taken")
    return name
