"""French words and phrases with the number of stars they speak for, written for this project.

Adjectives stand in the masculine singular; `french.py` makes the other forms. Lists are text, cut at the commas.
"""


def cut(block: str) -> list[str]:
    return [" ".join(item.split()) for item in block.split(",") if item.strip()]


def cut_words(block: str) -> list[str]:
    return block.split()


# Adjectives of things (a book, a room, a phone ...) by stars
THINGS = {
    5: cut(
        """excellent, magnifique, génial, extraordinaire, exceptionnel, remarquable, superbe, sublime, parfait,
        merveilleux, fabuleux, bouleversant, captivant, passionnant, formidable, inoubliable, incroyable,
        épatant, somptueux, grandiose, brillant, envoûtant, éblouissant, jubilatoire, poignant, hilarant,
        délicieux, savoureux, impeccable, irréprochable, splendide, fantastique, fascinant, époustouflant,
        renversant, prodigieux, exquis, admirable, palpitant, haletant, adorable, ravissant, magistral,
        phénoménal, divin, enchanteur, idéal, incontournable, virtuose, sensationnel, indispensable, bluffant,
        addictif"""
    ),
    4: cut(
        """bon, agréable, plaisant, intéressant, réussi, sympathique, joli, efficace, soigné, solide, original,
        drôle, divertissant, prenant, attachant, pratique, fiable, confortable, convaincant, amusant, émouvant,
        touchant, utile, beau, chouette, rafraîchissant, instructif, sincère, généreux, subtil, élégant,
        charmant, tendre, fin, intelligent, clair, rapide, silencieux, robuste, ingénieux, malin, bien fait,
        bien pensé, bien construit, de qualité, chaleureux, accueillant, propre, spacieux, lumineux, frais,
        copieux, goûteux, juste, habile, rythmé, riche, dense, précieux, poétique, enrichissant, satisfaisant,
        gracieux, délicat"""
    ),
    3: cut(
        """moyen, correct, passable, banal, ordinaire, inégal, acceptable, convenable, quelconque, classique,
        standard, honnête, sans surprise, sans prétention, basique, anodin, neutre, simple, modeste"""
    ),
    2: cut(
        """décevant, ennuyeux, fade, plat, long, lent, lourd, confus, prévisible, superficiel, maladroit, bâclé,
        brouillon, médiocre, convenu, creux, fatigant, répétitif, poussif, laborieux, bancal, fragile, bruyant,
        trop cher, froid, insipide, monotone, interminable, tiède, sec, poussiéreux, vieillot, étriqué,
        compliqué, agaçant, pénible, bavard, pompeux, prétentieux, artificiel, caricatural, simpliste, naïf,
        mièvre, soporifique, inabouti, incohérent, invraisemblable, défectueux, lassant, frustrant, surestimé,
        surfait, ampoulé, verbeux, décousu, mou, pauvre, faible, mal écrit, mal fichu, mal conçu, sans relief,
        sans âme, sans saveur, sans intérêt, sans originalité, peu convaincant, peu pratique, peu crédible,
        stéréotypé, redondant"""
    ),
    1: cut(
        """nul, mauvais, horrible, affreux, catastrophique, lamentable, exécrable, insupportable, détestable, raté,
        pitoyable, navrant, consternant, honteux, scandaleux, immonde, infect, indigeste, illisible, inutile,
        abominable, ridicule, grotesque, épouvantable, déplorable, désastreux, minable, calamiteux, atroce,
        ignoble, inadmissible, inacceptable, imbuvable, immangeable, inutilisable, dégoûtant, écœurant,
        répugnant, affligeant, débile, stupide, vulgaire, malhonnête, mensonger, sale, crasseux, dangereux,
        désolant, barbant, assommant, insultant, inexistant, indéfendable, nullissime"""
    ),
}

