"""What each list file of the sample holds: whose companies, in which dialect, and what is wrong with them."""

from dataclasses import dataclass, replace
from math import ceil

from tamis.demo.files import EXCEL_ENGLISH, EXCEL_FRENCH, EXCEL_UNICODE, SCRIPT, WORKBOOK, Dialect

NAME, SIREN, EMAIL_DOMAIN, WEBSITE = COLUMNS = ("Nom", "SIREN", "Domaine email", "Website")
FULL_BASE = 2000
HOSTS = frozenset({EMAIL_DOMAIN, WEBSITE})

# which columns a line fills
S, E, W = (SIREN,), (EMAIL_DOMAIN,), (WEBSITE,)
SE, SW, EW, SEW = S + E, S + W, E + W, S + E + W


@dataclass(frozen=True)
class Plan:
    """A list file to be: how many lines of each kind, and the columns they fill in turn."""

    stem: str
    dialect: Dialect
    sectors: str
    known: int
    fills: tuple[tuple[str, ...], ...]
    newcomers: int = 0
    strangers: int = 0
    again: tuple[tuple[str, int, str], ...] = ()  # lines for companies of an earlier list, of these sectors
    repairs: tuple[tuple[str, int], ...] = ()
    faults: tuple[str, ...] = ()
    headings: tuple[str, ...] = COLUMNS

    @property
    def by_host(self) -> bool:
        """Whether some lines have no SIREN to go by, so that every company must have a domain."""
        return any(SIREN not in fill for fill in self.fills)

    def for_base_of(self, companies: int) -> "Plan":
        """The plan with fewer lines when the base is smaller than the one it was made for."""
        share = min(1.0, companies / FULL_BASE)
        return replace(
            self,
            known=ceil(self.known * share),
            repairs=tuple((code, ceil(count * share)) for code, count in self.repairs),
            again=tuple((stem, ceil(count * share), sectors) for stem, count, sectors in self.again),
        )


PLANS = (
    Plan(
        stem="clients",
        dialect=EXCEL_FRENCH,
        sectors="building shop industry wholesale transport tech engineering advice services office health",
        known=169,
        newcomers=5,
        fills=(S, SE, SEW, SE, E, SW, S, W),
        repairs=(
            ("siren.zeros", 5),
            ("siren.spaces", 7),
            ("siren.siret", 4),
            ("siren.siret_spaces", 2),
            ("siren.vat", 1),
            ("website.www", 3),
            ("website.path", 2),
            ("email.www", 1),
        ),
        faults=(
            "siren.check",
            "number.scientific",
            "domain.address",
            "domain.free",
            "cell.several",
            "key.missing",
        ),
    ),
    Plan(stem="concurrents", dialect=SCRIPT, sectors="tech", known=15, fills=(E, EW, W)),
    Plan(stem="distributeurs", dialect=EXCEL_ENGLISH, sectors="wholesale", known=40, fills=(SW, S, SE, W)),
    Plan(stem="partenaires", dialect=EXCEL_ENGLISH, sectors="advice engineering tech", known=25, fills=(SE, W, S)),
    Plan(
        stem="fournisseurs",
        dialect=EXCEL_ENGLISH,
        sectors="industry transport services property",
        known=39,
        fills=(S, S, SW),
        repairs=(("siren.siret", 8), ("siren.vat", 3)),
        faults=("siren.check",),
    ),
    Plan(
        stem="in-pipe",
        dialect=EXCEL_ENGLISH,
        sectors="industry wholesale transport tech engineering advice services",
        known=54,
        newcomers=6,
        fills=(E, W, SE),
    ),
    Plan(stem="hors-cible", dialect=EXCEL_FRENCH, sectors="public association", known=120, fills=(S,)),
    Plan(
        stem="salon-industrie-lyon",
        dialect=WORKBOOK,
        sectors="industry wholesale transport engineering services building",
        known=195,
        newcomers=15,
        strangers=12,
        again=(
            ("clients", 20, "industry wholesale transport building"),
            ("in-pipe", 6, "industry wholesale transport"),
        ),
        fills=(S, SW, SE, SW, W, SEW),
        repairs=(("siren.zeros", 3), ("siren.siret", 6), ("website.www", 8), ("website.path", 4)),
        faults=("siren.check", "website.platform"),
        headings=("WEBSITE", "nom", "Siren", "DOMAINE EMAIL"),
    ),
    Plan(
        stem="salon-tech-paris",
        dialect=EXCEL_UNICODE,
        sectors="tech advice engineering",
        known=140,
        newcomers=6,
        strangers=5,
        again=(
            ("salon-industrie-lyon", 30, "engineering industry wholesale"),
            ("clients", 12, "tech advice engineering"),
            ("in-pipe", 5, "tech advice engineering"),
        ),
        fills=(SEW, E, W, SE, EW),
        repairs=(("website.www", 10), ("website.path", 5), ("email.www", 2)),
        faults=("domain.address", "domain.free"),
        headings=("Nom", "Website", "Domaine email", "SIREN"),
    ),
)

OWN_GROUP = Plan(stem="interne", dialect=SCRIPT, sectors="", known=0, fills=(SEW,))
OWN_NAMES = ("Groupe Maltorène", "Maltorène Logiciels", "Maltorène Services")
