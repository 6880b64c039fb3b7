"""Ready rules to start from: what a French B2B team asks first, with the capability of the mission that each serves.

They use built-in words alone, so that each can be asked in a workspace of today's making.
"""

from dataclasses import dataclass

from tamis.messages import Message, say


@dataclass(frozen=True)
class Template:
    """A rule to start from: its group, its title, what it is for, its text; ``serves`` names what of the mission."""

    group: Message
    title: Message
    says: Message
    rule: str
    serves: str


_TARGET, _VISITS, _MAILS = say("Cibler des entreprises"), say("Visites et intentions"), say("E-mails et qualité")
_CLIENTS, _PEOPLE, _PIPE = say("Clients"), say("Interlocuteurs"), say("Prospection en cours")

TEMPLATES: tuple[Template, ...] = (
    Template(_TARGET, say("PME du numérique autour de Lyon"),
             say("Par le code NAF, l'effectif et le département : changez les trois."),
             'companies where naf starts with "62" and headcount between 10 and 249 '
             'and department in ("69", "01", "38", "42")', "E1"),
    Template(_TARGET, say("TPE sans site web"),
             say("Moins de dix salariés et aucun site connu : à équiper, ou à compléter."),
             "companies where headcount < 10 and website is missing and not in segment client", "E1"),
    Template(_TARGET, say("ETI et grandes entreprises"),
             say("Les comptes qui demandent une approche à part."),
             'companies where size_class in ("ETI", "GE") or headcount >= 250', "E1"),
    Template(_TARGET, say("PME indépendantes"),
             say("Aucune maison mère connue : la décision se prend sur place."),
             "companies where headcount between 10 and 249 and parent_siren is missing", "E1"),
    Template(_TARGET, say("Entreprises de moins d'un an"),
             say("Créées dans les douze derniers mois, elles s'équipent."),
             "companies where founded in last 365 days", "E1"),
    Template(_TARGET, say("Entreprises du Québec"),
             say("Par le pays et la région."),
             'companies where country = "CA" and region = "Québec"', "E1"),
    Template(_VISITS, say("Intéressés par les tarifs"),
             say("Deux visites au moins des pages de prix en un mois, clients mis à part."),
             'companies where did page_view (path contains any of ("tarif", "prix")) at least 2 times in last 30 days '
             "and not in segment client", "E2"),
    Template(_VISITS, say("Visites sans interlocuteur connu"),
             say("L'entreprise est venue sur le site ; il reste à trouver à qui parler."),
             "companies where did page_view in last 30 days and has no contact", "A11"),
    Template(_VISITS, say("Arrivés par une recherche"),
             say("Une page vue avec un mot-clé connu dans les trois mois."),
             "companies where did page_view (keyword is known) in last 90 days", "E2"),
    Template(_VISITS, say("Intérêt qui monte"),
             say("Plus de la moitié des pages vues en trois mois l'ont été ce mois-ci."),
             "companies where count(page_view) in last 30 days >= 5 "
             "and count(page_view) in last 30 days > 0.5 * count(page_view) in last 90 days", "C5"),
    Template(_VISITS, say("Formulaires abandonnés"),
             say("Commencé, jamais envoyé : une relance courte suffit souvent."),
             "contacts where did form_abandoned in last 14 days and did not form in last 14 days", "C5"),
    Template(_VISITS, say("Paniers abandonnés"),
             say("Un panier laissé cette semaine et aucun achat depuis."),
             "contacts where did basket_abandoned in last 7 days and did not purchase in last 7 days", "C5"),
    Template(_VISITS, say("Du livre blanc à la demande"),
             say("Un téléchargement puis un formulaire envoyé en un mois : le sujet est mûr."),
             "contacts where did download then form within 30 days in last 90 days", "E4"),
    Template(_MAILS, say("Lecteurs assidus"),
             say("Trois ouvertures au moins en un mois."),
             "contacts where did email_open at least 3 times in last 30 days", "C5"),
    Template(_MAILS, say("Ouvrent mais ne cliquent jamais"),
             say("L'objet plaît, pas le contenu : changez l'offre."),
             "contacts where did email_open at least 5 times in last 90 days and did not email_click in last 90 days",
             "C9"),
    Template(_MAILS, say("Adresses mortes"),
             say("Un retour non remis dans l'année et rien d'ouvert depuis trois mois."),
             "contacts where did email_bounce in last 12 months and did not email_open in last 90 days", "C13"),
    Template(_MAILS, say("Adresses qui vieillissent"),
             say("Aucune modification depuis un an et aucun e-mail ouvert : à vérifier."),
             "contacts where email is known and updated more than 365 days ago "
             "and did not email_open in last 12 months",
             "C13"),
    Template(_MAILS, say("À ne plus solliciter"),
             say("Désinscrits, et ceux qui ont signalé un message."),
             "contacts where did email_unsubscribe or did email_complaint", "D2"),
    Template(_CLIENTS, say("Le cinquième le plus rentable"),
             say("Par la marge de leurs achats sur douze mois."),
             "companies where sum(purchase.margin) in last 12 months in top 20%", "E6"),
    Template(_CLIENTS, say("Clients qui décrochent"),
             say("Le dernier trimestre pèse moins de 15 % de l'année, alors qu'ils achètent."),
             "companies where sum(purchase.value) in last 90 days < 0.15 * sum(purchase.value) in last 365 days "
             "and sum(purchase.value) in last 365 days > 0", "C5"),
    Template(_CLIENTS, say("Sans achat depuis six mois"),
             say("Ont acheté, mais plus depuis 180 jours : à reconquérir."),
             "companies where days since last purchase > 180", "C5"),
    Template(_CLIENTS, say("Acheteurs réguliers"),
             say("Trois achats au moins, espacés de 45 jours au plus en moyenne."),
             "companies where count(purchase) >= 3 and average days between purchase <= 45", "C5"),
    Template(_CLIENTS, say("Clients sans avis"),
             say("Ont acheté ce trimestre et n'ont jamais laissé d'avis."),
             "contacts where did purchase in last 90 days and did not review", "C5"),
    Template(_CLIENTS, say("Satisfaits à faire parler"),
             say("Une note de 9 ou 10 à l'enquête et aucune recommandation encore."),
             "contacts where did survey (score >= 9) in last 6 months and did not referral", "C5"),
    Template(_CLIENTS, say("Clients mécontents"),
             say("Une mauvaise note, ou trois demandes d'assistance en un mois."),
             "companies where did survey (score <= 6) in last 90 days or did ticket at least 3 times in last 30 days",
             "C4"),
    Template(_PEOPLE, say("Dirigeants de PME"),
             say("Par le niveau et l'effectif de leur entreprise."),
             'contacts where level contains any of ("direction", "dirigeant") and company.headcount between 10 and 249',
             "E5"),
    Template(_PEOPLE, say("Fonction achats"),
             say("Par la fonction, ou par l'intitulé au masculin et au féminin."),
             'contacts where function contains "achat" '
             'or job_title contains any of ("acheteur", "acheteuse", "achats")',
             "E5"),
    Template(_PEOPLE, say("Inscrits récents"),
             say("Contacts dynamiques du mois : ils se sont inscrits eux-mêmes."),
             'contacts where origin = "dynamic" and created in last 30 days', "C2"),
    Template(_PEOPLE, say("Plusieurs interlocuteurs actifs"),
             say("Deux contacts au moins ont ouvert un e-mail ce trimestre."),
             "companies where has at least 2 contacts (did email_open in last 90 days)", "F5"),
    Template(_PIPE, say("Devis sans suite"),
             say("Un devis ce trimestre et aucun achat."),
             "companies where did quote in last 90 days and did not purchase in last 90 days", "C5"),
    Template(_PIPE, say("Prospects en cours à relancer"),
             say("Dans la liste « prospect-in pipe », ni appel ni rendez-vous depuis un mois."),
             'companies where in list "prospect-in pipe" and did not call in last 30 days '
             "and did not meeting in last 30 days", "A2"),
    Template(_PIPE, say("Prospects importés jamais venus"),
             say("Dans la liste « prospect-importé », sans visite depuis trois mois."),
             'companies where in list "prospect-importé" and did not page_view in last 90 days', "A2"),
    Template(_PIPE, say("Affaires perdues à rouvrir"),
             say("Une affaire perdue dans l'année, et une visite depuis un mois."),
             "companies where did deal_lost then page_view within 365 days in last 12 months "
             "and did page_view in last 30 days", "C5"),
)  # fmt: skip
"""In the order of the page."""
