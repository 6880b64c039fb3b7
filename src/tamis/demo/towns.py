"""French towns with their postal codes and weight, and how a name says where its company works."""

from dataclasses import dataclass

from tamis.demo.tables import phrases

# name; inhabitants in thousands (business districts count for more); postal codes, the first being the centre's
TOWNS_TABLE = """
Paris; 2100; 75001 75002 75003 75008 75009 75010 75011 75012 75013 75014 75015 75016 75017 75018 75019 75020
Marseille; 870; 13001 13002 13003 13004 13005 13006 13007 13008 13009 13010 13011 13012 13013 13014 13015 13016
Lyon; 520; 69001 69002 69003 69004 69005 69006 69007 69008 69009
Toulouse; 500; 31000 31100 31200 31300 31400 31500
Nice; 340; 06000 06100 06200 06300
Nantes; 320; 44000 44100 44200 44300
Montpellier; 300; 34000 34070 34080 34090
Strasbourg; 290; 67000 67100 67200
Bordeaux; 260; 33000 33100 33200 33300 33800
Lille; 235; 59000 59800
Rennes; 220; 35000 35200 35700
Reims; 180; 51100
Toulon; 180; 83000 83100 83200
Saint-Étienne; 172; 42000 42100
Le Havre; 166; 76600 76610 76620
Grenoble; 158; 38000 38100
Dijon; 158; 21000
Angers; 156; 49000 49100
Villeurbanne; 156; 69100
Saint-Denis; 153; 97400
Nîmes; 148; 30000 30900
Clermont-Ferrand; 147; 63000 63100
Aix-en-Provence; 147; 13090 13100
Le Mans; 145; 72000 72100
Brest; 140; 29200
Tours; 137; 37000 37100 37200
Amiens; 134; 80000 80080 80090
Annecy; 130; 74000
Limoges; 130; 87000 87100 87280
Metz; 120; 57000 57050 57070
Boulogne-Billancourt; 120; 92100
Perpignan; 119; 66000 66100
Besançon; 118; 25000
Orléans; 117; 45000 45100
Rouen; 114; 76000 76100
Saint-Denis; 113; 93200 93210
Montreuil; 111; 93100
Argenteuil; 108; 95100
Caen; 107; 14000
Mulhouse; 107; 68100 68200
Nancy; 105; 54000 54100
Tourcoing; 98; 59200
Roubaix; 98; 59100
Nanterre; 96; 92000
Vitry-sur-Seine; 95; 94400
Créteil; 93; 94000
Avignon; 90; 84000
Poitiers; 90; 86000
Aubervilliers; 88; 93300
Asnières-sur-Seine; 86; 92600
Colombes; 86; 92700
Dunkerque; 86; 59140 59240
Versailles; 84; 78000
Courbevoie; 82; 92400
Rueil-Malmaison; 80; 92500
Béziers; 79; 34500
Cherbourg-en-Cotentin; 78; 50100
La Rochelle; 78; 17000
Pau; 76; 64000
Fort-de-France; 76; 97200
Saint-Maur-des-Fossés; 75; 94100
Cannes; 74; 06400
Antibes; 73; 06600
Mérignac; 72; 33700
Saint-Nazaire; 72; 44600
Ajaccio; 71; 20000
Colmar; 68; 68000
Issy-les-Moulineaux; 68; 92130
Noisy-le-Grand; 68; 93160
Calais; 68; 62100
Évry-Courcouronnes; 66; 91000
Vénissieux; 66; 69200
Cergy; 66; 95000 95800
Levallois-Perret; 66; 92300
Cayenne; 65; 97300
Valence; 64; 26000
Bourges; 64; 18000
Pessac; 63; 33600
Ivry-sur-Seine; 63; 94200
Quimper; 63; 29000
Clichy; 62; 92110
Troyes; 62; 10000
Villeneuve-d'Ascq; 62; 59650
Antony; 61; 92160
Montauban; 61; 82000
Neuilly-sur-Seine; 60; 92200
Niort; 59; 79000
Chambéry; 59; 73000
Pantin; 59; 93500
Lorient; 57; 56100
Beauvais; 56; 60000
Meaux; 56; 77100
Hyères; 55; 83400
Narbonne; 55; 11100
Cholet; 54; 49300
La Roche-sur-Yon; 54; 85000
Vannes; 54; 56000
Fréjus; 54; 83600
Saint-Quentin; 53; 02100
Bayonne; 52; 64100
Saint-Ouen-sur-Seine; 52; 93400
Vaulx-en-Velin; 52; 69120
Arles; 51; 13200
Laval; 50; 53000
Massy; 50; 91300
Albi; 49; 81000
Grasse; 49; 06130
Saint-Priest; 48; 69800
Saint-Herblain; 48; 44800
Bastia; 48; 20200
Gennevilliers; 48; 92230
Martigues; 48; 13500
Évreux; 47; 27000
Aubagne; 47; 13400
Saint-Malo; 47; 35400
Charleville-Mézières; 46; 08000
Brive-la-Gaillarde; 46; 19100
Carcassonne; 46; 11000
Belfort; 46; 90000
Blois; 46; 41000
Chalon-sur-Saône; 45; 71100
Salon-de-Provence; 45; 13300
Saint-Germain-en-Laye; 45; 78100
Saint-Brieuc; 44; 22000
Châlons-en-Champagne; 44; 51000
Sète; 44; 34200
Mantes-la-Jolie; 44; 78200
Tarbes; 43; 65000
Rezé; 43; 44400
Caluire-et-Cuire; 43; 69300
Châteauroux; 43; 36000
Valenciennes; 43; 59300
Bourg-en-Bresse; 42; 01000
Arras; 42; 62000
Angoulême; 42; 16000
Alès; 42; 30100
Bron; 42; 69500
Castres; 42; 81100
Melun; 42; 77000
Compiègne; 41; 60200
Gap; 41; 05000
Thionville; 41; 57100
Boulogne-sur-Mer; 40; 62200
Douai; 40; 59500
Draguignan; 40; 83300
Chartres; 39; 28000
Colomiers; 39; 31770
Villefranche-sur-Saône; 37; 69400
Annemasse; 37; 74100
Palaiseau; 37; 91120
Creil; 36; 60100
Échirolles; 36; 38130
Thonon-les-Bains; 36; 74200
Auxerre; 35; 89000
Roanne; 35; 42300
Haguenau; 35; 67500
Montluçon; 34; 03100
Mâcon; 34; 71000
Vitrolles; 34; 13127
Schiltigheim; 34; 67300
Agen; 33; 47000
Nevers; 33; 58000
Épinal; 32; 88000
Auch; 32; 32000
Montigny-le-Bretonneux; 32; 78180
Dreux; 31; 28100
Périgueux; 30; 24000
Mont-de-Marsan; 30; 40000
Vienne; 30; 38200
Dieppe; 29; 76200
Soissons; 28; 02200
Illkirch-Graffenstaden; 27; 67400
Alençon; 26; 61000
Aurillac; 26; 15000
Saumur; 26; 49400
Bergerac; 26; 24100
Saintes; 25; 17100
Vichy; 25; 03200
Montbéliard; 25; 25200
Libourne; 25; 33500
Blagnac; 25; 31700
Les Ulis; 25; 91940
Laon; 24; 02000
Rodez; 24; 12000
Dole; 24; 39100
Saint-Dizier; 23; 52100
Oyonnax; 22; 01100
Chaumont; 22; 52000
Vélizy-Villacoublay; 22; 78140
Dax; 21; 40100
Cahors; 20; 46000
Moulins; 20; 03000
Lisieux; 20; 14100
Fougères; 20; 35300
Lannion; 20; 22300
Concarneau; 20; 29900
Le Puy-en-Velay; 19; 43000
Saint-Lô; 19; 50000
Meylan; 18; 38240
Vitré; 18; 35500
Verdun; 17; 55100
Lons-le-Saunier; 17; 39000
Cluses; 17; 74300
Mauguio; 17; 34130
Lattes; 17; 34970
Digne-les-Bains; 16; 04000
Les Herbiers; 16; 85500
Vesoul; 15; 70000
Bar-le-Duc; 15; 55000
Pointe-à-Pitre; 15; 97110
Tulle; 14; 19000
Guéret; 13; 23000
Valbonne; 13; 06560
Mende; 12; 48000
Arcachon; 11; 33120
Foix; 10; 09000
Rungis; 9; 94150
Roissy-en-France; 8; 95700
Labège; 8; 31670
"""

