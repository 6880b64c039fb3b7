"""Places in company names: regions, departments and larger towns, with the short forms people write for them.

A place on one side only is a word like another, and a weak one; two different places on the two sides contradict each
other, unless one contains the other (Lyon, Rhône, Auvergne-Rhône-Alpes). Source: INSEE, code officiel géographique.
"""

from dataclasses import dataclass

# Region, its short forms, its departments' codes. Regions from before 2016 are still written everywhere.
_REGIONS = """
auvergne rhone alpes/aura/ara = 01 03 07 15 26 38 42 43 63 69 73 74
rhone alpes = 01 07 26 38 42 69 73 74
auvergne = 03 15 43 63
bourgogne franche comte/bfc = 21 25 39 58 70 71 89 90
bourgogne = 21 58 71 89
franche comte = 25 39 70 90
bretagne/bzh = 22 29 35 56
centre val de loire/cvl = 18 28 36 37 41 45
corse = 2a 2b
grand est = 08 10 51 52 54 55 57 67 68 88
alsace = 67 68
lorraine = 54 55 57 88
champagne ardenne = 08 10 51 52
hauts de france/hdf = 02 59 60 62 80
nord pas de calais/npdc = 59 62
picardie = 02 60 80
ile de france/idf/region parisienne = 75 77 78 91 92 93 94 95
normandie = 14 27 50 61 76
basse normandie = 14 50 61
haute normandie = 27 76
nouvelle aquitaine = 16 17 19 23 24 33 40 47 64 79 86 87
aquitaine = 24 33 40 47 64
limousin = 19 23 87
poitou charentes/poitou charente = 16 17 79 86
occitanie = 09 11 12 30 31 32 34 46 48 65 66 81 82
languedoc roussillon = 11 30 34 48 66
midi pyrenees = 09 12 31 32 46 65 81 82
pays de la loire/pdl/pays de loire = 44 49 53 72 85
provence alpes cote d azur/paca/sud paca = 04 05 06 13 83 84
provence = 04 13 83 84
cote d azur = 06 83
guadeloupe = 971
martinique = 972
guyane = 973
la reunion/reunion = 974
mayotte = 976
nouvelle caledonie = 988
"""

_DEPARTMENTS = """
01 ain|02 aisne|03 allier|04 alpes de haute provence|05 hautes alpes|06 alpes maritimes|07 ardeche|08 ardennes|09 ariege
10 aube|11 aude|12 aveyron|13 bouches du rhone|14 calvados|15 cantal|16 charente|17 charente maritime|18 cher|19 correze
2a corse du sud|2b haute corse|21 cote d or|22 cotes d armor|23 creuse|24 dordogne|25 doubs|26 drome|27 eure
28 eure et loir|29 finistere|30 gard|31 haute garonne|32 gers|33 gironde|34 herault|35 ille et vilaine|36 indre
37 indre et loire|38 isere|39 jura|40 landes|41 loir et cher|42 loire|43 haute loire|44 loire atlantique|45 loiret
46 lot
47 lot et garonne|48 lozere|49 maine et loire|50 manche|51 marne|52 haute marne|53 mayenne|54 meurthe et moselle
55 meuse
56 morbihan|57 moselle|58 nievre|59 nord|60 oise|61 orne|62 pas de calais|63 puy de dome|64 pyrenees atlantiques
65 hautes pyrenees|66 pyrenees orientales|67 bas rhin|68 haut rhin|69 rhone|70 haute saone|71 saone et loire|72 sarthe
73 savoie|74 haute savoie|75 paris|76 seine maritime|77 seine et marne|78 yvelines|79 deux sevres|80 somme|81 tarn
82 tarn et garonne|83 var|84 vaucluse|85 vendee|86 vienne|87 haute vienne|88 vosges|89 yonne|90 territoire de belfort
91 essonne|92 hauts de seine|93 seine saint denis|94 val de marne|95 val d oise
"""

