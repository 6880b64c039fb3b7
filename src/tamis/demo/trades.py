"""The trades of the sample: NAF rév. 2 code, what the firms are called, how large they are and what a head brings in.

Codes and legal categories are INSEE's; weights, sizes and revenues are plausible, not statistics.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade: ``weight`` in a thousand, ``k_euros`` of revenue a head (0: publishes none), the words of its names."""

    naf: str
    sector: str
    weight: int
    k_euros: int
    size: str
    words: str
    legal: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A legal form: INSEE's category code, its weight, and the share of names that begin with its short name."""

    code: str
    weight: int
    short: str = ""
    shown: float = 0.0


# size: (smallest, slope); headcount = smallest / u ** slope, a Pareto tail
SIZES = {
    "solo": (0.55, 0.55),
    "micro": (1.2, 0.65),
    "small": (2.2, 0.75),
    "medium": (5.0, 0.9),
    "large": (14.0, 1.0),
}

TRADES = (
    Trade("43.32A", "building", 20, 110, "micro", "Menuiserie|Menuiseries|Ateliers|Agencement"),
    Trade("43.32B", "building", 8, 115, "small", "Métallerie|Serrurerie|Fermetures"),
    Trade("43.21A", "building", 20, 105, "micro", "Électricité|Électricité générale|Élec Services"),
    Trade("43.22A", "building", 17, 105, "micro", "Plomberie|Plomberie chauffage|Sanitaires"),
    Trade("43.22B", "building", 9, 130, "small", "Chauffage|Climatisation|Génie climatique|Énergies"),
    Trade("43.34Z", "building", 13, 85, "micro", "Peinture|Peintures|Décoration|Ravalement"),
    Trade("43.31Z", "building", 8, 95, "micro", "Plâtrerie|Isolation|Cloisons"),
    Trade("43.33Z", "building", 8, 100, "micro", "Carrelage|Carrelages|Sols"),
    Trade("43.91A", "building", 6, 120, "small", "Charpente|Charpentes"),
    Trade("43.91B", "building", 9, 110, "micro", "Couverture|Toiture|Couverture zinguerie"),
    Trade("43.99C", "building", 22, 115, "small", "Maçonnerie|Bâtiment|Construction|Constructions"),
    Trade("43.12A", "building", 9, 125, "small", "Terrassement|Terrassements|Travaux publics"),
    Trade("41.20A", "building", 5, 260, "small", "Maisons|Constructions|Pavillons"),
    Trade("41.20B", "building", 4, 230, "medium", "Construction|Bâtiment|Entreprise générale"),
    Trade("42.11Z", "building", 3, 200, "large", "Travaux routiers|Routes|Travaux publics"),
    Trade("10.71C", "shop", 18, 65, "small", "Boulangerie|Boulangerie pâtisserie|Fournil|Maison"),
    Trade("45.20A", "shop", 18, 120, "micro", "Garage|Auto|Carrosserie|Mécanique"),
    Trade("45.11Z", "shop", 9, 450, "small", "Automobiles|Autos|Garage"),
    Trade("47.71Z", "shop", 8, 110, "micro", "Boutique|Prêt-à-porter|Mode"),
    Trade("47.11F", "shop", 2, 230, "large", "Distribution|Hypermarché"),
    Trade("47.11B", "shop", 4, 150, "micro", "Épicerie|Alimentation"),
    Trade("47.76Z", "shop", 5, 90, "micro", "Fleurs|Jardinerie|Pépinières"),
    Trade("47.52A", "shop", 3, 180, "micro", "Quincaillerie|Bricolage"),
    Trade("96.02A", "shop", 10, 45, "solo", "Coiffure|Salon|Coiffeurs"),
    Trade("47.78A", "shop", 6, 150, "micro", "Optique|Opticiens"),
    Trade("47.91B", "shop", 8, 250, "micro", "Boutique en ligne|Shop|E-commerce"),
    Trade("56.10A", "table", 24, 60, "small", "Restaurant|Auberge|Brasserie|Bistrot|La Table"),
    Trade("56.10C", "table", 11, 65, "micro", "Snack|Pizzeria|Burger"),
    Trade("56.30Z", "table", 5, 70, "solo", "Bar|Café"),
    Trade("55.10Z", "table", 8, 85, "small", "Hôtel|Hôtel restaurant"),
    Trade("01.11Z", "farm", 7, 120, "solo", "Céréales|Fermes"),
    Trade("01.13Z", "farm", 3, 75, "micro", "Maraîchers|Serres"),
    Trade("01.21Z", "farm", 9, 95, "micro", "Vignobles|Domaine|Château"),
    Trade("01.41Z", "farm", 6, 110, "solo", "Élevage|Laiterie"),
    Trade("01.50Z", "farm", 6, 100, "solo", "Ferme|Élevage"),
    Trade("49.41A", "transport", 11, 130, "medium", "Transports|Transports routiers|Fret"),
    Trade("49.41B", "transport", 7, 95, "small", "Transports|Messagerie|Courses"),
    Trade("49.42Z", "transport", 2, 90, "small", "Déménagements"),
    Trade("52.29B", "transport", 4, 280, "small", "Affrètement|Logistique|Transit"),
    Trade("52.10B", "transport", 3, 140, "medium", "Logistique|Entrepôts|Stockage"),
    Trade("49.32Z", "transport", 5, 50, "solo", "Taxi|Taxis"),
    Trade("49.39A", "transport", 2, 85, "large", "Autocars|Voyages"),
    Trade("25.62B", "industry", 14, 120, "medium", "Mécanique|Mécanique de précision|Usinage"),
    Trade("25.62A", "industry", 5, 130, "medium", "Décolletage"),
    Trade("25.11Z", "industry", 7, 140, "medium", "Charpente métallique|Constructions métalliques"),
    Trade("25.61Z", "industry", 4, 105, "medium", "Traitement de surface|Galvanoplastie|Thermolaquage"),
    Trade("25.50B", "industry", 3, 135, "medium", "Emboutissage|Découpage"),
    Trade("28.29B", "industry", 4, 190, "medium", "Machines|Équipements"),
    Trade("28.99B", "industry", 5, 180, "medium", "Machines spéciales|Automatismes"),
    Trade("33.20C", "industry", 5, 160, "medium", "Automatismes|Robotique|Automation"),
    Trade("33.12Z", "industry", 5, 115, "small", "Maintenance|Maintenance industrielle"),
    Trade("22.29A", "industry", 7, 170, "medium", "Plasturgie|Plastiques|Injection"),
    Trade("17.21A", "industry", 2, 230, "large", "Cartonnages|Emballages|Packaging"),
    Trade("16.24Z", "industry", 3, 150, "medium", "Palettes|Emballages bois|Caisserie"),
    Trade("18.12Z", "industry", 6, 120, "small", "Imprimerie|Impressions|Arts graphiques"),
    Trade("31.01Z", "industry", 3, 140, "small", "Mobilier|Agencement"),
    Trade("31.09B", "industry", 3, 110, "small", "Ébénisterie|Meubles"),
    Trade("26.51B", "industry", 3, 200, "medium", "Instruments|Mesure|Instrumentation"),
    Trade("27.12Z", "industry", 3, 210, "large", "Électrotechnique|Tableaux électriques"),
    Trade("20.59Z", "industry", 3, 330, "medium", "Chimie|Formulation"),
    Trade("32.50A", "industry", 3, 150, "medium", "Médical|Dispositifs médicaux|Prothèses"),
    Trade("23.61Z", "industry", 2, 170, "medium", "Préfabrication|Béton"),
    Trade("14.13Z", "industry", 2, 95, "small", "Confection|Ateliers de couture"),
    Trade("10.39B", "industry", 2, 240, "medium", "Conserves|Confitures"),
    Trade("10.13A", "industry", 3, 230, "medium", "Salaisons|Charcuteries"),
    Trade("11.02B", "industry", 4, 260, "small", "Caves|Vignobles"),
    Trade("46.69B", "wholesale", 12, 420, "small", "Fournitures industrielles|Équipements|Outillage"),
    Trade("46.73A", "wholesale", 7, 430, "small", "Matériaux|Négoce|Bois et matériaux"),
    Trade("46.74B", "wholesale", 4, 380, "small", "Sanitaire distribution|Chauffage distribution"),
    Trade("46.51Z", "wholesale", 4, 550, "small", "Matériel informatique|Distribution"),
    Trade("46.52Z", "wholesale", 4, 480, "small", "Composants|Électronique distribution"),
    Trade("46.34Z", "wholesale", 4, 620, "small", "Boissons|Vins"),
    Trade("46.31Z", "wholesale", 4, 600, "small", "Primeurs|Fruits et légumes"),
    Trade("46.46Z", "wholesale", 2, 850, "medium", "Pharma distribution|Répartition"),
    Trade("46.90Z", "wholesale", 6, 390, "micro", "Négoce|Import Export|Distribution|Trading"),
    Trade("46.75Z", "wholesale", 2, 700, "small", "Produits chimiques|Solvants"),
    Trade("62.01Z", "tech", 26, 125, "small", "Logiciels|Développement|Software|Digital"),
    Trade("62.02A", "tech", 22, 130, "small", "Conseil|Systèmes|Informatique|Consulting"),
    Trade("62.03Z", "tech", 4, 140, "small", "Infogérance|Infrastructures"),
    Trade("62.09Z", "tech", 5, 115, "micro", "Services informatiques|Numérique"),
    Trade("58.29C", "tech", 10, 160, "small", "Logiciels|Software|Éditions"),
    Trade("63.11Z", "tech", 7, 150, "small", "Data|Hébergement|Cloud"),
    Trade("63.12Z", "tech", 3, 140, "micro", "Portail|Médias|Web"),
    Trade("61.90Z", "tech", 4, 220, "small", "Télécoms|Réseaux"),
    Trade("72.19Z", "tech", 4, 90, "small", "Recherche|Laboratoires|Labs"),
    Trade("71.12B", "engineering", 20, 120, "small", "Ingénierie|Études|Bureau d'études"),
    Trade("71.20B", "engineering", 4, 95, "small", "Contrôle|Analyses|Essais"),
    Trade("71.11Z", "engineering", 8, 100, "micro", "Architectes|Architecture"),
    Trade("69.20Z", "office", 11, 90, "small", "Expertise comptable|Audit|Expertise"),
    Trade("69.10Z", "office", 10, 110, "micro", "Avocats|Notaires"),
    Trade("70.22Z", "advice", 22, 115, "solo", "Conseil|Consulting|Stratégie|Conseil et formation"),
    Trade("73.11Z", "advice", 10, 130, "micro", "Communication|Publicité|Création"),
    Trade("73.20Z", "advice", 2, 110, "small", "Études de marché|Sondages"),
    Trade("74.10Z", "advice", 5, 70, "solo", "Design|Studio"),
    Trade("78.10Z", "advice", 3, 100, "micro", "Recrutement|Talents"),
    Trade("85.59A", "advice", 10, 80, "micro", "Formation|Formations|Compétences"),
    Trade("66.22Z", "office", 7, 120, "micro", "Assurances|Courtage"),
    Trade("86.21Z", "health", 5, 140, "solo", "Cabinet médical|Maison de santé", "5485"),
    Trade("86.23Z", "health", 6, 150, "micro", "Cabinet dentaire|Centre dentaire", "5485"),
    Trade("47.73Z", "health", 10, 300, "small", "Pharmacie|Grande Pharmacie", "5485"),
    Trade("86.10Z", "health", 2, 95, "large", "Clinique|Polyclinique", "5710"),
    Trade("87.10A", "health", 4, 55, "medium", "Résidence|Les Jardins", "5710"),
    Trade("86.90A", "health", 3, 65, "small", "Ambulances|Ambulances Taxis", "5499"),
    Trade("86.90E", "health", 4, 60, "solo", "Kinésithérapie|Centre de rééducation", "5785"),
    Trade("75.00Z", "health", 4, 110, "micro", "Clinique vétérinaire|Cabinet vétérinaire", "5485"),
    Trade("68.31Z", "property", 9, 110, "micro", "Immobilier|Agence|Transactions"),
    Trade("68.32A", "property", 4, 85, "small", "Syndic|Gestion|Gérance"),
    Trade("41.10A", "property", 4, 420, "micro", "Promotion|Habitat"),
    Trade("68.20B", "estate", 9, 60, "solo", "Immobilière|Les Terrasses", "6540"),
    Trade("64.20Z", "holding", 12, 250, "solo", "Holding|Participations", ""),
    Trade("70.10Z", "holding", 10, 200, "micro", "Groupe|Gestion", ""),
    Trade("81.21Z", "services", 10, 40, "medium", "Nettoyage|Propreté|Services"),
    Trade("81.30Z", "services", 9, 75, "micro", "Paysages|Espaces verts|Jardins"),
    Trade("80.10Z", "services", 5, 45, "medium", "Sécurité|Gardiennage|Protection"),
    Trade("78.20Z", "services", 3, 45, "large", "Intérim|Emploi"),
    Trade("77.32Z", "services", 3, 190, "small", "Location|Matériels"),
    Trade("38.32Z", "services", 4, 210, "small", "Recyclage|Récupération|Environnement"),
    Trade("35.11Z", "services", 4, 350, "solo", "Énergies|Solaire|Éolien"),
    Trade("94.99Z", "association", 28, 0, "solo", "Comité des fêtes|Amicale laïque|Foyer rural|Union des commerçants"),
    Trade("93.12Z", "association", 14, 0, "solo", "Football Club|Judo Club|Tennis Club|Union sportive|Basket Club"),
    Trade("88.10A", "association", 6, 0, "medium", "Aide à domicile|Services à domicile"),
    Trade("85.52Z", "association", 6, 0, "micro", "École de musique|Atelier théâtre|Harmonie municipale"),
    Trade("90.01Z", "association", 7, 0, "solo", "Festival|Compagnie théâtrale|Les Amis du patrimoine"),
    Trade("84.11Z", "public", 25, 0, "small", "Commune", "7210"),
    Trade("84.11Z", "public", 6, 0, "medium", "Communauté de communes", "7346"),
    Trade("88.99B", "public", 5, 0, "small", "Centre communal d'action sociale", "7361"),
    Trade("36.00Z", "public", 4, 0, "small", "Syndicat intercommunal des eaux", "7353"),
)