LANDS = {
    "01": "de l'Ain", "02": "de l'Aisne", "03": "du Bourbonnais", "04": "de Haute-Provence", "05": "des Écrins",
    "06": "de la Riviera", "08": "des Ardennes", "09": "du Couserans", "10": "de l'Aube", "11": "des Corbières",
    "12": "du Rouergue", "13": "des Alpilles", "14": "du Bessin", "15": "du Cantal", "16": "de la Charente",
    "17": "d'Aunis", "18": "du Berry", "19": "de la Corrèze", "20": "de Corse", "21": "des Ducs", "22": "du Trégor",
    "23": "de la Creuse", "24": "du Périgord", "25": "du Doubs", "26": "de la Drôme", "27": "de l'Eure",
    "28": "de la Beauce", "29": "de Cornouaille", "30": "des Cévennes", "31": "du Lauragais", "32": "de Gascogne",
    "33": "du Médoc", "34": "de l'Hérault", "35": "de Brocéliande", "36": "de l'Indre", "37": "de Touraine",
    "38": "du Dauphiné", "39": "du Jura", "40": "des Landes", "41": "de Sologne", "42": "du Forez", "43": "du Velay",
    "44": "de l'Estuaire", "45": "du Gâtinais", "46": "du Quercy", "47": "de la Garonne", "48": "de la Lozère",
    "49": "de l'Anjou", "50": "du Cotentin", "51": "de Champagne", "52": "de la Haute-Marne", "53": "de la Mayenne",
    "54": "de Lorraine", "55": "de la Meuse", "56": "du Morbihan", "57": "de la Moselle", "58": "du Nivernais",
    "59": "des Flandres", "60": "de l'Oise", "61": "du Perche", "62": "de l'Artois", "63": "des Volcans",
    "64": "du Béarn", "65": "de Bigorre", "66": "du Roussillon", "67": "du Ried", "68": "du Sundgau",
    "69": "du Beaujolais", "70": "de la Haute-Saône", "71": "du Charolais", "72": "du Maine", "73": "de Savoie",
    "74": "du Léman", "75": "de la Capitale", "76": "du Pays de Caux", "77": "de la Brie", "78": "des Yvelines",
    "79": "du Marais", "80": "de la Somme", "81": "du Tarn", "82": "du Quercy Vert", "83": "du Var",
    "84": "du Ventoux", "85": "de Vendée", "86": "du Poitou", "87": "du Limousin", "88": "des Vosges",
    "89": "de l'Yonne", "90": "du Lion", "91": "du Hurepoix", "92": "des Hauts-de-Seine", "93": "de la Plaine",
    "94": "des Bords de Marne", "95": "du Vexin", "97": "des Îles",
}  # fmt: skip