_TOWNS = """
01 bourg en bresse oyonnax|02 laon saint quentin soissons|03 moulins montlucon vichy|04 digne manosque|05 gap briancon
06 nice cannes antibes grasse menton sophia antipolis|07 privas annonay|08 charleville mezieres sedan|10 troyes
11 carcassonne narbonne
12 rodez millau|13 marseille aix en provence arles aubagne salon de provence|14 caen lisieux|15 aurillac
16 angouleme cognac
17 la rochelle saintes rochefort royan|18 bourges vierzon|19 tulle brive|2a ajaccio|2b bastia|21 dijon beaune
22 saint brieuc lannion
23 gueret|24 perigueux bergerac|25 besancon montbeliard pontarlier|26 valence montelimar|27 evreux vernon
28 chartres dreux
29 quimper brest morlaix|30 nimes ales|31 toulouse blagnac colomiers|32 auch
33 bordeaux merignac pessac arcachon libourne
34 montpellier beziers sete|35 rennes saint malo fougeres|36 chateauroux|37 tours|38 grenoble vienne voiron
39 lons le saunier dole
40 mont de marsan dax|41 blois|42 saint etienne roanne|43 le puy|44 nantes saint nazaire|45 orleans montargis|46 cahors
47 agen|48 mende|49 angers cholet saumur|50 saint lo cherbourg|51 chalons reims epernay|52 chaumont|53 laval|54 nancy
55 bar le duc verdun
56 vannes lorient|57 metz thionville|58 nevers|59 lille roubaix tourcoing dunkerque valenciennes douai cambrai
60 beauvais compiegne creil
61 alencon|62 arras calais boulogne sur mer lens bethune|63 clermont ferrand|64 pau bayonne biarritz
65 tarbes lourdes|66 perpignan
67 strasbourg haguenau|68 mulhouse colmar|69 lyon villeurbanne venissieux|70 vesoul|71 macon chalon sur saone|72 le mans
73 chambery aix les bains|74 annecy annemasse|76 rouen le havre dieppe|77 melun meaux|78 versailles|79 niort
80 amiens|81 albi castres|82 montauban|83 toulon frejus draguignan hyeres|84 avignon orange|85 la roche sur yon
86 poitiers|87 limoges|88 epinal|89 auxerre|90 belfort|91 evry|92 nanterre boulogne billancourt courbevoie
93 bobigny montreuil|94 creteil vincennes|95 pontoise cergy argenteuil
"""
_TOWNS_OF_SEVERAL_WORDS = """
bourg en bresse|saint quentin|sophia antipolis|charleville mezieres|aix en provence|salon de provence|la rochelle
saint brieuc
saint malo|lons le saunier|mont de marsan|saint etienne|le puy|saint nazaire|saint lo|bar le duc|boulogne sur mer
clermont ferrand|chalon sur saone|le mans|aix les bains|le havre|la roche sur yon|boulogne billancourt
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A place by its usual name, and the departments it covers, or the one it lies in."""

    name: str
    departments: frozenset[str]
    town: bool = False

    def meets(self, other: "Place") -> bool:
        """Whether one of the two places lies within the other."""
        if self.name == other.name:
            return True
        if self.town and other.town:
            return False
        within, around = sorted((self, other), key=lambda place: (not place.town, len(place.departments)))
        return within.departments <= around.departments


def _places() -> dict[str, Place]:
    places: dict[str, Place] = {}
    for entry in _entries(_TOWNS):
        code, towns = entry.split(" ", 1)
        places |= {town: Place(town, frozenset({code}), town=True) for town in _towns(towns)}
    for entry in _entries(_DEPARTMENTS):
        code, name = entry.split(" ", 1)
        places[name] = Place(name, frozenset({code}))
    for line in _REGIONS.strip().splitlines():
        names, codes = line.split(" = ")
        first, *_ = all_names = names.split("/")
        places |= dict.fromkeys(all_names, Place(first, frozenset(codes.split())))
    return {name: place for name, place in places.items() if name not in _ALSO_WORDS}


def _entries(text: str) -> list[str]:
    return text.strip().replace("\n", "|").split("|")


def _towns(text: str) -> list[str]:
    found = [name for name in _entries(_TOWNS_OF_SEVERAL_WORDS) if name in text]
    for name in found:
        text = text.replace(name, "")
    return found + text.split()


# Places whose name is first of all something else in a company's name.
_ALSO_WORDS = frozenset({"nord", "orange", "macon", "moulins", "lot", "cher", "manche", "reunion"})

PLACES = _places()
DEPARTMENTS = {
    code: place
    for place in PLACES.values()
    if len(place.departments) == 1 and not place.town
    for code in place.departments
}
