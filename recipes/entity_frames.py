"""Frames and words for made sentences with entities, English and French: written for this project.

Slots: {F} first name, {P} first or full name, {L} last name, {C} city, {K} country, {A} other place, {O} organisation,
{M} people, work, event, product. A French country brings its preposition: {in} is "en France", {of} is "de France".
"""


def _list(text: str) -> list[str]:
    """What stands between bars and line ends."""
    return text.strip().replace("\n", "|").split("|")


ENGLISH = _list("""
My name is {P} and I live in {C}.|I am {P}.|Hello, I'm {F} from {C}.|{P} lives in {C}, {K}.
{P} was born in {C} in 1972.|{P} works for {O} in {C}.|{P} works at {O}.|My friend {F} studies at {O}.
{F} and {F} went to {C} by train.|I met {P} in {K}.|{O} is based in {C}.|{O} was founded by {P} in {C}.
{O} has opened an office in {C}.|{P} joined {O} in 2009.|{P} left {O} last year.
{O} and {O} signed an agreement in {C}.|Mr {L} and Mrs {L} are on holiday in {K}.|Dr. {L} will see you now.
President {L} visited {K}.|The meeting between {P} and {P} took place in {C}.|{F} speaks {M} and {M}.
The {M} team beat the {M} team.|I love {M} food.|{C} is the capital of {K}.|The flight from {C} to {C} is cancelled.
We drove from {C} to {C} in one day.|{K} and {K} share a border.|{A} is in {K}.|We walked along {A} with {F}.
They crossed {A} in winter.|Have you ever been to {C}?|Is {F} coming to {C} with us?
I read {M} when I was at school.|{P} wrote {M} in {C}.|{M} was directed by {P}.|{P} sold her house in {C} to {O}.
Where is {F}?|The head of {O}, {P}, spoke to reporters in {C}.|{P}, the founder of {O}, lives in {C}.
"I am tired," said {P}.|{F} said that {O} is hiring.|Can you send the letter to {P}, please?
Dear {F}, thank you for your message.|Yours sincerely, {P}|The book by {P} is on the table.
The weather is lovely today.|I have never seen such a big dog.|We eat at eight o'clock.
This program reads a file and prints it.|It was written by {P}.|This package was developed by {P} and {P} at {O}.
The author, {P}, is a professor at {O}.|A game by {O}.|Based on {M} by {P}.|It is a port of {M} to {M}.
{M} is a program for {M}.|It was made at {O} in the 1990s.|It runs on {M}.|Yesterday {F} bought a bicycle in {C}.
In 1987, {P} moved to {K}.|On Monday, {O} announced a new product, {M}.|After {M}, {P} returned to {K}.
""")

