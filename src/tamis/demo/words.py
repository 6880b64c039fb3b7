"""The words company names are made of; accents and all, for the register's capitals are derived from them."""

from tamis.demo.tables import phrases, words

FIRST_NAMES = words(
    """
    Adrien Agnès Alain Alexandre Alice Amandine Amélie André Anne Antoine Arnaud Aurélie Baptiste Béatrice Benjamin
    Benoît Bernard Brigitte Bruno Camille Caroline Catherine Cédric Céline Chantal Charlotte Christelle Christian
    Christophe Claire Claude Claudine Clément Corinne Cyril Damien Daniel David Delphine Denis Didier Dominique
    Édouard Élise Élodie Émilie Emmanuel Éric Estelle Étienne Fabien Fabrice Fanny Florence Florian François
    Françoise Franck Frédéric Gabriel Gaëlle Gérard Gilles Grégory Guillaume Guy Hélène Henri Hervé Hugo Isabelle
    Jacques Jean Jérémy Jérôme Joël Jonathan Joseph Julie Julien Justine Karine Kévin Laetitia Laura Laurence
    Laurent Léa Lionel Loïc Louis Luc Lucas Lucie Ludovic Magali Manon Marc Marcel Marie Marine Marion Martine
    Mathieu Maxime Mélanie Michel Mickaël Monique Muriel Myriam Nadia Nathalie Nicolas Nicole Olivier Pascal Patrice
    Patricia Patrick Paul Pauline Philippe Pierre Quentin Raphaël Raymond Régis Rémi René Richard Robert Rodolphe
    Roger Romain Sabrina Samuel Sandrine Sébastien Serge Simon Sophie Stéphane Stéphanie Sylvain Sylvie Thibault
    Thierry Thomas Valérie Valentin Véronique Victor Vincent Virginie Xavier Yann Yannick Yves Yvan Jean-Pierre
    Jean-Luc Jean-Marc Jean-Paul Jean-Claude Marie-Claude Anne-Marie Marie-Laure Jean-François Jean-Michel Mohamed
    Karim Rachid Samir Fatima Leïla Ahmed Mehdi Nadège Inès
    """
)

