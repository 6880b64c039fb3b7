"""What French business names are made of: links, legal forms, abbreviations and words too common to tell.

Everything here is general knowledge of the language and of how registers shorten names (INSEE cuts at 38 or 40
characters, hence ``FED NAT SYND``); nothing is drawn from a particular directory. Words are folded, as
:func:`tamis.identity.folding.fold` leaves them.
"""

LINKS = frozenset(
    """
    a and at au aux avec chez contre d dans de del della den der des di do dos du e el en et for from in l la las le
    les los of on ou par pour s sans sous sur the to und van von
    """.split()
)

# What people stick to the next word: ``laposte``, ``sarldupont``.
GLUED = frozenset("d de des du l la le les eurl sarl sas".split())

# A legal form and the family it belongs to: two forms of one family may be the same company at two moments of its
# life (a SARL becomes a SAS and keeps its SIREN); forms of two families never are, nor forms of two countries.
_FORMS = {
    "firm": "sa sas sasu sarl sarlu eurl snc scs sca scop scic se saem saeml sem sicav",
    "British firm": "ltd limited plc llp private pvt pte pty proprietary",
    "American firm": "inc incorporated corp corporation llc lp",
    "German firm": "gmbh ag kg aktiengesellschaft",
    "Italian firm": "spa srl",
    "Dutch firm": "bv nv bvba sprl",
    "Nordic firm": "ab aps as oy",
    "Spanish firm": "sl slu",
    "Eastern firm": "doo kft sro",
    "property": "sci sccv scpi sciap copropriete",
    "professional": "scp scm selarl selas selafa selca selarlu aarpi spfpl",
    "farming": "earl gaec scea gfa gfr",
    "association": "association assoc asso ass",
    "interest": "gie gip geie",
    "foundation": "fondation",
    "works council": "cse comitedentreprise",
}
# Foreign forms that are initials as often (AB MENUISERIE): forms only where they close a name. Marked when read.
_CLOSING = frozenset("ab ag aps as bv doo kft kg lp nv oy se sl slu spa sro".split())
CLOSING_FORMS = {form: f"({form})" for form in _CLOSING}
LEGAL_FORMS = {CLOSING_FORMS.get(form, form): family for family, forms in _FORMS.items() for form in forms.split()}

# Forms and names written as several words, brought to one word before anything else is looked at.
PHRASES = {
    "societe anonyme": "sa",
    "ste anonyme": "sa",
    "soc anonyme": "sa",
    "societe a responsabilite limitee": "sarl",
    "societe par actions simplifiee": "sas",
    "societe par actions simplifiee unipersonnelle": "sasu",
    "entreprise unipersonnelle a responsabilite limitee": "eurl",
    "societe en nom collectif": "snc",
    "societe civile immobiliere": "sci",
    "societe civile professionnelle": "scp",
    "societe en commandite par actions": "sca",
    "societe en commandite simple": "scs",
    "groupement d interet economique": "gie",
    "groupement d interet public": "gip",
    "exploitation agricole a responsabilite limitee": "earl",
    "comite social et economique": "cse",
    "comite d entreprise": "cse",
    "public limited company": "plc",
}

