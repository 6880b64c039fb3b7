"""Domains that say nothing about a company, as data."""

FREE_PROVIDERS = frozenset(
    """
    9online.fr alice.fr aliceadsl.fr aol.com aol.fr bbox.fr bluewin.ch caramail.com caramail.fr cegetel.net
    club-internet.fr cox.net dartybox.com dbmail.com email.com estvideo.fr evc.net fastmail.com fastmail.fm
    fastwebnet.it free.fr freesbee.fr freesurf.fr gmail.com gmail.fr gmx.ch gmx.com gmx.de gmx.fr gmx.net
    googlemail.com guerrillamail.com hey.com hotmail.be hotmail.ca hotmail.ch hotmail.co.uk hotmail.com
    hotmail.de hotmail.es hotmail.fr hotmail.it icloud.com ifrance.com inbox.com infonie.fr lapost.net
    laposte.net libero.it libertysurf.fr live.be live.ca live.com live.fr mac.com mageos.com magic.fr mail.com
    mail.ru mailfence.com mailo.com me.com modulonet.fr msn.com multimania.com netcourrier.com neuf.fr
    no-log.org noos.fr nordnet.fr numericable.com numericable.fr oleane.fr online.fr orange.fr oreka.com
    outlook.be outlook.com outlook.fr pobox.com post.com proton.me protonmail.ch protonmail.com qq.com
    rediffmail.com rocketmail.com scarlet.be sfr.fr skynet.be sympatico.ca t-online.de tele2.fr telenet.be
    tiscali.fr tuta.com tuta.io tutanota.com videotron.ca videotron.qc.ca vivaldi.net voila.fr voo.be wanadoo.fr
    web.de worldonline.fr yahoo.ca yahoo.co.uk yahoo.com yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com
    yandex.ru ymail.com yopmail.com zoho.com
    """.split()
)
"""Where anybody gets a mailbox: such a domain says nothing about a company. No published list knows the French ones."""

PLATFORMS = frozenset(
    """
    annuaire-mairie.fr bit.ly doctolib.fr facebook.com fb.com g.page goo.gl google.com google.fr infogreffe.fr
    instagram.com leboncoin.fr linkedin.com linktr.ee maps.app.goo.gl pagesjaunes.fr pappers.fr pinterest.com
    pinterest.fr societe.com tiktok.com tripadvisor.com tripadvisor.fr twitter.com verif.com viadeo.com
    wikipedia.org x.com youtube.com
    """.split()
)
"""Where a page is about a company, but the host is not the company's: social networks, directories, maps."""

SITE_BUILDERS = frozenset(
    """
    business.site canalblog.com e-monsite.com eklablog.com jimdo.com jimdofree.com over-blog.com over-blog.fr
    pagesperso-orange.fr simplesite.com site-solocal.com solocal.com strikingly.com webnode.fr wifeo.com wix.com
    wixsite.com wordpress.com
    """.split()
)
"""Where anybody gets a name of their own below the domain, and the public suffix list does not say so."""

GENERIC_LABELS = frozenset(
    """
    ac asso co com edu gob gouv gov ltd ne net nom or org prd tm
    """.split()
)
"""What stands before the country in suffixes that are nobody's (``co.uk``); others are somebody's: ``notaires.fr``."""