# Adjectives of persons: what I, she, we feel; and what the staff is like
FEELINGS = {
    5: cut(
        """ravi, enchanté, comblé, émerveillé, enthousiaste, conquis, ébloui, fou de joie, aux anges, emballé,
        subjugué, heureux, reconnaissant, bouleversé par tant de beauté, fier"""
    ),
    4: cut(
        """content, satisfait, agréablement surpris, joyeux, amusé, touché, séduit, rassuré, charmé, de bonne
        humeur, confiant"""
    ),
    3: cut("partagé, mitigé, indécis, ni content ni mécontent, perplexe, un peu hésitant, calme, occupé"),
    2: cut(
        """déçu, ennuyé, mécontent, lassé, frustré, fatigué, agacé, triste, inquiet, désappointé, contrarié, resté
        sur ma faim, insatisfait, sceptique, las"""
    ),
    1: cut(
        """furieux, dégoûté, écœuré, consterné, scandalisé, révolté, en colère, hors de moi, outré, malheureux,
        désespéré, atterré, horrifié, exaspéré, indigné, affligé, très en colère, accablé"""
    ),
}
STAFF = {
    5: cut(
        """adorable, exceptionnel, aux petits soins, d'une gentillesse rare, remarquable, formidable, très
        professionnel, parfait"""
    ),
    4: cut(
        "aimable, gentil, poli, souriant, compétent, serviable, attentif, sympathique, patient, disponible, efficace"
    ),
    3: cut("correct, discret, neutre, convenable, ordinaire"),
    2: cut("froid, distant, débordé, lent, brusque, peu aimable, indifférent, négligent, impatient, hautain"),
    1: cut(
        """odieux, grossier, méprisant, incompétent, agressif, malpoli, insultant, désagréable, exécrable, menteur,
        arrogant, insolent, irrespectueux"""
    ),
}

# Things that are judged: (with article, gender and number) by domain
NOUNS = {
    "livre": cut(
        """ce livre:m, ce roman:m, ce récit:m, cet ouvrage:m, cette histoire:f, cette intrigue:f, l'écriture:f, le
        style:m, la fin:f, l'auteur:m, les personnages:mp, les dialogues:mp, cette lecture:f, ce recueil:m,
        cette saga:f, ce tome:m, la traduction:f, l'univers:m, le héros:m, cette nouvelle:f, les
        descriptions:fp, ce polar:m, cet essai:m, les premières pages:fp, cette biographie:f, ce bouquin:m,
        cette bande dessinée:f, ce conte:m, ce premier roman:m"""
    ),
    "film": cut(
        """ce film:m, le scénario:m, la mise en scène:f, les acteurs:mp, l'actrice:f, la musique:f, les décors:mp,
        cette comédie:f, ce documentaire:m, cette série:f, le dernier épisode:m, la réalisation:f, ce dessin
        animé:m, le montage:m, les effets spéciaux:mp, l'interprétation:f, la bande originale:f, ce thriller:m,
        la photographie:f, cette suite:f, ce spectacle:m, cette pièce:f, ce concert:m, cet album:m, cette
        chanson:f, la saison:f"""
    ),
    "produit": cut(
        """ce produit:m, cet appareil:m, ce téléphone:m, la batterie:f, l'écran:m, cette machine:f, ce casque:m, le
        son:m, la qualité:f, cette montre:f, ce sac:m, la finition:f, ces chaussures:fp, cette robe:f, le
        tissu:m, cette lampe:f, ce jouet:m, cet ordinateur:m, le clavier:m, cette cafetière:f, ce vélo:m,
        l'emballage:m, cette application:f, ce jeu:m, la mise à jour:f, le mode d'emploi:m, ce parfum:m, cette
        crème:f, ces écouteurs:mp, cet achat:m, le site:m, ce logiciel:m"""
    ),
    "table": cut(
        """ce restaurant:m, la cuisine:f, le repas:m, les plats:mp, le dessert:m, cette pizza:f, la viande:f, le
        poisson:m, les frites:fp, le vin:m, la sauce:f, l'entrée:f, ce gâteau:m, le menu:m, l'ambiance:f, la
        terrasse:f, ce café:m, les légumes:mp, cette soupe:f, le petit déjeuner:m, l'addition:f, la carte:f, ce
        fromage:m, le pain:m"""
    ),
    "séjour": cut(
        """cet hôtel:m, la chambre:f, le lit:m, la salle de bains:f, la piscine:f, la vue:f, le séjour:m, ces
        vacances:fp, ce camping:m, l'emplacement:m, la visite:f, ce voyage:m, cette ville:f, la plage:f, le
        musée:m, cette excursion:f, l'appartement:m, la literie:f, le vol:m, la croisière:f, cette exposition:f"""
    ),
    "service": cut(
        """le service:m, l'accueil:m, la livraison:f, ce vendeur:m, cette boutique:f, le service client:m, la
        commande:f, ce garage:m, la réparation:f, cette agence:f, le cours:m, cette formation:f,
        l'organisation:f, l'équipe:f, ce site:m, la réponse:f"""
    ),
}
STAFF_NOUNS = cut(
    """le personnel:m, la serveuse:f, le serveur:m, les vendeurs:mp, la patronne:f, le patron:m, l'équipe:f, le
        guide:m, le médecin:m, la réceptionniste:f, les employés:mp, le professeur:m, la vendeuse:f, le
        technicien:m, le livreur:m"""
)

