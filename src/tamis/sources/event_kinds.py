"""What can happen between a company and its customers: kinds of events, their properties, the touch points they cover.

All of it is data. A kind says when it happens around a purchase, which of the mission's touch points [C4] and
segmentation points [C5] it covers, which properties it usually has, and which it must have. Users add kinds of their
own, of the same shape: see ``app/services/event_kinds.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from tamis.errors import Refused, did_you_mean
from tamis.messages import Message, say

Type = Literal["text", "number", "amount", "date", "yes-no"]
TYPES: tuple[Type, ...] = ("text", "number", "amount", "date", "yes-no")


@dataclass(frozen=True)
class Property:
    """Something that an event says: its key, its label, its type, and for texts its greatest length."""

    key: str
    label: Message | str
    type: Type = "text"
    longest: int = 500


COLUMNS: tuple[Property, ...] = (
    Property("path", say("chemin"), longest=2000),
    Property("title", say("titre")),
    Property("channel", say("canal")),
    Property("source", say("source")),
    Property("medium", say("support")),
    Property("campaign", say("campagne")),
    Property("keyword", say("mot-clé")),
    Property("referrer", say("provenance"), longest=2000),
    Property("link", say("lien"), longest=2000),
    Property("form", say("formulaire")),
    Property("message", say("message")),
    Property("product", say("produit")),
    Property("category", say("catégorie")),
    Property("offer", say("offre")),
    Property("order", say("commande")),
    Property("deal", say("affaire")),
    Property("stage", say("étape")),
    Property("reason", say("motif")),
    Property("topic", say("thème")),
    Property("format", say("format")),
    Property("device", say("appareil")),
    Property("mail_client", say("logiciel de messagerie")),
    Property("country", say("pays")),
    Property("city", say("ville")),
    Property("place", say("lieu")),
    Property("value", say("montant"), "amount"),
    Property("margin", say("marge"), "amount"),
    Property("quantity", say("quantité"), "number"),
    Property("score", say("note"), "number"),
    Property("duration", say("durée en secondes"), "number"),
)
"""The known properties, each a column of the events' table; any other is kept as text beside them."""

BY_KEY: Mapping[str, Property] = {each.key: each for each in COLUMNS}