CRAFT_ROADS = phrases(
    """
    rue de la République; rue Victor Hugo; rue Jean Jaurès; rue Pasteur; rue Gambetta; rue des Lilas; rue du Moulin
    rue de l'Église; rue des Écoles; rue de la Gare; rue du Stade; rue des Tilleuls; rue du Marché; rue Émile Zola
    rue des Acacias; rue du Général de Gaulle; rue du Maréchal Foch; rue Saint-Martin; rue Nationale; rue Voltaire
    rue Marcel Pagnol; rue des Primevères; rue du Lavoir; rue de Verdun; rue Louise Michel; rue Georges Brassens
    rue Jules Ferry; rue Anatole France; rue du Port; rue de Bretagne; rue des Jardins; rue Pierre Curie; rue Molière
    avenue de la Libération; avenue Foch; avenue du Général Leclerc; avenue Jean Moulin; avenue de Paris
    avenue des Platanes; avenue Charles de Gaulle; avenue Simone Veil; avenue Aristide Briand; avenue de la Paix
    boulevard Carnot; boulevard de Strasbourg; boulevard Voltaire; boulevard Gambetta; boulevard des Alliés
    place de la Mairie; place du Marché; place de la République; place Saint-Pierre; place des Halles
    chemin des Vignes; chemin du Bois; chemin de la Fontaine; chemin des Prés; impasse des Roses; impasse du Puits
    allée des Chênes; allée des Érables; allée Joséphine Baker; quai de la Loire; quai des Chartrons; cours Lafayette
    route de Lyon; route de Paris; route Nationale; route de la Forêt; passage des Tanneurs; faubourg Saint-Antoine
"""
)

WORKS_ROADS = phrases(
    """
    rue de l'Industrie; rue des Artisans; rue Gustave Eiffel; rue Denis Papin; rue Ampère; rue Lavoisier
    rue des Entrepreneurs; rue Blaise Pascal; rue Louis Blériot; rue Marie Curie; rue Nicolas Appert; rue Clément Ader
    avenue de l'Europe; avenue Roland Garros; avenue du Progrès; boulevard de l'Innovation; allée de l'Énergie
    zone industrielle Nord; zone industrielle de la Plaine; zone artisanale des Forges; zone artisanale du Parc
    parc d'activités des Pins; parc d'activités de la Vallée; route de la Zone Industrielle; chemin de la Sablière
"""
)


@dataclass(frozen=True, slots=True)
class Town:
    """A town: its postal codes, and the words by which names and domains say it."""

    name: str
    thousands: int
    postal_codes: tuple[str, ...]

    @property
    def land(self) -> str:
        """The country around it, with its article: « du Morbihan »."""
        return LANDS[self.postal_codes[0][:2]]


def of_place(place: str) -> str:
    """The place after « de »: « de Lyon », « d'Angers », « du Mans », « des Ulis »."""
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if place.startswith(article):
            return contracted + place.removeprefix(article)
    return f"d'{place}" if place[0] in "AÂEÉÈÊIÎOÔUYH" and not place.startswith("Haguenau") else f"de {place}"


def _town(row: str) -> Town:
    name, thousands, codes = row.split(";")
    return Town(name, int(thousands), tuple(codes.split()))


TOWNS = tuple(_town(row) for row in TOWNS_TABLE.strip().splitlines())
SMALL_TOWNS = tuple(town for town in TOWNS if town.thousands < 60 and len(town.postal_codes) == 1)
