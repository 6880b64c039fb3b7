"""A workspace by chance, written past the services (triggers see it all the same), and one change after another to it.

Its words are those of :mod:`rules.strategies`. What is seldom done in life is done here all the time: contacts that
move, companies merged, split and merged again, domains handed over, visitors identified late, events years ago.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from rules import random_worlds as words

MOST_COMPANIES, MOST_CONTACTS = 26, 28


class Living:
    """The workspace: ``change`` does something by chance and says what; ``tick`` gives the next instant."""

    def __init__(self, alice: Any, random: Random) -> None:
        from tamis.app.models import Act, List, Source, Status, Tag

        self.alice, self.random, self.events = alice, random, 0
        self.now = random.choice(words.NOWS)
        self._words()
        act = Act.objects.latest("pk")
        self.source = Source.objects.create(kind="hand", label="x", as_of=self.now.date(), act=act)
        self.lists, self.tags = [*List.objects.all()], [*Tag.objects.all()]
        self.statuses = [None, *Status.objects.all()]
        self.act = act
        for _ in range(random.randint(12, 22)):
            self.new_company()
        for _ in range(random.randint(12, 22)):
            self.new_contact()
        for _ in range(5):
            self.new_part()
            self.merge()
            self.tag()
            self.identify()
        self.happen(400)

    def _words(self) -> None:
        from tamis.app.models import CustomField, EventKind, List, Status, Tag, TagCategory
        from tamis.app.services import tags
        from tamis.identity.folding import fold

        for category, names in words.SETTING["tags"].items():
            for name in names:
                tags.add(self.alice, category, name)
        assert Tag.objects.count() == TagCategory.objects.count() + 2
        for position, said in enumerate(words.SETTING["statuses"]):
            name = said if isinstance(said, str) else said["name"]
            Status.objects.create(name=name, key=fold(name), position=position, for_companies=isinstance(said, str))
        for name, segment in words.SETTING["lists"].items():
            List.objects.create(name=name, key=fold(name), segment=segment, label=name, created_at=self.now)
        for subject, fields in words.SETTING["fields"].items():
            for key, said in fields.items():
                choices, type = (said, "choice") if isinstance(said, list) else ([], said)
                CustomField.objects.create(
                    subject=subject[:-1].replace("ie", "y") if subject == "companies" else "contact", key=key,
                    label=key, type=type, choices=choices,
                )  # fmt: skip
        for key, properties in words.SETTING["kinds"].items():
            EventKind.objects.create(key=key, label=key, phase="before", properties=properties)

    # What is drawn

    def one(self, *of: Any) -> Any:
        return self.random.choice(of)

    def text(self) -> str:
        return self.one(*words.COMMON) if self.random.random() < 0.8 else self.one(*words.TEXTS)

    def day(self) -> Any:
        near = self.one(0, 0, 1, 2, 6, 7, 28, 29, 30, 31, 365, -1, -7, -30)
        return self.one((self.now - timedelta(days=near)).date(), self.one(*words.EDGES).date())

    def moment(self) -> datetime:
        """At the edges of windows, of days and clock changes; sometimes in the future of the moment."""
        edge = self.one(self.now, self.now, self.now, self.one(*words.EDGES))
        near = self.one(timedelta(), timedelta(), words.MOMENT, -words.MOMENT, timedelta(hours=5))
        made: datetime = edge - self.one(*words.STEPS) * self.one(1, 1, 1, 1, -1) + near
        return made

    def company(self) -> Any:
        from tamis.app.models import Company

        return self.random.choice([*Company.objects.order_by("pk")])

    def standing(self) -> Any:
        from tamis.app.models import Company

        return self.random.choice([*Company.objects.filter(merged_into=None).order_by("pk")])

    def contact(self) -> Any:
        from tamis.app.models import Contact

        return self.random.choice([*Contact.objects.order_by("pk")])

    def own(self, **fields: Callable[[], Any]) -> dict[str, Any]:
        return {key: value() for key, value in fields.items() if self.random.random() < 0.6}

    def company_values(self) -> dict[str, Any]:
        number = lambda: self.one(*(float(each) for each in words.NUMBERS[2:10]))  # noqa: E731
        some = {
            "city": self.text, "address": self.text, "region": self.text, "naf": lambda: self.one(*words.NAFS),
            "department": lambda: self.one("01", "2A", "69", ""), "country": lambda: self.one("FR", "CA"),
            "headcount": lambda: self.one(None, 0, 1, 3, 10, 12), "revenue": lambda: round(number(), 2),
            "headcount_bracket": lambda: self.one("", "01", "11", "NN"), "size_class": lambda: self.one("PME", "TPE"),
            "founded": self.day, "created_at": self.moment, "first_seen": self.day,
            "list": lambda: self.one(*self.lists),
            "status": lambda: self.one(*self.statuses[:3]),
            "extra": lambda: self.own(
                parc=number, visite=lambda: self.day().isoformat(), contrat=lambda: self.one(True, False),
                gamme=lambda: self.one("Pro", "Éco"), machine=self.text, city=self.text,
            ),
        }  # fmt: skip
        return {key: value() for key, value in some.items() if self.random.random() < 0.6}

    def contact_values(self) -> dict[str, Any]:
        some = {
            "civility": lambda: self.one("M.", "Mme"), "first_name": self.text, "city": self.text, "level": self.text,
            "function": self.text, "country": lambda: self.one("FR", "CA"), "created_at": self.moment,
            "phone": lambda: self.one("+33612345678", ""), "origin": lambda: self.one("static", "dynamic"),
            "status": lambda: self.one(*self.statuses), "company": lambda: self.one(None, self.standing()),
            "company_siren": lambda: self.one("", *words.SIRENS),
            "extra": lambda: self.own(
                score=lambda: float(self.one(*words.NUMBERS[2:8])), rdv=lambda: self.day().isoformat(),
                vip=lambda: self.one(True, False), machine=self.text,
            ),
        }  # fmt: skip
        return {key: value() for key, value in some.items() if self.random.random() < 0.6}

    # What is done

    def new_company(self) -> None:
        from tamis.app.models import Company

        if Company.objects.count() >= MOST_COMPANIES:
            return
        values = {"list": self.lists[0], "first_seen": self.day(), "created_at": self.moment()} | self.company_values()
        free = [each for each in words.SIRENS if not Company.objects.filter(siren=each).exists()]
        Company.objects.create(name="x", name_key="x", updated_at=self.now, siren=self.one(None, *free), **values)

    def new_contact(self) -> None:
        from tamis.app.models import Contact

        if Contact.objects.count() >= MOST_CONTACTS:
            return
        values = {"created_at": self.moment()} | self.contact_values()
        Contact.objects.create(updated_at=self.now, **self.address(), **values)

    def address(self) -> dict[str, Any]:
        from tamis.app.models import Contact

        free = [each for each in words.EMAILS if not Contact.objects.filter(email_key=each.lower()).exists()]
        email = self.one(None, *free)
        return {"email": email or "", "email_key": email and email.lower()}

    def edit_company(self) -> None:
        from tamis.app.models import Company

        Company.objects.filter(pk=self.company().pk).update(**self.company_values() | {"updated_at": self.moment()})

    def edit_siren(self) -> None:
        from tamis.app.models import Company

        one = self.company()
        free = [each for each in words.SIRENS if not Company.objects.filter(siren=each).exists()]
        Company.objects.filter(pk=one.pk).update(siren=self.one(None, *free))

    def edit_contact(self) -> None:
        from tamis.app.models import Contact

        Contact.objects.filter(pk=self.contact().pk).update(**self.contact_values() | {"updated_at": self.moment()})

    def edit_address(self) -> None:
        from tamis.app.models import Contact

        Contact.objects.filter(pk=self.contact().pk).update(**self.address())

    def delete_contact(self) -> None:
        from tamis.app.models import Contact

        if Contact.objects.count() > 3:
            self.contact().delete()

    def merge(self) -> None:
        """Merged into a standing company, without looking for whether it is one of its own: chains come of it."""
        from tamis.app.models import Company, Contact

        if Company.objects.filter(merged_into=None).count() < 3:
            return
        gone, kept = self.standing(), self.standing()
        if gone.pk == kept.pk:
            return
        Company.objects.filter(pk=gone.pk).update(merged_into=kept)
        if self.random.random() < 0.7:
            Contact.objects.filter(company=gone).update(company=kept)

    def split(self) -> None:
        from tamis.app.models import Company

        merged = [*Company.objects.exclude(merged_into=None).order_by("pk")]
        if merged:
            Company.objects.filter(pk=self.random.choice(merged).pk).update(merged_into=None)

    def new_part(self) -> None:
        """A name, a domain or an identifier comes, goes, or is handed over."""
        from tamis.app.models import CompanyDomain, CompanyIdentifier, CompanyName

        one, made = self.standing(), {"company": self.standing(), "source": self.source}
        match self.one("name", "domain", "identifier", "over", "away"):
            case "name":
                text = self.text() or "x"
                made["key"] = text.lower()[:300]
                CompanyName.objects.get_or_create(company=one, kind=self.one("legal", "usual", "brand"), text=text,
                                                  defaults=made)  # fmt: skip
            case "domain":
                host = self.one(*words.HOSTS)
                made["key"] = host if host.endswith("free.fr") else ".".join(host.split(".")[-2:])
                CompanyDomain.objects.get_or_create(company=one, use=self.one("website", "email"), host=host,
                                                    defaults=made)  # fmt: skip
            case "identifier":
                pairs = [("siren", each) for each in words.SIRENS] + [("siret", "55210055400013")]
                type, value = self.one(*pairs)
                CompanyIdentifier.objects.get_or_create(type=type, value=value, defaults=made)
            case "over":
                for model in (CompanyDomain, CompanyIdentifier):
                    part = model.objects.order_by("?").first()
                    taken = part and model is CompanyDomain and one.domains.filter(host=part.host).exists()
                    if part and not taken:
                        model.objects.filter(pk=part.pk).update(company=one)
            case "away":
                for model in (CompanyDomain, CompanyIdentifier, CompanyName):
                    model.objects.filter(pk__in=model.objects.order_by("pk").values("pk")[:1]).delete()

    def tag(self) -> None:
        from tamis.app.models import CompanyTag, ContactTag

        for model, one in ((CompanyTag, "company"), (ContactTag, "contact")):
            subject, tag = getattr(self, one)(), self.one(*self.tags)
            found = model.objects.filter(tag=tag, **{one: subject})
            if not found.delete()[0]:
                model.objects.create(tag=tag, by=1, source=self.source, at=self.now, **{one: subject})

    def named(self) -> dict[str, Any]:
        return self.one(
            {"contact_id": str(self.contact().pk)},
            {"contact_email": self.one(*words.EMAILS, "nobody@example.com")},
            {"company_id": str(self.company().pk)},
            {"company_siren": self.one(*words.SIRENS)},
            {"company_domain": self.one(*words.HOSTS, "blog.forges.fr", "x.shop.forges.fr")},
            {"contact_id": str(self.contact().pk), "company_id": str(self.company().pk)},
        )

    def identify(self) -> None:
        self.take([{"kind": "identify", "visitor": self.one("v1", "v2", "v3"), **self.named()}])

    def happen(self, most: int = 12) -> None:
        made = []
        for _ in range(self.random.randint(1, most)):
            visitor = {"visitor": self.one("v1", "v2", "v3")}
            event = {"kind": self.one(*words.KINDS), **self.one(self.named(), visitor, visitor | self.named())}
            some = {
                "path": lambda: self.one("/", "/tarifs", "/été"), "channel": self.text,
                "note": lambda: self.one("12", "abc", "3"), "device": lambda: self.one("Mobile", "fixe"),
                "quantity": lambda: self.one(1, 2, 3), "value": lambda: self.one(1, 12.5, 99),
            }  # fmt: skip
            if event["kind"] == "install":
                some |= {
                    "machines": lambda: self.one(1, 2, 3),
                    "le": lambda: self.day().isoformat(),
                    "modele": self.text,
                }
            event |= {key: value() for key, value in some.items() if self.random.random() < 0.6}
            made.append(event)
        self.take(made)

    def take(self, events: list[dict[str, Any]]) -> None:
        from tamis.app.services import events as service
        from tamis.app.services.arrivals import From

        given = [{"ts": self.moment().isoformat(), **each} for each in events]
        service.take(given, From("cli", "alice"))

    def flush(self) -> None:
        from tamis.app.services import lake

        lake.flush()
        if self.random.random() < 0.3:
            lake.compact(many=2)

    def snapshot(self) -> None:
        from tamis.app.services import snapshots

        snapshots.take(merge=self.random.random() < 0.5, whole=self.random.random() < 0.1)

    def erase(self) -> None:
        from tamis.app.models import Contact
        from tamis.app.services import erasing

        with_address = Contact.objects.exclude(email_key=None).order_by("pk")
        if with_address.count() > 1:
            erasing.finish(erasing.ask(self.alice, self.random.choice([*with_address]).email))

    def list_changes_segment(self) -> None:
        from tamis.app.models import List

        List.objects.filter(name="Prospect Salons").update(segment=self.one("prospect", "client"))

    def tag_called_otherwise(self) -> None:
        """Two tags change names: rules mean the other one."""
        from tamis.app.models import Tag

        one, other = (Tag.objects.get(category__name="Secteur", name=name) for name in ("Industrie", "Services"))
        Tag.objects.filter(pk=one.pk).update(key="x")
        Tag.objects.filter(pk=other.pk).update(name=one.name, key=one.key)
        Tag.objects.filter(pk=one.pk).update(name=other.name, key=other.key)

    OFTEN = (
        edit_company, edit_contact, edit_contact, edit_address, edit_siren, new_company, new_contact, delete_contact,
        merge, split, new_part, new_part, tag, tag, identify, identify, happen, happen, happen, happen, flush, snapshot,
    )  # fmt: skip
    SELDOM = (erase, list_changes_segment, tag_called_otherwise)

    def change(self) -> str:
        """Something happens; what."""
        what = self.one(*self.SELDOM) if self.random.random() < 0.04 else self.one(*self.OFTEN)
        what(self)
        return str(what.__name__)

    def tick(self) -> datetime:
        """The clock goes on, seldom back: a moment, a day, over a clock change or the end of a month."""
        match self.random.randint(0, 9):
            case 0:
                self.now = self.one(*words.NOWS)
            case 1:
                self.now -= self.one(timedelta(hours=1), timedelta(days=1), timedelta(days=30))
            case 2 | 3:
                pass
            case _:
                self.now += self.one(words.MOMENT, timedelta(hours=1), timedelta(hours=24), timedelta(days=1, hours=1),
                                     timedelta(days=7), timedelta(days=30), timedelta(days=31))  # fmt: skip
        return self.now