SURNAMES = phrases(
    """
    Martin;Bernard;Thomas;Petit;Robert;Richard;Durand;Dubois;Moreau;Laurent;Simon;Michel;Lefebvre;Leroy;Roux;David
    Bertrand;Morel;Fournier;Girard;Bonnet;Dupont;Lambert;Fontaine;Rousseau;Vincent;Muller;Lefèvre;Faure;André
    Mercier;Blanc;Guérin;Boyer;Garnier;Chevalier;François;Legrand;Gauthier;Garcia;Perrin;Robin;Clément;Morin;Nicolas
    Henry;Roussel;Mathieu;Gautier;Masson;Marchand;Duval;Denis;Dumont;Marie;Lemaire;Noël;Meyer;Dufour;Meunier;Brun
    Blanchard;Giraud;Joly;Rivière;Lucas;Brunet;Gaillard;Barbier;Arnaud;Martinez;Gérard;Roche;Renard;Schmitt;Roy
    Leroux;Colin;Vidal;Caron;Picard;Roger;Fabre;Aubert;Lemoine;Renaud;Dumas;Lacroix;Olivier;Philippe;Bourgeois
    Pierre;Benoît;Rey;Leclerc;Payet;Rolland;Leclercq;Guillaume;Lecomte;Lopez;Jean;Dupuy;Guillot;Hubert;Berger
    Carpentier;Sanchez;Dupuis;Moulin;Louis;Deschamps;Huet;Vasseur;Perez;Boucher;Fleury;Royer;Klein;Jacquet;Adam
    Paris;Poirier;Marty;Aubry;Guyot;Carré;Charles;Renault;Charpentier;Ménard;Maillard;Baron;Bertin;Bailly;Hervé
    Schneider;Fernandez;Le Gall;Collet;Léger;Bouvier;Julien;Prévost;Millet;Perrot;Daniel;Le Roux;Cousin;Germain
    Breton;Besson;Langlois;Rémy;Le Goff;Pelletier;Lévêque;Perrier;Leblanc;Barre;Lebrun;Marchal;Weber;Mallet;Hamon
    Boulanger;Jacob;Monnier;Michaud;Rodriguez;Guichard;Gillet;Étienne;Grondin;Poulain;Tessier;Chevallier;Collin
    Chauvin;Da Silva;Bouchet;Gay;Lemaître;Bénard;Maréchal;Humbert;Reynaud;Antoine;Hoarau;Perret;Barthélemy;Cordier
    Pichon;Lejeune;Gilbert;Lamy;Delaunay;Pasquier;Carlier;Laporte;Gros;Buisson;Briand;Alexandre;Georges;Ollivier
    Delmas;Bigot;Guillou;Morvan;Jacques;Besnard;Coulon;Thibault;Allard;Ferrand;Cadet;Vallée;Texier;Gonzalez;Hébert
    Bruneau;Delattre;Albert;Tanguy;Pons;Devaux;Maury;Blondel;Raynaud;Verdier;Rossi;Courtois;Legros;Barbe;Chartier
    Rousset;Leduc;Guilbert;Parent;Launay;Valentin;Ferreira;Marion;Coste;Seguin;Mahé;Lacombe;Regnier;Bodin;Dias
    Bourdon;Evrard;Didier;Sauvage;Chrétien;Toussaint;Delorme;Cohen;Benali;Lebon;Pereira;Mace;Gomez;Santos;Traoré
    Diallo;Nguyen;Haddad;Tran;Moreira;Lopes;Benard;Kieffer;Wagner;Schaeffer;Zimmermann;Abadie;Achard;Alary;Albertini
    Allain;Amiot;Ancel;Andrieu;Ansel;Arnoux;Astier;Aubin;Audouin;Auger;Autret;Avril;Aymard;Bachelet;Baillet;Balland
    Barbot;Bardin;Barreau;Barret;Bastide;Bastien;Baudet;Baudry;Bazin;Beaufils;Beaumont;Bedel;Béguin;Belin;Bellanger
    Bellec;Benoist;Béranger;Bergeron;Berthelot;Berthier;Berthet;Berton;Besse;Billard;Binet;Blin;Blot;Boisson;Bonneau
    Bonnefoy;Bonnin;Bordes;Borel;Bouchard;Boudet;Bouillon;Bouquet;Bourdin;Bourgoin;Bousquet;Bouteiller;Boutin;Brault
    Bray;Bricout;Brossard;Brossier;Brousse;Buffet;Bureau;Burel;Cadoret;Caillaud;Calvet;Camus;Cantin;Capelle;Carette
    Cariou;Castel;Castelain;Cavalier;Chabert;Chabot;Champion;Chanel;Chapelle;Chaput;Charbonnier;Charrier;Chatelain
    Chauvet;Chauveau;Chesneau;Cholet;Claudel;Clavel;Cochet;Cochard;Colas;Colombier;Combes;Comte;Constant;Coquelin
    Cordonnier;Cormier;Cornet;Cornu;Costa;Cottin;Couderc;Coulomb;Coupé;Courbet;Couturier;Crépin;Crouzet;Cuvelier
    Daguet;Damiens;Darras;Dauphin;Debray;Decker;Defrance;Dehais;Delaporte;Delarue;Delcourt;Delcroix;Deléglise
    Delestre;Delhaye;Delmotte;Demange;Denoyelle;Descamps;Desbois;Després;Destombes;Devillers;Doré;Doucet;Drouet
    Drouin;Dubreuil;Duchemin;Duchêne;Duclos;Dufresne;Duhamel;Dujardin;Dulac;Dumoulin;Duprat;Dupré;Dupin;Duquesne
    Durieux;Dutertre;Duvivier;Esnault;Espinasse;Estève;Faivre;Falconnet;Fauvel;Favier;Favre;Félix;Ferrer;Ferrier
    Feuillet;Fischer;Flament;Flandrin;Foulon;Foucault;Fouquet;Fournel;Fraysse;Frémont;Fromentin;Gabriel;Gallet
    Gallois;Garcin;Garreau;Gaudin;Gaultier;Gendron;Genet;Germond;Gilles;Gimenez;Girault;Godard;Godefroy;Godin
    Gonthier;Gosselin;Goujon;Gourdon;Grandjean;Granger;Granier;Gras;Grenier;Grimaud;Gueguen;Guérard;Guignard
    Guillemin;Guillemot;Guinard;Guiraud;Guitton;Hardy;Harel;Hautbois;Hémery;Herbin;Hernandez;Hoffmann;Houdin;Huard
    Hugues;Imbert;Jacquemin;Jacquot;Jamet;Janvier;Jaouen;Jardin;Jeannin;Jolivet;Josse;Jouanneau;Jourdain;Jourdan
    Juillard;Kerneis;Koch;Labbé;Laborde;Lachaud;Lafarge;Laffont;Lafon;Lagarde;Lagrange;Lalanne;Laloux;Landais;Landry
    Langlais;Lapeyre;Laroche;Larue;Lassalle;Latour;Lauga;Lavergne;Lavigne;Lebeau;Le Berre;Leblond;Lebreton;Le Calvez
    Lecocq;Lecoq;Leconte;Ledoux;Lefort;Lefranc;Legay;Léglise;Lelièvre;Lelong;Le Meur;Lemonnier;Lenoir;Lepage;Lepetit
    Leray;Lesueur;Letellier;Levasseur;Lhomme;Loiseau;Lombard;Louvet;Lucet;Luneau;Macé;Magnier;Magnin;Maillot;Mangin
    Manin;Marcel;Marc;Marest;Marquet;Marteau;Massé;Mathis;Maurel;Mauger;Mauriac;Mazet;Mazières;Meignan;Melin;Ménager
    Merle;Mesnard;Michelet;Mignot;Millot;Molina;Monet;Monier;Montagne;Moret;Mouton;Naudin;Neveu;Niel;Noblet;Normand
    Oger;Page;Papin;Pascal;Pasquet;Paulin;Payen;Pelissier;Pellerin;Peltier;Perron;Petitjean;Peyre;Philippon;Piquet
    Pinson;Pineau;Plessis;Poisson;Pommier;Porte;Potier;Pottier;Poulet;Prat;Provost;Pruvost;Pujol;Quentin;Rault
    Ravier;Raymond;Reboul;Redon;Renaudin;Ribeiro;Ricard;Rigaud;Rigal;Rocher;Rodier;Rollin;Romain;Rondeau;Rose
    Rouault;Rougier;Rouillard;Rouvière;Royet;Ruiz;Sabatier;Salaün;Salles;Salmon;Samson;Saulnier;Savary;Schmidt
    Schwartz;Sellier;Sénéchal;Serre;Simonet;Sorel;Soulier;Stephan;Tardieu;Teixeira;Terrier;Thiébaut;Thierry
    Thomasset;Tissot;Tournier;Toutain;Tricot;Tual;Turpin;Vaillant;Valette;Vallet;Varin;Vasset;Verger;Vernet;Viard
    Vial;Viaud;Vigneron;Villain;Villard;Vincenot;Vivier;Voisin;Walter;Winter;Wolff;Yvon;Zanetti;Le Corre;Kerbrat
    Quéré;Riou;Le Bihan;Cadiou;Etcheverry;Etchegaray;Larralde;Casanova;Santoni;Colonna;Vanhoutte;Delannoy;Verhaeghe
    Deprez;Vandamme;Lesage;Sarrazin;Chapuis;Rochette;Gonnet;Ravel;Chomette;Bessière;Cazals
    """
)