FRENCH = _list("""
Bonjour, je suis {P} et je viens de {C}.|Mon nom est {P}.|Moi, c'est {F}.|{P} vit à {C}.
{P} est originaire de {C}, {in}.|{P} naquit à {C} en 1872.|{P} travaille pour {O} à {C}.|{P} dirige {O}.
Mon amie {F} fait ses études à l'{U}.|{F} et {F} sont partis à {C} en voiture.|J'ai croisé {P} {in}.
{O} est installé à {C}.|{O} a été fondé par {P} à {C}.|{O} ferme son bureau de {C}.|{P} a rejoint {O} en 2009.
{P} a quitté {O} l'an dernier.|{O} et {O} ont signé un accord à {C}.|M. {L} et Mme {L} sont en vacances {in}.
Le docteur {L} vous attend.|Le ministre {P} s'est rendu {in}.|La rencontre entre {P} et {P} a eu lieu à {C}.
Les {M} et les {M} sont voisins.|Un {M} rencontre une Française.|J'ai lu {W} au lycée.
{C} est une grande ville {of}.|Le vol de {C} à {C} est annulé.|Nous avons roulé de {C} à {C} en un jour.
Je voudrais partir {in}.|{a} se trouve {in}.|Nous avons longé {a} avec {F}.|Ils ont traversé {a} en hiver.
Es-tu déjà allé à {C} ?|Est-ce que {F} vient à {C} avec nous ?|{P} a écrit {W}.|{W} est un film de {P}.
{P} a vendu sa maison de {C} à {O}.|Où est passée {F} ?|Le livre de {P} est sur la table.
La directrice de l'{U}, {P}, a parlé aux journalistes.|{P}, le fondateur de {O}, habite {C}.
Je suis fatigué, dit {P}.|{F} dit que {O} embauche.|Envoyez la lettre à {P}, je vous prie.
Chère {F}, merci de votre message.|Bien cordialement, {P}|Ce roman de {P} se passe à {C}.
Il fait très beau aujourd'hui.|Je n'ai jamais vu un aussi gros chien.|On mange à huit heures.
Ce programme lit un fichier et l'affiche.|Il a été écrit par {P}.|Ce paquet a été développé par {P} et {P} à l'{U}.
L'auteur, {P}, enseigne à l'{U}.|Un jeu de {O}.|Il est l'œuvre de {P} ({U}, {C}).
C'est une copie de {W}, écrite par {P}, {P} et {P}.|Il s'agit d'une bibliothèque pour {W}.
{W} est un logiciel pour {W}.|Il fonctionne sous {W}.|Hier, {F} a acheté un vélo à {C}.
En 1987, {P} s'installa {in}.|Lundi, {O} a présenté son nouveau produit, {W}.|Après {W}, {P} revint {in}.
L'empereur {F} entra dans {C}.|Le roi {F} mourut à {C}.|On a souvent comparé {L} à {L}.
Selon {L}, rien n'est plus beau que {C}.|Le comte de {C} salua la princesse.|Les {M} prirent {C}.
Les {M} assiégeaient {C} depuis un mois.|{L}, vous êtes mon ami.|Quand {L} parut, tout se tut.
Voici {F} qui revient de {C}.|La ville de {C}, {in}, est célèbre pour ses vins.
De {C} jusqu'à {C}, la route est longue.|Ah ! {F}, que dites-vous ?|M. de {L} ne vint pas.
Vers {C}, on voit les sommets des {z}.|La capitale {of} est {C}.|Les vins {of} se vendent bien.
Le président {of}, {P}, a démissionné.
""")

PLACES_EN = _list("""
Lake Como|Lake Geneva|the Alps|the Andes|the Nile|the Rhine|the Black Sea|Mount Fuji|Mount Kenya|the Sahara
Hyde Park|Times Square|Asia|South America|the Pacific Ocean|the Amazon|the Mississippi|Bavaria|Tuscany|Normandy
Brooklyn|Heathrow Airport|the Brooklyn Bridge|Loch Ness
""")

PLACES_FR = _list("""
la [Seine](LOC)|le [Rhône](LOC)|la [Garonne](LOC)|le [Danube](LOC)|le [lac d'Annecy](LOC)|le [lac Léman](LOC)
la [mer Noire](LOC)|la [Normandie](LOC)|la [Bretagne](LOC)|le [mont Ventoux](LOC)|l'[île de la Réunion](LOC)
l'[océan Indien](LOC)|la [Toscane](LOC)|le [jardin du Luxembourg](LOC)|le [château de Chambord](LOC)
la [gare Saint-Lazare](LOC)|la [place de la Concorde](LOC)|l'[Europe](LOC)|l'[Amérique](LOC)|le [Sahara](LOC)
le [Nil](LOC)|le [Tibre](LOC)|la [Provence](LOC)|la [Savoie](LOC)|la [Perse](LOC)|la [Gaule](LOC)|l'[Égypte](LOC)
la [Flandre](LOC)
""")

MOUNTAINS_FR = _list("""
Pyrénées|Vosges|Andes|Carpates|Cévennes|Ardennes|Balkans
""")

PEOPLES_FR = _list("""
Allemands|Anglais|Romains|Grecs|Turcs|Russes|Suédois|Portugais|Belges|Suisses|Chinois|Japonais|Arabes|Égyptiens
Gaulois|Juifs|Chrétiens|Flamands|Polonais|Danois|Américains|Canadiens|Marocains|Algériens|Tunisiens|Sénégalais
Brésiliens|Mexicains|Indiens|Bretons|Normands|Vénitiens|Carthaginois|Gascons|Troyens|Lacédémoniens|Goths|Francs
Saxons|Écossais|Irlandais|Hongrois|Autrichiens|Persans|Lapons|Corses|Basques
""")