# the legal forms of each sector; a sector that is not here takes those of "company"
FORMS = {
    "company": (
        Form("5499", 50, "SARL", 0.13),
        Form("5710", 38, "SAS", 0.05),
        Form("5599", 3, "SA", 0.02),
        Form("5202", 1, "SNC", 0.2),
    ),
    "farm": (Form("6598", 5, "EARL", 0.85), Form("6533", 3, "GAEC", 0.95), Form("6597", 3, "SCEA", 0.85)),
    "estate": (Form("6540", 1, "SCI", 0.9),),
    "association": (Form("9220", 1, "Association", 0.35),),
}
LARGE_FORMS = (Form("5710", 6), Form("5599", 4), Form("5499", 2))
SOLE_TRADER = "1000"
SOLE_TRADERS = frozenset({"building", "shop", "table", "transport", "advice", "office", "services", "farm"})

# names, as weighted patterns: {word} is the trade's, {town}, {of_town} and {land} the place's
PATTERNS = {
    "craft": """
        7 {word} {surname}; 5 {word} {surname} et Fils; 2 {word} {surname} Frères; 4 {word} {first} {surname}
        4 {surname} {word}; 4 {brand} {word}; 3 {letters} {word} {land}; 2 {letters} {word}; 3 {word} {surname} {land}
        1 Établissements {surname}; 1 Entreprise {surname} {word}; 2 {surname} et {surname}; 3 {brand}; 2 {brand} {town}
    """,
    "shop": """
        5 {word} {surname}; 3 {word} {fancy}; 1 {fancy}; 3 {word} {town} {fancy}; 5 {brand} {word}; 1 {surname} et Fils
        5 {word} {first} {surname}; 2 {letters} {word}; 3 {surname} {word}; 3 {brand} {town}; 3 {surname} {word} {town}
    """,
    "table": """
        4 {word} {fancy}; 1 {fancy}; 6 {fancy} {of_town}; 3 {word} {surname}; 2 Chez {first} {surname}; 3 {brand}
        4 {fancy} {land}; 4 {word} {fancy} {of_town}; 3 {brand} {word}; 2 {surname} {first}
    """,
    "farm": """
        4 {word} {surname}; 1 {fancy}; 3 {fancy} {land}; 3 {surname} et Fils; 3 {surname} {first}; 2 {word} {fancy}
        3 {word} {of_town}; 2 {fancy} {of_town}
    """,
    "firm": """
        5 {word} {surname}; 7 {brand} {word}; 4 {surname} {word}; 4 {brand}; 3 {letters} {word} {town}
        3 {letters} {word}; 1 {word} {land}; 1 Établissements {surname}; 2 Société {surname} {word}; 4 {brand} {town}
        4 {word} {first} {surname}; 2 {word} {surname} et Fils; 1 Ateliers {surname}; 3 {word} {surname} {land}
        4 {word} {surname} et {surname}
    """,
    "tech": """
        7 {brand}; 8 {brand} {word}; 2 {letters} {word}; 3 {surname} {word}; 1 {letters} {word} {land}; 3 {brand} {land}
        4 {brand} {town}; 4 {first} {surname} {word}
    """,
    "advice": """
        5 Cabinet {surname} {word}; 5 {first} {surname} {word}; 2 {surname} et Associés; 6 {brand} {word}; 2 {brand}
        2 {letters} {word}; 3 {surname} {word}; 3 {surname} {surname} {word}; 2 {surname} {surname} et Associés
    """,
    "health": """
        4 {word} {fancy}; 5 {word} {surname}; 6 {word} {of_town} {fancy}; 1 {word} {of_town}
        3 {word} {surname} {surname}; 4 {word} {first} {surname}
    """,
    "estate": """
        2 {fancy}; 3 {surname}; 4 {first} {surname}; 4 {fancy} {of_town}; 3 {letters} {surname}; 3 {fancy} {land}
        4 {surname} {surname}
    """,
    "holding": """
        4 Groupe {surname}; 5 {brand} Holding; 3 Holding {surname}; 2 Financière {surname}; 2 {surname} Participations
        5 Financière {brand}; 2 {letters} Participations; 4 Groupe {brand}; 3 {letters} {surname} Holding
        5 {first} {surname} Holding
    """,
    "place": "1 {word} {of_town}",
    "club": "7 {word} {of_town}; 3 {word} {first} {surname} {of_town}; 1 {word} {land}",
}
SOLE_PATTERN = "3 {surname} {first}; 2 {surname} {first} {word}"
STYLES = {
    "building": "craft", "shop": "shop", "table": "table", "farm": "farm", "transport": "firm", "industry": "firm",
    "wholesale": "firm", "tech": "tech", "engineering": "tech", "advice": "advice", "office": "advice",
    "health": "health", "property": "firm", "estate": "estate", "holding": "holding", "services": "firm",
    "association": "club", "public": "place",
}  # fmt: skip
RURAL = {"public": 1.0, "association": 0.8, "farm": 0.9}  # the share of a sector that sits in a village

# INSEE's headcount brackets: the first headcount of each, and its code
BRACKETS = (
    (1, "01"), (3, "02"), (6, "03"), (10, "11"), (20, "12"), (50, "21"), (100, "22"), (200, "31"), (250, "32"),
    (500, "41"), (1000, "42"), (2000, "51"), (5000, "52"), (10000, "53"),
)  # fmt: skip
NO_EMPLOYEE = "NN"
