"""Contacts: found, typed in, changed by hand, tied to a company by a person."""

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from tamis.app.models import Act, Company, Contact, Source
from tamis.app.services import company_values
from tamis.app.services import contact_writing as writing
from tamis.app.services.acting import Actor, acting
from tamis.app.services.companies import BadFields
from tamis.app.services.company_writing import Pen
from tamis.app.services.contact_links import Ties
from tamis.app.services.custom_fields import typed_columns
from tamis.app.services.subjects import CONTACT
from tamis.errors import NotFound, Refused
from tamis.messages import Message, say
from tamis.sources.companies import Column
from tamis.sources.contact_fields import BY_KEY, email_key, field_of
from tamis.sources.contacts import ContactRecord, read_cells
from tamis.sources.lists import Fault


def existing() -> QuerySet[Contact]:
    """Every contact."""
    return Contact.objects.all()


def find(word: str) -> Contact:
    """A contact by number, address or key. Raises :class:`~tamis.errors.NotFound`."""
    word = word.strip()
    found = None
    if "@" in word:
        found = Contact.objects.filter(email_key=email_key(word)).first()
    elif word.isascii() and word.isdigit() and len(word) < 19:
        found = Contact.objects.filter(pk=int(word)).first()
    found = found or Contact.objects.filter(external_key=word).first()
    if found is None:
        raise NotFound(say("Aucun contact n'a le numéro, l'adresse ou la clé « {word} ».", word=word[:60]))
    return found


def find_by_id(pk: int) -> Contact:
    """A contact by its number. Raises :class:`~tamis.errors.NotFound`."""
    contact = Contact.objects.filter(pk=pk).first()
    if contact is None:
        raise NotFound(say("Aucun contact n'a le numéro {id}.", id=pk))
    return contact


def add(actor: Actor, values: Mapping[str, str]) -> Contact:
    """A contact typed in by hand, from texts by field key. Raises :class:`BadFields`, or ``Refused`` for a double."""
    record = _typed({key: text for key, text in values.items() if text.strip()})
    _refuse_without_key(record.values.get("email"), record.values.get("external_key"))
    with acting(actor, Act.Kind.CONTACT_ADDED, Message("")) as act:
        _refuse_known(record)
        pen = Pen(Source.Kind.HAND, actor.by, timezone.localdate(), lambda: act)
        [(contact, _)] = writing.create([record], pen, Ties())
        _note(act, say("Contact n° {id} saisi", id=contact.pk))
    return Contact.objects.get(pk=contact.pk)


def edit(actor: Actor, contact: Contact, values: Mapping[str, str]) -> bool:
    """Write typed values onto a contact; whether anything changed. An empty text empties a field."""
    record = _typed({key: text for key, text in values.items() if text.strip()}, contact.country)
    emptied = [_key_of(key) for key, text in values.items() if not text.strip()]
    with acting(actor, Act.Kind.CONTACT_EDITED, say("Contact n° {id} modifié", id=contact.pk)) as act:
        contact = Contact.objects.get(pk=contact.pk)
        _refuse_known(record, contact.pk)
        pen = Pen(Source.Kind.HAND, actor.by, timezone.localdate(), lambda: act)
        changed = writing.empty(contact, emptied)
        changed |= writing.update(contact, record, pen, writing.load_dates([contact]))
        _refuse_without_key(contact.email, contact.external_key)
        if changed:
            writing.tie([contact], Ties())
            contact.updated_at = timezone.now()
            contact.save()
            company_values.keep([contact], CONTACT)
    return changed


def tie_to(actor: Actor, contact: Contact, company: Company | None) -> None:
    """Tie a contact to a company by hand, which stays until newer news names another; or let its keys decide again."""
    note = (
        say("Contact n° {id} : entreprise « {name} »", id=contact.pk, name=company.name)
        if company
        else say("Contact n° {id} : entreprise déduite à nouveau", id=contact.pk)
    )
    with acting(actor, Act.Kind.CONTACT_EDITED, note) as act:
        contact = Contact.objects.get(pk=contact.pk)
        if company is None:
            contact.linked_by = ""
            contact.provenance.pop("company", None)
            writing.tie([contact], Ties())
        else:
            pen = Pen(Source.Kind.HAND, actor.by, timezone.localdate(), lambda: act)
            contact.company, contact.linked_by = company, Contact.Link.HAND
            contact.provenance["company"] = pen.source().pk
        contact.updated_at = timezone.now()
        contact.save()


def _note(act: Act, note: Message) -> None:
    act.note_stored = note.stored()
    act.save(update_fields=["note_stored"])


def _key_of(key: str) -> str:
    field = field_of(key)
    return field.key if field else key


def _typed(values: Mapping[str, str], country: str = "") -> ContactRecord:
    columns = typed_columns(values, "contact")
    if country and "country" not in values:  # a telephone number is one of the contact's country
        columns.append((Column(BY_KEY["country"].heading, BY_KEY["country"]), country))
    record = read_cells(0, columns)
    if record.dropped:
        raise BadFields(record.dropped)
    return record


def _refuse_without_key(email: str | None, key: str | None) -> None:
    if not (email or key):
        reason = say("une adresse e-mail ou une clé externe est nécessaire : c'est à elles qu'on reconnaît un contact")
        raise BadFields([Fault(BY_KEY["email"].heading, "key.missing", reason)])


def _refuse_known(record: ContactRecord, but: int = 0) -> None:
    """Refuse an address or a key that another contact already has."""
    others = Contact.objects.exclude(pk=but)
    for name in ("email_key", "external_key"):
        value = getattr(record, name)
        if value and (other := others.filter(**{name: value}).first()):
            raise Refused(
                say("Cette adresse ou cette clé est déjà celle du contact n° {id}.", id=other.pk), "contact.known"
            )


def of_company(company: Company, most: int) -> Sequence[Contact]:
    """Contacts of a company, in the order of their names, at most so many."""
    return [*Contact.objects.filter(company=company).select_related("status").order_by("name_key", "pk")[:most]]