WORKS_FR = _list("""
Madame Bovary|Le Cid|Candide|Notre-Dame de Paris|Le Petit Prince|Germinal|La Peste|Carmen|Phèdre|Les Fleurs du mal
L'Iliade|Linux|Windows|Unix|GNOME|Python|Emacs|Firefox|PlayStation|OpenOffice|Photoshop|Android|Amiga|LaTeX|Perl
Java|la Révolution française|la Renaissance|la Coupe du monde|MySQL|Gimp|Apache|KDE|Bitcoin|Minitel|Doom|Pac-Man
Game Boy|HTML|Bluetooth|JSON|PostScript|Le Monde illustré|La Marseillaise
""")

WORKS_EN = _list("""
French|German|Spanish|Chinese|Polish|Russian|Arabic|Dutch|Brazilian|Indian|Mexican|Thai|Turkish|Greek|Korean
Portuguese|Irish|Canadian|Danish|Linux|Unix|Python|Firefox|PlayStation|Photoshop|Android|Game Boy|Java|Hamlet
Moby Dick|War and Peace|Emma|Star Wars|the Olympic Games|the World Cup|the Cold War|Christmas|Easter
The Beatles Anthology|Star Trek|Perl|Emacs|GNOME|OpenOffice|Doom|Tetris Worlds|The Hobbit|Blade Runner|MySQL
""")

COMPANIES = _list("""
Microsoft|IBM|Peugeot|Volkswagen|BMW|Sony|Intel|Facebook|Twitter|Netflix|Nestlé|Danone|Carrefour|Total|BNP Paribas
HSBC|Boeing|Ford|Honda|Philips|Oracle|Mozilla|Canonical|Red Hat|Adobe|Cisco|Pixar|Disney|UNESCO|UNICEF|NATO|OTAN|ONU
CGT|NASA|CERN|INRIA|BBC|CNN|Le Monde|Greenpeace|Real Madrid|Liverpool FC|Paris Saint-Germain|Amnesty International
Médecins sans frontières|World Bank|Lufthansa|Ikea|Spotify|LVMH|L'Oréal|EDF
""")

ORGANISATIONS_EN = _list("""
University of {C}|{C} University|{L} & Sons|{L} Ltd|{L} Corporation|{C} Airlines|Bank of {K}|{L} Group|{L} Institute
{C} City Council|Ministry of Finance|Ministry of Health|National Assembly|Supreme Court|Democratic Party
{K} Football Association|{L} Foundation|{C} United
""")

ORGANISATIONS_FR = _list("""
{L} SA|{L} et Fils|Groupe {L}|Société {L}|Banque {L}|Fondation {L}|Éditions {L}|Institut {L}|Laboratoire {L}|FC {C}
{L} Frères
""")

SCHOOLS_FR = _list("""
université de {C}|Université de {C}|institut {L}|Université {L}|école centrale de {C}|Académie de {C}|hôpital {L}
""")

COUNTRIES_EN = _list("""
Germany|Spain|Italy|Sweden|Norway|Russia|Poland|Turkey|Tunisia|Algeria|Argentina|Bolivia|Scotland|England|Hungary
Romania|Syria|Brazil|Mexico|Peru|Chile|Senegal|Mali|Denmark|Kenya|Lebanon|India|Japan|South Korea|Egypt|Nigeria|Iran
Iraq|Israel|Ukraine|Thailand|Switzerland|Austria|Belgium|the Netherlands
""")

COUNTRIES_FR = _list("""
la France|l'Allemagne|l'Espagne|la Suisse|la Suède|la Norvège|la Russie|la Pologne|la Grèce|la Turquie|la Tunisie
l'Algérie|l'Argentine|la Bolivie|l'Irlande|l'Écosse|l'Angleterre|la Hongrie|la Roumanie|la Bulgarie|la Syrie
la Jordanie|la Colombie|la Bretagne|la Bourgogne|la Lorraine|le Brésil|le Mexique|le Pérou|le Chili|le Sénégal
le Mali|le Danemark|le Québec|le Vietnam|le Kenya|le Liban|le Cameroun|la Corse|la Crète
""")