# Abbreviations, and the words they may stand for. Those that are simply cut words (FEDER = FEDERATION) need no line:
# they are recognised as such; a line here says that the reading is the usual one.
ABBREVIATIONS_TEXT = """
    acad: academie
    act: activite action
    adm admin: administration administratif
    ag agce agc: agence
    agr agri agric: agricole agriculture agriculteur
    aliment alim: alimentaire alimentation
    amen amgt amgmt amenag: amenagement
    anc: ancien
    appart: appartement
    arch archi: architecte architecture
    art artis: artisan artisanat artisanal
    as ass asso assoc assn: association
    ass assur assce assu: assurance
    atel at: atelier
    ats: ateliers
    auto: automobile
    av: avocat avenir
    bat bati batim bt: batiment
    bdx: bordeaux
    biblio: bibliotheque
    bq bque: banque
    bur: bureau
    caiss cais cse: caisse
    cab: cabinet
    cent ctre ctr cre: centre
    central cle: centrale
    chamb ch chbre: chambre
    charp: charpente charpentier
    chauf chauff: chauffage
    chir: chirurgie chirurgien
    cial ciale: commercial
    cie cies co comp compag: compagnie company
    clim: climatisation climatique
    coll collect: collectif collectivite
    com comm: commerce commercial communication commune comite commission
    cmne cne: commune
    compt cpt cpta: comptable comptabilite
    comptes cptes: compte
    conf confed: confederation conference
    cons: conseil construction conservatoire
    const constr: construction constructeur
    consult: consulting consultant
    coop: cooperative cooperation cooperatif
    cop copro: copropriete
    couv: couverture couvreur
    cr cred: credit
    cte cmte: comite
    ctre: centre
    cult: culture culturel
    decor: decoration
    del deleg: delegation
    dep dept dpt depart dptal: departement departemental
    dev devel devpt dvpt developp devt: developpement
    dir: direction directeur
    dist distrib distr: distribution distributeur
    eco econ: economie economique
    ed edit: edition editeur
    educ: education
    elec electr elect electro: electricite electrique electronique electricien
    elev: eleveur elevage
    enseig enseign: enseignement
    ent entr entrep entre: entreprise
    env environ envir: environnement
    eq equip: equipement equipe
    espa: espace
    etab etabl etablt etablissts ets ets etbs eta: etablissement
    etud: etude
    europ eur: europe europeen
    expl exploit: exploitation exploitant
    expert: expertise
    fab fabr fabric: fabrication fabricant fabrique
    fam: familial famille
    fed feder fede: federation
    fcse fse fr franc: francaise francais france
    fds: fonds
    fin financ: finance financier
    fond: fondation
    form: formation
    frat: fraternel fraternelle
    frs fres freres: frere
    gal gale gle gen gener: general generale
    gar: garage
    gest: gestion gestionnaire
    gd gde grd: grand grande
    gp gpe grp group grpe: groupe groupement
    gpt grpt gpmt groupmt gpement groupt: groupement
    hab: habitat habitation
    hop hopit hosp hospit: hopital hospitalier
    hot hotel: hotellerie hotelier
    hte ht: haute haut
    imm immo immob: immobilier immobiliere immeuble
    imp impr imprim: imprimerie
    ind indus indust industr: industrie industriel industrielle
    indep: independant
    inf info inform: informatique information
    infra: infrastructure
    ing ingen: ingenierie ingenieur
    inst instit: institut institution instituteur
    install: installation
    int inter intern internat intl: international interieur
    interprof interpro interpr intprof: interprofessionnel interprofession
    invest: investissement
    jard: jardin
    lab labo: laboratoire
    loc: location local
    log: logement logistique logiciel
    mac macon: maconnerie macon
    mach: machine
    mag: magasin
    maint: maintenance
    mais: maison
    manif: manifestation
    manuf: manufacture
    mat mater: materiel materiaux
    meca mecan: mecanique
    med medic: medical medecin medecine
    men menuis: menuiserie menuisier
    metal metall: metallurgie metallique metallerie
    mgt mngt mgmt: management
    mun munic: municipal
    mut mutu mutuel: mutuelle mutualite mutualiste
    mvt mouv: mouvement
    nal nale nat natl natle natio nation: national nationale
    nle: nationale nouvelle
    nouv nv nvl nvlle: nouveau nouvelle
    occ: occitanie
    off: office
    org organ orga orgme: organisation organisme
    ouv: ouvrier ouvrage
    part particip: participation
    patr: patronal patrimoine
    pays: paysage paysan paysagiste
    pers: personnel
    pharm pharma: pharmacie pharmaceutique pharmacien
    phie: pharmacie
    plomb: plomberie plombier
    pneu: pneumatique
    pol: politique pole
    pref: prefecture
    prest: prestation
    prev: prevoyance prevention
    priv: prive
    pro prof profess: professionnel profession professionnelle
    prod: production produit producteur
    prom: promotion promoteur
    prot protec: protection
    prov: provence
    pub publ: public publique publicite
    qual: qualite
    rec rech: recherche
    reg region rgle rgnal: regional region regionale
    ren renov: renovation
    rep repres: representant republique
    res: reseau residence
    rest restau: restaurant restauration
    ret: retraite
    rev: revetement
    san sanit: sanitaire sante
    sav: savoie
    sce sces serv svc svce svces: service
    sci scient scientif: scientifique science
    sec secu secur: securite
    sect: section secteur
    serr: serrurerie
    soc ste: societe
    soc socia: social sociale
    sol: solution solidarite
    spec spect: specialise specialite spectacle
    st ste: saint sainte
    sup super: superieur superieure
    surv: surveillance
    sydct synd syndi syn syndic: syndicat syndical
    sys syst: systeme
    tech techn: technique technologie technologies
    tel telec telecom: telecommunication telephone
    terr territ: territoire territorial
    tour: tourisme
    trad: tradition
    trait: traitement
    trans transp tpt tpts trspts: transport
    transf transfo: transformation
    trav tvx trvx: travaux
    univ: universite universitaire
    urb: urbain urbanisme
    us: usine
    val: vallee
    vet: veterinaire
    vit vitic: viticulteur viticole
    assce: assurance
    ccas: cas
    bros: brothers
    mfg: manufacturing
    hldg hldgs: holding
    svs: services
    tech: technology
    mgmt: management
    assoc assocs: associates
    natl: national
"""