# stem and ending make a surname that sounds French and is seldom anybody's
SURNAME_STEMS = words(
    """
    Barb Bell Berl Blanch Boiss Bonn Bord Bouch Bour Brass Bress Brisc Cabr Cand Carr Cast Chab Chamb Champ Chant
    Charb Chav Clav Cor Coud Courb Crosn Dalb Dard Delm Dorm Drog Durv Escoff Fab Farg Fauv Ferr Flam Font Forg
    Fouch Gall Gard Garr Gaud Gerb Gir Gob Gran Grand Grimb Guich Hard Herb Hourd Jall Janv Jol Jouv Lab Lac Lamb
    Lard Lav Lom Lorm Mac Mall Marb March Marl Mass Maub Merl Mign Mont Morl Mouss Nav Norm Oud Pag Parm Pell Perch
    Pess Pich Plant Pons Port Prad Quint Rag Ram Rav Rib Roch Romb Ross Rouv Sabl Sall Sarr Sav Serv Sorb Tabr Tard
    Terr Thev Toull Trav Trouss Vall Vaud Verd Vern Vign Vill Voss
    """
)
SURNAME_MIDDLES = ("", "", "el", "in", "on")
SURNAME_ENDINGS = words(
    """
    ac aillon al and ange ard aud audin ault aut eau elin elle elot enet eray eron et euil ey ier ières igny ille in
    ineau iot oin oire on onnet ot ou oux oy uel
    """
)

BRAND_STARTS = words(
    """
    Al Alti Aqua Arka Arte Astra Aven Axi Bio Calo Cap Céli Ciri Cory Dali Dexi Digi Dyna Éco Elo Ener Ero Exa Fibra
    Flexi Galo Geo Hexa Hydro Iso Ixi Kali Kera Kyo Lexi Lumi Luxo Maxi Meca Medi Mera Milo Navi Neo Nexa Nova Octo
    Omni Opti Ori Oxy Para Pixi Poly Prima Pro Quali Rexo Sara Seno Sigma Silo Sola Spira Stra Syla Syn Tala Techni
    Tera Tilo Tri Uni Valo Vera Vivo Xylo Zeta
    """
)
BRAND_MIDDLES = words(
    """
    ba bri ca ce cla da del do fa fi ga gra la le li lo ma mi mo na ni no pa ri ro sa si so ta ti va vi
    """
)
BRAND_ENDS = words(
    """
    cia com de dis dia fix flor gence gis lane len lia lis logy lys mat max med mia mont nel net nia nis nova phy
    plast pro rel ris rys san sens sia sol sys tec tech thys tis tria val vox xia xis ya zen
    """
)