class Phase(StrEnum):
    """When a kind happens around a purchase; ``profile`` is what is learnt about somebody at any time."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    PROFILE = "profile"

    @property
    def label(self) -> Message:
        """The phase for people."""
        return _PHASES[self]


_PHASES: Mapping[Phase, Message] = {
    Phase.BEFORE: say("avant l'achat"),
    Phase.DURING: say("pendant l'achat"),
    Phase.AFTER: say("après l'achat"),
    Phase.PROFILE: say("profil"),
}


POINTS: Mapping[str, Message] = {
    # [C4]
    "social": say("réseaux sociaux"),
    "reviews": say("avis"),
    "site": say("site"),
    "mailings": say("mailings"),
    "word-of-mouth": say("bouche-à-oreille"),
    "advertising": say("publicité"),
    "marketing-pr": say("marketing et relations presse"),
    "points-of-sale": say("points de vente"),
    "shop-office": say("boutique ou bureau"),
    "catalogue": say("catalogue"),
    "promotions": say("promotions"),
    "staff": say("personnel"),
    "call-centre": say("centre d'appels"),
    "invoice": say("facture"),
    "transactional-mail": say("e-mail transactionnel"),
    "service-team": say("équipe du service"),
    "help-centre": say("centre d'aide"),
    "follow-up": say("suivi"),
    "thank-you-card": say("carte de remerciement"),
    # [C5]
    "mail-client": say("logiciel de messagerie"),
    "where": say("lieu"),
    "age": say("âge"),
    "sex": say("sexe"),
    "persona": say("persona"),
    "company-type": say("type d'entreprise"),
    "company-sector": say("secteur de l'entreprise"),
    "job-title": say("intitulé de poste"),
    "education": say("formation"),
    "level": say("niveau hiérarchique"),
    "past-purchases": say("achats passés"),
    "buying-intent": say("intention d'achat"),
    "buying-frequency": say("fréquence d'achat"),
    "buying-cycle": say("cycle d'achat"),
    "buying-way": say("façon d'acheter préférée"),
    "content-topics": say("thèmes des contenus"),
    "content-formats": say("formats des contenus"),
    "interest": say("niveau d'intérêt"),
    "interest-changes": say("changements d'intérêt"),
    "buying-changes": say("changements d'achat"),
    "sale-stage": say("étape de la vente"),
    "satisfaction": say("satisfaction"),
    "referrers": say("prescripteurs"),
    "no-review": say("clients sans avis"),
    "abandoned-basket": say("panier abandonné"),
    "reads-opens": say("lectures et ouvertures"),
    "abandoned-form": say("formulaire abandonné"),
    "use": say("utilisation"),
    "attendance": say("présence"),
    "page-views": say("pages vues"),
    "cta-clicks": say("clics sur un appel à l'action"),
}
"""Every touch point of [C4] and segmentation point of [C5]."""


@dataclass(frozen=True)
class Kind:
    """A kind of event. ``properties`` are the usual ones, ``own`` are no column, ``required`` must be there."""

    key: str
    label: Message | str
    phase: Phase
    points: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    own: tuple[Property, ...] = field(default=())

    @property
    def types(self) -> Mapping[str, Property]:
        """The properties of its own, by key."""
        return {each.key: each for each in self.own}


_B, _D, _A, _P = Phase.BEFORE, Phase.DURING, Phase.AFTER, Phase.PROFILE
_ADVERT = ("channel", "campaign", "keyword", "source")
_MAIL = ("message", "campaign", "mail_client", "device")
_SALE = ("order", "product", "category", "quantity", "value", "margin", "channel", "offer", "place")

KINDS: tuple[Kind, ...] = (
    Kind("page_view", say("Page vue"), _B, ("site", "page-views", "content-topics"),
         ("path", "title", "referrer", "channel", "source", "medium", "campaign", "keyword", "device", "country",
          "city", "duration"), ("path",)),
    Kind("site_search", say("Recherche sur le site"), _B, ("site", "buying-intent"), ("keyword", "path"), ("keyword",)),
    Kind("cta_click", say("Clic sur un appel à l'action"), _B, ("site", "cta-clicks"), ("link", "path", "title")),
    Kind("content_view", say("Contenu consulté"), _B, ("content-topics", "content-formats", "reads-opens"),
         ("title", "topic", "format", "path", "duration")),
    Kind("download", say("Téléchargement"), _B, ("content-topics", "content-formats"),
         ("title", "topic", "format", "path", "form")),
    Kind("form_start", say("Formulaire commencé"), _B, ("site",), ("form", "path"), ("form",)),
    Kind("form", say("Formulaire envoyé"), _B, ("site", "buying-intent"), ("form", "path", "offer"), ("form",)),
    Kind("form_abandoned", say("Formulaire abandonné"), _B, ("abandoned-form",), ("form", "path"), ("form",)),
    Kind("chat", say("Conversation en ligne"), _B, ("site", "staff"), ("topic", "path", "duration")),
    Kind("social", say("Interaction sur un réseau social"), _B, ("social", "interest"),
         ("channel", "title", "link", "topic", "campaign")),
    Kind("review_read", say("Avis consulté"), _B, ("reviews",), ("source", "product", "link")),
    Kind("email_sent", say("E-mail envoyé"), _B, ("mailings",), _MAIL),
    Kind("email_delivered", say("E-mail remis"), _B, ("mailings",), _MAIL),
    Kind("email_open", say("E-mail ouvert"), _B, ("mailings", "mail-client", "reads-opens"), _MAIL),
    Kind("email_click", say("Clic dans un e-mail"), _B, ("mailings", "cta-clicks"), (*_MAIL, "link")),
    Kind("email_reply", say("Réponse à un e-mail"), _B, ("mailings", "interest"), _MAIL),
    Kind("email_bounce", say("E-mail non remis"), _B, ("mailings",), (*_MAIL, "reason")),
    Kind("email_unsubscribe", say("Désinscription"), _B, ("mailings", "interest-changes"), (*_MAIL, "reason")),
    Kind("email_complaint", say("E-mail signalé comme indésirable"), _B, ("mailings",), _MAIL),
    Kind("letter_sent", say("Courrier envoyé"), _B, ("mailings",), ("message", "campaign")),
    Kind("sms_sent", say("SMS envoyé"), _B, ("mailings",), ("message", "campaign")),
    Kind("sms_click", say("Clic dans un SMS"), _B, ("mailings", "cta-clicks"), ("message", "campaign", "link")),
    Kind("referral", say("Recommandation"), _B, ("word-of-mouth", "referrers"), ("source", "offer", "title")),
    Kind("ad_view", say("Publicité vue"), _B, ("advertising",), _ADVERT),
    Kind("ad_click", say("Clic sur une publicité"), _B, ("advertising", "cta-clicks"), (*_ADVERT, "link")),
    Kind("press", say("Marketing ou relations presse"), _B, ("marketing-pr",), ("title", "source", "link", "campaign")),
    Kind("event_registration", say("Inscription à un événement"), _B, ("marketing-pr", "buying-intent"),
         ("title", "place", "format", "campaign")),
    Kind("attendance", say("Présence à un événement"), _B, ("attendance", "marketing-pr"),
         ("title", "place", "format", "duration")),
    Kind("pos_visit", say("Passage en point de vente"), _B, ("points-of-sale", "where"), ("place", "city", "reason")),
    Kind("interest", say("Niveau d'intérêt"), _B, ("interest", "interest-changes", "buying-intent", "buying-cycle"),
         ("score", "offer", "product", "stage", "reason")),
    #
    Kind("shop_visit", say("Visite en boutique ou au bureau"), _D, ("shop-office", "staff", "where"),
         ("place", "city", "reason", "duration")),
    Kind("catalogue_view", say("Catalogue consulté"), _D, ("catalogue",), ("product", "category", "title", "path")),
    Kind("promotion", say("Promotion utilisée"), _D, ("promotions",), ("offer", "campaign", "product", "value")),
    Kind("meeting", say("Rendez-vous"), _D, ("staff", "sale-stage"), ("title", "place", "duration", "deal", "reason")),
    Kind("call", say("Appel téléphonique"), _D, ("call-centre", "staff"),
         ("reason", "duration", "stage", "campaign", "deal")),
    Kind("quote", say("Devis"), _D, ("sale-stage", "buying-intent"), ("deal", "order", "product", "value", "margin")),
    Kind("basket", say("Mise au panier"), _D, ("buying-intent", "catalogue"),
         ("order", "product", "category", "quantity", "value")),
    Kind("basket_abandoned", say("Panier abandonné"), _D, ("abandoned-basket",),
         ("order", "product", "category", "quantity", "value")),
    Kind("purchase", say("Achat"), _D,
         ("past-purchases", "buying-frequency", "buying-changes", "buying-way", "buying-cycle", "no-review"),
         _SALE, ("value",)),
    Kind("deal_created", say("Affaire ouverte"), _D, ("sale-stage",), ("deal", "stage", "value", "margin", "source"),
         ("deal",)),
    Kind("deal_stage", say("Affaire : changement d'étape"), _D, ("sale-stage", "buying-changes"),
         ("deal", "stage", "value", "margin", "reason"), ("deal", "stage")),
    Kind("deal_won", say("Affaire gagnée"), _D, ("sale-stage", "past-purchases"),
         ("deal", "value", "margin", "product", "offer"), ("deal", "value")),
    Kind("deal_lost", say("Affaire perdue"), _D, ("sale-stage",), ("deal", "value", "margin", "reason"), ("deal",)),
    #
    Kind("invoice", say("Facture"), _A, ("invoice",), ("order", "value", "margin", "deal")),
    Kind("payment", say("Paiement"), _A, ("invoice",), ("order", "value", "channel")),
    Kind("refund", say("Remboursement"), _A, ("invoice", "satisfaction", "buying-changes"),
         ("order", "product", "value", "reason"), ("value",)),
    Kind("delivery", say("Livraison"), _A, ("follow-up",), ("order", "place", "reason")),
    Kind("transactional_email", say("E-mail transactionnel"), _A, ("transactional-mail",), ("message", "order")),
    Kind("service", say("Intervention du service"), _A, ("service-team",),
         ("topic", "reason", "product", "duration", "place")),
    Kind("ticket", say("Demande d'assistance"), _A, ("service-team", "help-centre", "satisfaction"),
         ("topic", "stage", "reason", "product", "duration")),
    Kind("help_view", say("Centre d'aide consulté"), _A, ("help-centre",), ("path", "title", "topic")),
    Kind("follow_up", say("Suivi"), _A, ("follow-up",), ("channel", "reason", "topic")),
    Kind("thank_you_card", say("Carte de remerciement"), _A, ("thank-you-card",), ("message", "campaign")),
    Kind("survey", say("Enquête de satisfaction"), _A, ("satisfaction",), ("form", "score", "topic", "reason"),
         ("score",)),
    Kind("review", say("Avis laissé"), _A, ("reviews", "satisfaction", "no-review"),
         ("score", "source", "product", "link")),
    Kind("usage", say("Utilisation du produit"), _A, ("use",), ("product", "title", "quantity", "duration", "device")),
    Kind("churn", say("Départ"), _A, ("buying-changes", "interest-changes"), ("product", "reason", "value")),
    #
    Kind("identify", say("Identification d'un visiteur"), _P, (), ("form", "source", "reason")),
    Kind("profile", say("Élément de profil"), _P,
         ("age", "sex", "persona", "company-type", "company-sector", "job-title", "education", "level", "where",
          "buying-way"),
         ("source", "country", "city"),
         own=(
             Property("age", say("âge"), "number"), Property("sex", say("sexe")), Property("persona", say("persona")),
             Property("company_type", say("type d'entreprise")), Property("sector", say("secteur")),
             Property("job_title", say("intitulé de poste")), Property("education", say("formation")),
             Property("level", say("niveau hiérarchique")), Property("buying_way", say("façon d'acheter préférée")),
         )),
)  # fmt: skip
"""The kinds that every workspace has."""

Kinds = Mapping[str, Kind]
BUILT_IN: Kinds = {kind.key: kind for kind in KINDS}
IDENTIFY = "identify"


def find_kind(key: str, kinds: Kinds = BUILT_IN) -> Kind:
    """The kind of this key. Raises :class:`~tamis.errors.Refused` with the nearest one."""
    if key not in kinds:
        raise Refused(unknown_kind(key, kinds), "kind.unknown")
    return kinds[key]


def unknown_kind(key: str, kinds: Kinds) -> Message:
    """The sentence for a kind that nobody has defined."""
    return say(
        "aucun genre d'événement ne s'appelle « {kind} ».{hint} « tamis events kinds ls » les liste, "
        "« tamis events kinds add » en ajoute",
        kind=key[:60],
        hint=did_you_mean(key, kinds),
    )