# Short forms everybody uses in place of the words, whatever the name.
ACRONYMS_TEXT = """
    aura: auvergne rhone alpes
    btp: batiment travaux publics
    cc: communaute communes
    cca: chambre agriculture
    cci: chambre commerce industrie
    ccir: chambre commerce industrie region
    ccit: chambre commerce industrie territoriale
    ce: comite entreprise
    ceser: conseil economique social environnemental regional
    cfa: centre formation apprentis
    ch: centre hospitalier
    chr: centre hospitalier regional
    chu: centre hospitalier universitaire
    cma: chambre metiers artisanat
    crcc: compagnie regionale commissaires comptes
    crma: chambre regionale metiers artisanat
    cnrs: centre national recherche scientifique
    cpam: caisse primaire assurance maladie
    cuma: cooperative utilisation materiel agricole
    esat: etablissement service aide travail
    ehpad: etablissement hebergement personnes agees dependantes
    epci: etablissement public cooperation intercommunale
    fdsea: federation departementale syndicats exploitants agricoles
    frsea: federation regionale syndicats exploitants agricoles
    fnsea: federation nationale syndicats exploitants agricoles
    hlm: habitations loyer modere
    ja: jeunes agriculteurs
    mjc: maison jeunes culture
    mfr: maison familiale rurale
    msa: mutualite sociale agricole
    oph: office public habitat
    rh: ressources humaines
    sdis: service departemental incendie secours
    sivom: syndicat intercommunal vocation multiple
    sncf: societe nationale chemins fer
    tp: travaux publics
    udaf: union departementale associations familiales
    urssaf: union recouvrement securite sociale allocations familiales
    vtc: voiture transport chauffeur
    cbtp: confederation batiment travaux publics
"""

# Words before a name that say hardly more than a legal form. With and without them it is most often the same company,
# but not always: they weigh little in the score, and one that is missing is asked about.
NEUTRAL = frozenset(
    """
    entreprise entr ent entrep etablissement etablissements ets etab soc societe ste
    """.split()
)

# Words that mean the same thing in the name of a public body or a firm.
SAME_MEANING = (
    frozenset({"commune", "ville", "mairie"}),
    frozenset({"departement", "departemental"}),
    frozenset({"region", "regional"}),
    frozenset({"agglomeration", "agglo"}),
    frozenset({"company", "compagnie"}),
    frozenset({"group", "groupe"}),
    frozenset({"nation", "national"}),
    frozenset({"federation", "federal"}),
)