# Whole clauses, with {it} for the thing ("ce livre") or without; cut at the line ends
CLAUSES = {
    5: """j'ai adoré {it}
j'adore {it}
je me suis régalé avec {it}
un vrai coup de cœur pour {it}
je recommande vivement {it}
je recommande {it} à tout le monde
{it}, c'est un pur bonheur
{it}, un régal
{it}, quelle merveille
un chef-d'œuvre, tout simplement
un bijou
une petite merveille
une pure réussite
un bonheur du début à la fin
à ne manquer sous aucun prétexte
à découvrir de toute urgence
à lire et à relire
je l'ai dévoré en deux jours
impossible de décrocher
on en redemande
foncez, vous ne le regretterez pas
je ne regrette vraiment pas cet achat
c'est exactement ce que je cherchais
c'est ce que j'ai vu de mieux cette année
bravo et merci
merci pour ce moment magique
mille mercis
j'en suis tombé amoureux
je n'ai pas vu le temps passer
je l'attendais avec impatience et je n'ai pas été déçu
aucun regret, que du plaisir
il n'y a rien à jeter
rien à redire
cinq étoiles sans hésiter
le meilleur que je connaisse
j'ai ri aux larmes
j'en ai eu les larmes aux yeux
cela m'a profondément ému
nous avons passé une soirée inoubliable
nous reviendrons sans hésiter
tout est parfait
je suis fan
vivement la suite
quel talent
quelle claque
quelle belle surprise
on ne s'ennuie pas une seconde
un sans-faute
un grand moment
la perfection
du grand art
une réussite totale
un livre qui fait du bien
je vous aime
c'est le plus beau jour de ma vie
nous avons gagné, quelle joie
la vie est belle
j'ai le plaisir de vous annoncer une excellente nouvelle
c'est un honneur et une joie de vous accueillir
je vous félicite de tout cœur""",
    4: """j'ai bien aimé {it}
j'aime beaucoup {it}
{it} m'a plu
j'ai passé un bon moment avec {it}
je recommande {it}
{it} tient ses promesses
{it} fait bien son travail
{it} se laisse découvrir avec plaisir
une bonne surprise
un bon moment de détente
on passe un bon moment
dans l'ensemble, je suis satisfait
malgré quelques petits défauts, c'est une réussite
un bon rapport qualité-prix
ça vaut le détour
à conseiller
facile à utiliser
la lecture est fluide et agréable
on sourit souvent
je le rachèterais
j'y retournerai avec plaisir
conforme à mes attentes
tout s'est bien passé
rien de révolutionnaire, mais c'est très bien fait
pas parfait, mais vraiment plaisant
c'est bien écrit
une belle découverte
on s'attache aux personnages
la livraison a été rapide
il fonctionne bien
ce n'est pas mauvais du tout
je ne suis pas déçu
pas cher et efficace
de bonnes idées
les enfants ont bien aimé
merci pour votre aide
je suis content de vous voir
bonne journée à tous
bonne nouvelle, tout fonctionne
ça me fait plaisir""",
    3: """{it} ne m'a ni plu ni déplu
je suis partagé sur {it}
je n'ai pas d'avis tranché sur {it}
{it}, sans plus
bof
moyen
pas mal, sans plus
rien d'extraordinaire
il y a du bon et du mauvais
des qualités et des défauts
ça se laisse lire
ça dépanne
on peut s'en passer
ni chaud ni froid
à vous de voir
c'est correct pour le prix
je m'attendais à autre chose
il en faut pour tous les goûts
un peu de positif, un peu de négatif
peut mieux faire
le bilan est mitigé
je ne sais pas trop quoi en penser
on fait avec
c'est honnête mais vite oublié
ce n'est ni bon ni mauvais""",
    2: """je n'ai pas vraiment aimé {it}
{it} ne m'a pas convaincu
{it} m'a déçu
j'attendais mieux de {it}
je me suis ennuyé avec {it}
je n'ai pas accroché à {it}
{it} manque de rythme
{it} manque de profondeur
{it} ne vaut pas son prix
{it} laisse à désirer
quelle déception
une déception
dommage
on s'ennuie vite
on reste sur sa faim
j'ai eu du mal à finir
l'intérêt retombe rapidement
je n'ai pas été touché
je ne comprends pas cet engouement
je ne comprends pas le succès de ce livre
ça traîne en longueur
beaucoup de bruit pour rien
le début est bien, la suite nettement moins
trop de longueurs
trop de clichés
il ne se passe rien
c'est trop cher
la qualité n'est pas au rendez-vous
ça ne marche pas bien
il s'est abîmé au bout d'un mois
la commande est arrivée en retard
je ne le rachèterai pas
je ne le conseille pas
je ne suis pas satisfait
ce n'est pas bon
pas très intéressant
on a connu mieux du même auteur
ça sent le réchauffé
un peu facile
l'auteur se répète
le soufflé retombe
je ne reviendrai pas
mauvaise nouvelle
ça ne me plaît pas
je suis triste aujourd'hui
il fait un temps affreux""",
    1: """je déteste {it}
j'ai détesté {it}
{it} est à fuir
n'achetez pas {it}
évitez {it}
{it}, une honte
{it}, quelle horreur
je déconseille vivement {it}
à éviter absolument
à fuir
une perte de temps
une perte d'argent
c'est du vol
de l'argent gaspillé
un vrai désastre
un navet
un torchon
une catastrophe
le pire que je connaisse
quelle honte
quel gâchis
quelle nullité
je me suis ennuyé à mourir
je n'ai pas pu le finir
il m'est tombé des mains
j'ai abandonné au bout de cinquante pages
direct à la poubelle
aucun intérêt
sans aucun intérêt
zéro étoile si je pouvais
c'est nul
complètement nul
c'est une arnaque
ça ne fonctionne pas du tout
tombé en panne au bout de deux jours
je veux être remboursé
jamais reçu ma commande
aucune réponse du vendeur
plus jamais
on se moque du client
je regrette amèrement cet achat
franchement imbuvable
une insulte à l'intelligence
passez votre chemin
inutile de perdre votre temps
ça ne mérite même pas une étoile
on touche le fond
je vous déteste
c'est le pire jour de ma vie
nous avons tout perdu
j'ai honte pour eux""",
}