FANCY_NOUNS = phrases(
    """
    L'Atelier;La Maison;Le Jardin;Le Comptoir;La Halle;Le Moulin;La Source;Le Clos;La Ferme;Le Relais;L'Étoile
    La Cour;Le Pavillon;La Terrasse;Le Petit Marché;La Vallée;Le Verger;La Grange;L'Écluse;Le Phare;La Fontaine
    Le Domaine;La Clé;Le Bouchon;La Tonnelle;L'Escale;Le Four;La Table;Le Coin;La Marmite;Le Chalet;La Bergerie
    L'Oasis;Le Patio;Le Mas;La Rivière;Les Portes;Les Terres;Les Allées;Le Nid;La Palette;Le Rendez-vous;L'Instant
    L'Éveil;Le Refuge;Le Quai;Le Panier;La Cabane;L'Horizon;Le Passage;La Rotonde;Le Belvédère;La Boussole;Le Cèdre
    La Colline;Le Fil;La Forge
    """
)
FANCY_ENDS = phrases(
    """
    Bleu;Rose;des Saveurs;des Lilas;du Port;de la Gare;du Marché;des Arts;du Pont;des Halles;du Centre;de la Place
    des Tilleuls;du Château;des Oliviers;de la Plage;des Remparts;du Soleil;des Quatre Vents;de l'Église;du Parc
    d'Antan;des Cimes;du Lac;des Vignes;de l'Avenir;du Canal;des Écoles;de la Fontaine;du Stade;des Sens;de Lucie
    de Marius;d'Élise;de la Rade;du Littoral;de la Combe;des Marronniers;du Donjon;des Glycines;du Passeur
    de la Lune;des Embruns;du Forgeron;du Meunier;de la Reine;des Ormes;du Chemin Vert;des Sablons;de Chloé
    de Gaston;de Rose;de Victor;du Bout du Monde;Doré;d'Émile;de Jeanne;de Léon;de Margot;de Suzanne;d'Augustin
    de Paul;des Copains;des Trois Rois;de la Tour;du Bois;Vert
    """
)

VILLAGE_SAINTS = words(
    """
    Aubin Benoît Brice Clair Cyr Denis Félix Firmin Florent Fulgent Gaudens Genest Georges Germain Gervais Gildas
    Hilaire Jean Julien Lambert Laurent Léger Léonard Loup Marcel Mars Martin Maurice Maximin Médard Michel Nicolas
    Ouen Paul Philbert Pierre Quentin Rémy Romain Sauveur Savin Sulpice Symphorien Thibault Victor Vincent Yrieix
    """
)
VILLAGE_ENDS = phrases(
    """
    aux-Bois;de-Bresle;de-Cours;de-la-Combe;de-la-Lande;des-Aulnes;des-Bruyères;des-Monts;des-Prés;du-Causse
    du-Coudray;du-Gué;du-Lys;du-Tertre;du-Val;en-Brivois;en-Coteau;en-Morvent;en-Plaine;la-Chênaie;la-Garenne
    la-Roche;le-Château;le-Vieux;les-Alliers;les-Étangs;les-Forges;les-Fougères;les-Roches;les-Vergers;lès-Boulay
    sous-Bois;sous-Crêt;sur-Brenelle;sur-Cize;sur-Doire;sur-Lanne;sur-Mauve;sur-Orbelle;sur-Risse;sur-Sauve
    sur-Thève;sur-Vaure
    """
)
VILLAGE_STEMS = words(
    """
    Barv Bellev Bouss Brév Cambr Carl Champv Charv Chav Clér Condr Corm Courc Crév Domm Dorm Ferr Fontb Francv Fresn
    Gerv Gourd Grandv Grav Jarv Lanv Lign Longv Louv Magn Malv Marc Marv Mérv Montb Montr Morv Nant Neuv Noirv Pléch
    Plum Pontr Quincl Rom Rosn Rouv Sauv Savr Serv Sorv Tarn Thor Tourv Trév Vaucl Verc Vign Villeb Villem
    """
)
VILLAGE_STEM_ENDS = words(
    """
    ac anges ault court eaux elles eray euil ignac igny illac illon ières in ois onne ot oux uel ville y
    """
)

SMALL_WORDS = frozenset(words("et de du des d la le les l en a aux sur sous saint fils freres"))
LONG_WINDED = frozenset(words("communes communal intercommunal action sociale expertise"))
NOT_IN_DOMAINS = SMALL_WORDS | LONG_WINDED
HOLDING_WORDS = frozenset({"Groupe", "Holding", "Financière", "Participations"})
ENDINGS = ("fr",) * 15 + ("com",) * 5 + ("net", "eu", "pro")

FREE_MAIL = ("gmail.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "hotmail.fr", "yahoo.fr")