# How often a word stands in French company names, where a directory is too small to say: one name in 60, 300, 1,500.
_COMMON = (
    """
    societe entreprise france service groupe construction batiment conseil gestion holding international maison
    association immobilier transport travaux centre garage agence compagnie etablissement fils
    """,
    """
    agricole alimentation amenagement architecte architecture assurance atelier auto automobile bar boulangerie bois
    cabinet cafe carrelage charpente chauffage climatisation commerce communication comite concept confederation
    consulting cooperative couverture creation developpement distribution diffusion electricite energie entretien
    environnement equipement etude exploitation federation finance financier formation francais general generale group
    habitat hotel industrie industriel informatique ingenierie institut invest investissement isolation jardin
    laboratoire location logistique maconnerie management marketing mecanique menuiserie metal metallerie mutuel
    mutualite national nettoyage participation partner partners patrimoine paysage peinture pharmacie piscine
    platrerie plomberie production produit promotion public publics recherche regional renovation restaurant
    restauration sante securite serrurerie service social solution sport studio syndicat systeme taxi tech technique
    technologie terrassement tourisme toiture union le club amicale jean pierre michel saint martin sud nord est ouest
    europe euro alpes atlantique ocean paris lyon bernard louis
    """,
    """
    academie accompagnement achat acces actif action administration aero affaire agro air aide alliance alpha alu
    aluminium amis ambulance andre animation antoine apart arc art artisan artisanat assistance audit avenir azur bain
    banque bastien beaute beton bio bleu bonheur boutique bureau caisse camping capital cars cartonnage centrale
    chambre chateau christian christophe cite claude clinique club coiffure collectif commune comptable confort
    contact coop corse cosmetique cote courtage credit culture cuisine daniel data david decor decoration delta
    departement departemental design didier digital direct direction dupont durand eau eco ecole economie edition
    education elec electronique elegance emballage emploi enfance epargne eric espace essentiel etancheite etoile
    etude event expert expertise fabrication facade famille familial fer ferme fermeture fleur fonds force fonciere
    forestier franck francois frere freres froid genie gestion global grand green gerard habitation hotellerie image
    imprimerie independant innovation institution interieur investisseur jacques jeune jeunesse joel julien laurent
    lavage les logement logiciel loisir luc ludovic lumiere machine maintenance marc marie marine maritime martin
    materiau materiel media medical mediterranee metier micro moderne monde montagne moto moulin multi musique
    mutualiste mouvement nature negoce net nicolas nouveau nouvelle numerique nutrition office olivier omnium optique
    ordre organisation ouvrier papier parc partenaire pascal passion patrick paul pays paysagiste peche petit philippe
    photo place plastique plaisir plein plus pneu pole port porte presse prestation prevention prevoyance prive pro
    producteur professionnel professionnelle programme project projet protection provence publicite qualite
    realisation region rene reseau residence retraite revetement rhone robert roland route sanitaire science
    scientifique sebastien secours sol soleil solidarite source spectacle stephane structure style surveillance
    synergie table telecom territoire territorial terre test textile thermique tissu tout toit trans transaction
    travail universite univers urbain urbanisme usine val vallee vent vente vert veterinaire video vie village ville
    vin vision vital voyage yves
    """,
)
COMMONNESS = {
    word: share
    for share, words in reversed(tuple(zip((1 / 60, 1 / 300, 1 / 1500), _COMMON, strict=True)))
    for word in words.split()
}


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Lines ``short short: long long`` as a table from each short form to its long ones."""
    table: dict[str, tuple[str, ...]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        shorts, longs = line.split(":")
        for short in shorts.split():
            table[short] = table.get(short, ()) + tuple(longs.split())
    return table


ABBREVIATIONS = _table(ABBREVIATIONS_TEXT)
ACRONYMS = _table(ACRONYMS_TEXT)