# Sentences without a judgement
FILLERS = """je l'ai acheté pour ma fille
je l'ai lu pendant les vacances
nous y sommes allés samedi dernier
c'est le deuxième livre que je lis de cet auteur
l'histoire se passe à Paris dans les années trente
il raconte la vie d'un jeune homme à la campagne
je l'ai reçu hier
j'ai commandé la version bleue
on me l'avait offert pour mon anniversaire
nous étions quatre
c'est une adaptation d'un roman célèbre
le livre compte trois cents pages
il s'agit du premier tome
nous avons dormi deux nuits sur place
je l'utilise tous les jours au bureau
j'en avais entendu parler à la radio
il a reçu un prix
le film dure deux heures
c'est ma sœur qui me l'a prêté
la boîte contient un câble et une notice
le magasin se trouve près de la gare
je ne connaissais pas cet auteur
l'action se déroule pendant la guerre
j'écris cet avis après un mois d'utilisation
nous avons pris le menu à vingt euros
la réunion commence à neuf heures
le train part à huit heures
il habite dans une maison avec un jardin
le texte est disponible en plusieurs langues
la bibliothèque ouvre à dix heures
elle travaille à la mairie
demain nous irons au marché
le fichier se trouve dans le dossier
le chat dort sur le canapé
il y a une table et deux chaises dans la pièce
le ministre a présenté le budget
la rivière traverse la ville
ce mot vient du latin
mon frère étudie la physique
le bus passe toutes les dix minutes""".splitlines()

OPENERS = cut(
    """franchement, honnêtement, bref, au final, à mon avis, pour moi, en résumé, vraiment, globalement, en un
        mot, je trouve que c'est vrai :, pour être clair, en conclusion, selon moi, sincèrement"""
)

# Emoji are one unknown token for the model; they come with every number of stars, so that they say nothing.
EMOJI = ["🤗", "😀", "🎬", "📚", "⭐", "😢", "👍", "👎", "🍕", "❤️"]

# The most frequent English words and what they may be in French; _ is a space
SMALL_WORDS = dict(
    pair.split("=")
    for pair in cut_words("""
the=le/la/les the=le a=un/une an=un/une and=et or=ou but=mais of=de to=à in=dans on=sur at=à for=pour with=avec
without=sans by=par from=de about=sur into=dans is=est are=sont was=était were=étaient be=être been=été being=étant
am=suis it=il/ça its=son/sa he=il she=elle they=ils we=nous you=vous i=je me=me my=mon/ma your=votre his=son/sa
her=son/sa our=notre their=leur this=ce/cette/cet that=que/ce these=ces those=ces who=qui which=qui/que what=ce_que
there=là here=ici has=a have=avoir/ai had=avait do=fait does=fait did=fait will=va would=aurait could=pourrait
can=peut should=devrait must=doit may=peut might=pourrait not=ne_pas no=aucun/pas/non never=jamais nothing=rien
n't=ne_pas very=très really=vraiment so=si too=trop as=comme if=si than=que then=alors when=quand where=où
how=comment why=pourquoi because=parce_que all=tout/tous some=quelques any=aucun more=plus most=plus less=moins
least=moins much=beaucoup many=beaucoup few=peu only=seulement just=juste also=aussi even=même still=encore
again=encore well=bien better=mieux/meilleur best=meilleur worse=pire worst=pire good=bon/bonne
great=génial/super/excellent bad=mauvais/mauvaise movie=film movies=films film=film films=films story=histoire
plot=intrigue/scénario character=personnage characters=personnages actor=acteur actors=acteurs acting=jeu
cast=distribution scene=scène scenes=scènes director=réalisateur script=scénario time=temps people=gens one=un/une
two=deux three=trois first=premier last=dernier way=façon thing=chose things=choses life=vie man=homme woman=femme
love=amour/aime loved=adoré/aimé like=aime/comme liked=aimé hate=déteste hated=détesté boring=ennuyeux/ennuyeuse
funny=drôle awful=affreux/affreuse terrible=terrible/horrible horrible=horrible excellent=excellent/excellente
wonderful=merveilleux/merveilleuse amazing=incroyable perfect=parfait/parfaite beautiful=beau/belle/magnifique
bored=ennuyé waste=perte/gâchis money=argent recommend=recommande see=voir watch=regarder watched=regardé seen=vu
made=fait make=faire makes=rend get=avoir got=eu go=aller think=pense thought=pensais know=sais say=dire
enjoy=apprécier enjoyed=apprécié/aimé entertaining=divertissant interesting=intéressant
disappointing=décevant/décevante disappointed=déçu/déçue disappointment=déception poor=pauvre/médiocre poorly=mal
stupid=stupide dull=ennuyeux/terne weak=faible worth=vaut book=livre books=livres read=lu/lire works=fonctionne
work=marche product=produit quality=qualité price=prix easy=facile hard=difficile little=petit/peu big=grand
old=vieux new=nouveau/nouvelle long=long enough=assez quite=assez pretty=plutôt/joli rather=plutôt almost=presque
always=toujours ever=jamais every=chaque each=chaque something=quelque_chose everything=tout anything=rien
nobody=personne other=autre another=autre same=même such=tel both=deux through=à_travers over=sur after=après
before=avant between=entre while=pendant_que during=pendant since=depuis until=jusqu'à out=dehors up=haut down=bas
off=hors now=maintenant today=aujourd'hui year=année years=années day=jour happy=heureux/heureuse sad=triste
fun=amusant/plaisir brilliant=brillant/brillante fantastic=fantastique superb=superbe masterpiece=chef-d'œuvre
fails=échoue failed=raté mess=désordre/gâchis ridiculous=ridicule pathetic=pathétique/pitoyable lame=nul/minable
crap=nul garbage=ordure annoying=agaçant/pénible predictable=prévisible slow=lent/lente powerful=puissant/puissante
moving=émouvant/émouvante touching=touchant/touchante charming=charmant/charmante clever=intelligent/malin
smart=intelligent fresh=frais original=original gripping=captivant/captivante compelling=captivant/passionnant
fascinating=fascinant/passionnant favorite=préféré avoid=éviter/évitez unfortunately=malheureusement
however=cependant though=bien_que although=bien_que instead=au_lieu especially=surtout
""")
)
