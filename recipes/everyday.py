"""Everyday sentences in English with their French translation, composed from frames and words written for hfquick.

Debian describes software; nobody there has a cat or is hungry. The few captions of Tux Paint's stamps do not show how a
sentence about every day is built, so these frames do. French agrees in gender and number and elides.
They are training data, never test data.
"""

import random
from typing import NamedTuple


class Noun(NamedTuple):
    english: str
    french: str
    feminine: bool


class Adjective(NamedTuple):
    english: str
    masculine: str
    feminine: str
    before: bool = False  # stands before the noun in French


def nouns(line: str, feminine: bool) -> list[Noun]:
    return [Noun(*pair.strip().split("="), feminine) for pair in line.split(",")]


THINGS = nouns(
    "book=livre, pencil=crayon, bag=sac, bed=lit, hat=chapeau, coat=manteau, knife=couteau, glass=verre, "
    "bread=pain, cake=gâteau, egg=œuf, cheese=fromage, garden=jardin, phone=téléphone, computer=ordinateur, "
    "train=train, bicycle=vélo, boat=bateau, plane=avion, newspaper=journal, mirror=miroir, sheet=drap, "
    "game=jeu, ball=ballon, gift=cadeau, tree=arbre, basket=panier, umbrella=parapluie, desk=bureau, sweater=pull",
    False,
) + nouns(
    "car=voiture, house=maison, table=table, chair=chaise, door=porte, window=fenêtre, key=clé, lamp=lampe, box=boîte, "
    "bottle=bouteille, cup=tasse, spoon=cuillère, fork=fourchette, plate=assiette, apple=pomme, pear=poire, "
    "orange=orange, strawberry=fraise, carrot=carotte, potato=pomme de terre, tomato=tomate, flower=fleur, "
    "shirt=chemise, skirt=jupe, shoe=chaussure, dress=robe, watch=montre, picture=image, letter=lettre, "
    "guitar=guitare, kitchen=cuisine, bedroom=chambre, room=pièce, salad=salade, soup=soupe, pizza=pizza",
    True,
)
ANIMALS = nouns(
    "cat=chat, dog=chien, horse=cheval, bird=oiseau, rabbit=lapin, lion=lion, elephant=éléphant, fish=poisson, "
    "pig=cochon, sheep=mouton, bear=ours, monkey=singe, duck=canard, wolf=loup",
    False,
) + nouns("cow=vache, mouse=souris, hen=poule, bee=abeille, spider=araignée, giraffe=girafe, turtle=tortue", True)
PEOPLE = nouns(
    "boy=garçon, man=homme, teacher=professeur, doctor=médecin, neighbour=voisin, child=enfant, brother=frère, "
    "father=père, grandfather=grand-père, son=fils, uncle=oncle, baker=boulanger, friend=ami, student=étudiant",
    False,
) + nouns(
    "girl=fille, woman=femme, sister=sœur, mother=mère, grandmother=grand-mère, daughter=fille, aunt=tante, "
    "queen=reine, nurse=infirmière, cousin=cousine",
    True,
)
PLACES = nouns(
    "garden=jardin, park=parc, hotel=hôtel, restaurant=restaurant, museum=musée, market=marché, cinema=cinéma, "
    "village=village, theatre=théâtre, zoo=zoo, office=bureau, airport=aéroport, hospital=hôpital",
    False,
) + nouns(
    "school=école, library=bibliothèque, station=gare, kitchen=cuisine, beach=plage, bakery=boulangerie, bank=banque, "
    "church=église, street=rue, house=maison, town=ville, post office=poste, pharmacy=pharmacie, forest=forêt",
    True,
)
LOOKS = [
    Adjective(*line.split())
    for line in [
        "red rouge rouge",
        "green vert verte",
        "black noir noire",
        "white blanc blanche",
        "yellow jaune jaune",
        "brown brun brune",
        "blue bleu bleue",
        "grey gris grise",
        "round rond ronde",
        "broken cassé cassée",
        "clean propre propre",
        "dirty sale sale",
        "expensive cher chère",
        "strange étrange étrange",
        "heavy lourd lourde",
        "light léger légère",
        "magnificent magnifique magnifique",
    ]
] + [
    Adjective(*line.split(), True)
    for line in ["small petit petite", "big grand grande", "pretty joli jolie", "bad mauvais mauvaise"]
]
MOODS = [
    Adjective(*line.split())
    for line in [
        "happy heureux heureuse",
        "sad triste triste",
        "tired fatigué fatiguée",
        "ill malade malade",
        "ready prêt prête",
        "alone seul seule",
        "angry fâché fâchée",
        "young jeune jeune",
        "tall grand grande",
        "kind gentil gentille",
        "late en_retard en_retard",
        "surprised surpris surprise",
        "rich riche riche",
        "funny drôle drôle",
        "nice sympathique sympathique",
    ]
]
NUMBERS = "two=deux, three=trois, four=quatre, five=cinq, six=six, seven=sept, eight=huit, nine=neuf, ten=dix"
SUBJECTS = "I=je 0, you=vous 4, he=il 2, she=elle 2, we=nous 3, they=ils 5"
BE = ["am", "are", "is", "are", "are", "are"], ["suis", "es", "est", "sommes", "êtes", "sont"]
HAVE = ["have", "have", "has", "have", "have", "have"], ["ai", "as", "a", "avons", "avez", "ont"]
VERBS = {  # English, he ..., French: je, tu, il, nous, vous, ils
    "eat eats": "mange manges mange mangeons mangez mangent",
    "see sees": "vois vois voit voyons voyez voient",
    "buy buys": "achète achètes achète achetons achetez achètent",
    "want wants": "veux veux veut voulons voulez veulent",
    "like likes": "aime aimes aime aimons aimez aiment",
    "look for|looks for": "cherche cherches cherche cherchons cherchez cherchent",
    "find finds": "trouve trouves trouve trouvons trouvez trouvent",
    "take takes": "prends prends prend prenons prenez prennent",
    "sell sells": "vends vends vend vendons vendez vendent",
    "draw draws": "dessine dessines dessine dessinons dessinez dessinent",
}
ACTS = {  # without an object
    "sleep sleeps": "dors dors dort dormons dormez dorment",
    "sing sings": "chante chantes chante chantons chantez chantent",
    "work works": "travaille travailles travaille travaillons travaillez travaillent",
    "dance dances": "danse danses danse dansons dansez dansent",
    "play plays": "joue joues joue jouons jouez jouent",
    "read reads": "lis lis lit lisons lisez lisent",
    "eat eats": "mange manges mange mangeons mangez mangent",
    "wait waits": "attends attends attend attendons attendez attendent",
}
NAMES = [
    "Anna",
    "Paul",
    "Marie",
    "Peter",
    "Julie",
    "Lucas",
    "Emma",
    "Tom",
    "Alice",
    "David",
    "Sophie",
    "Hugo",
    "Clara",
    "Martin",
    "Nina",
    "Louis",
]
CITIES = [
    "Paris",
    "Lyon",
    "Berlin",
    "Rome",
    "Madrid",
    "Lisbon=Lisbonne",
    "Brussels=Bruxelles",
    "Geneva=Genève",
    "Vienna=Vienne",
    "Dublin",
]
WHERE = "on=sur, under=sous, behind=derrière, in front of=devant, in=dans, next to=à côté de, near=près de"
WHEN = (
    "today=aujourd'hui, tomorrow=demain, now=maintenant, every day=tous les jours, this evening=ce soir, often=souvent"
)
DRINKS = "tea=thé, coffee=café, milk=lait, chocolate=chocolat, juice=jus de fruits, wine=vin, hot water=eau chaude"
PHRASES = """\
Hello!=Bonjour !
Good morning.=Bonjour.
Good evening.=Bonsoir.
Good night.=Bonne nuit.
Goodbye!=Au revoir !
Thank you very much.=Merci beaucoup.
Thank you.=Merci.
Please.=S'il vous plaît.
Excuse me.=Excusez-moi.
I am sorry.=Je suis désolé.
How are you?=Comment allez-vous ?
I am fine, thank you.=Je vais bien, merci.
See you tomorrow.=À demain.
See you soon.=À bientôt.
I am hungry.=J'ai faim.
I am thirsty.=J'ai soif.
I am cold.=J'ai froid.
I am hot.=J'ai chaud.
I do not know.=Je ne sais pas.
I do not understand.=Je ne comprends pas.
It is raining.=Il pleut.
It is snowing.=Il neige.
It is cold.=Il fait froid.
It is hot.=Il fait chaud.
What time is it?=Quelle heure est-il ?
How much is it?=Combien ça coûte ?
What is your name?=Comment vous appelez-vous ?
Yes.=Oui.
No.=Non.
Where do you live?=Où habitez-vous ?
Do you speak French?=Parlez-vous français ?
I speak a little French.=Je parle un peu français.
Help me, please.=Aidez-moi, s'il vous plaît.
The sun is shining.=Le soleil brille.
Happy birthday!=Joyeux anniversaire !
Welcome!=Bienvenue !
I love you.=Je t'aime.
Be careful!=Attention !
I am from England.=Je viens d'Angleterre.
Have a nice day.=Bonne journée."""


# French


def pick(rng: random.Random, line: str) -> list[str]:
    return rng.choice(line.split(", ")).split("=")


def elided(text: str) -> bool:
    """A vowel or a silent h comes first; among the words of this file only silent ones occur."""
    return text[0].lower() in "aeiouyhéêèàâîôûœ"


def the(noun: Noun) -> str:
    return f"l'{noun.french}" if elided(noun.french) else f"{'la' if noun.feminine else 'le'} {noun.french}"


def of_the(noun: Noun) -> str:
    return f"de {the(noun)}".replace("de le ", "du ")


def at_the(noun: Noun) -> str:
    return f"à {the(noun)}".replace("à le ", "au ")


def plural(word: str) -> str:
    if word == "pomme de terre":
        return "pommes de terre"
    for end, many in (("s", "s"), ("x", "x"), ("eau", "eaux"), ("al", "aux"), ("eu", "eux")):
        if word.endswith(end) and word != "bleu":
            return word[: -len(end)] + many
    return word + "s"


def plural_en(word: str) -> str:
    odd = {"sheep": "sheep", "fish": "fish", "mouse": "mice", "wolf": "wolves", "knife": "knives", "bread": "breads"}
    if word in odd:
        return odd[word]
    if word.endswith(("x", "s", "ch", "sh", "to")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2] not in "aeiou" else word + "s"


def of(word: str) -> str:
    return f"d'{word}" if elided(word) else f"de {word}"


def agreeing(adjective: Adjective, noun: Noun) -> str:
    return (adjective.feminine if noun.feminine else adjective.masculine).replace("_", " ")


def a(rng: random.Random, noun: Noun, described: float = 0.4) -> tuple[str, str]:
    """ "a red car", "une voiture rouge"."""
    one = "une" if noun.feminine else "un"
    if rng.random() > described:
        return f"{'an' if noun.english[0] in 'aeiou' else 'a'} {noun.english}", f"{one} {noun.french}"
    look = rng.choice(LOOKS)
    article = "an" if look.english[0] in "aeiou" else "a"
    words = (agreeing(look, noun), noun.french) if look.before else (noun.french, agreeing(look, noun))
    return f"{article} {look.english} {noun.english}", f"{one} {' '.join(words)}"


def several(rng: random.Random, noun: Noun) -> tuple[str, str]:
    """ "three green apples", "trois pommes vertes"."""
    count, french = pick(rng, NUMBERS)
    look = rng.choice(LOOKS)
    words = [plural(agreeing(look, noun)), plural(noun.french)]
    if rng.random() < 0.4:
        return f"{count} {plural_en(noun.english)}", f"{french} {words[1]}"
    return (
        f"{count} {look.english} {plural_en(noun.english)}",
        f"{french} {' '.join(words if look.before else words[::-1])}",
    )


def subject(rng: random.Random) -> tuple[str, str, int]:
    """English, French, person (0 I, 2 he or she, 3 we, 4 you, 5 they)."""
    english, french = pick(rng, SUBJECTS)
    word, person = french.split()
    return english, word, int(person)


def je(word: str, verb: str) -> str:
    return f"j'{verb}" if word == "je" and elided(verb) else f"{word} {verb}"


def conjugated(rng: random.Random, verbs: dict[str, str], who: tuple[str, str, int]) -> tuple[str, str]:
    english = rng.choice(list(verbs))
    forms = english.split("|") if "|" in english else english.split()
    verb = verbs[english].split()[who[2]]
    return f"{who[0]} {forms[who[2] == 2]}", je(who[1], verb)


# Frames


def frame(rng: random.Random) -> tuple[str, str]:
    """One sentence and its translation, without capital letter and full stop."""
    thing, other, animal = rng.choice(THINGS), rng.choice(THINGS), rng.choice(THINGS + ANIMALS)
    person, place, who = rng.choice(PEOPLE), rng.choice(PLACES), subject(rng)
    kind = rng.randrange(17)
    if kind == 0:
        return a(rng, rng.choice(THINGS + ANIMALS + PEOPLE), 0.7)
    if kind == 1:
        return several(rng, animal)
    if kind == 2:
        english, french = pick(rng, WHERE)
        where = f"{french.removesuffix(' de')} {of_the(other)}" if french.endswith(" de") else f"{french} {the(other)}"
        return f"the {animal.english} is {english} the {other.english}", f"{the(animal)} est {where}"
    if kind == 3:
        look = rng.choice(LOOKS)
        return f"the {animal.english} is {look.english}", f"{the(animal)} est {agreeing(look, animal)}"
    if kind == 4:
        mood = rng.choice(MOODS)
        return f"the {person.english} is {mood.english}", f"{the(person)} est {agreeing(mood, person)}"
    if kind == 5:
        start, what = conjugated(rng, VERBS, who), a(rng, animal)
        return f"{start[0]} {what[0]}", f"{start[1]} {what[1]}"
    if kind == 6:
        start = conjugated(rng, VERBS, ("the " + person.english, the(person), 2))
        what = several(rng, animal) if rng.random() < 0.4 else a(rng, animal)
        return f"{start[0]} {what[0]}", f"{start[1]} {what[1]}"
    if kind == 7:
        start, what = (HAVE[0][who[2]], HAVE[1][who[2]]), a(rng, animal)
        return f"{who[0]} {start[0]} {what[0]}", f"{je(who[1], start[1])} {what[1]}"
    if kind == 8:
        return f"where is the {place.english}?", f"où est {the(place)} ?"
    if kind == 9:
        name, city = rng.choice(NAMES), rng.choice(CITIES).split("=")
        first = f"my name is {name}", f"je m'appelle {name}"
        second = f"I live in {city[0]}", f"j'habite à {city[-1]}"
        return rng.choice([first, second, (f"{first[0]} and {second[0]}", f"{first[1]} et {second[1]}")])
    if kind == 10:
        drink, french = pick(rng, DRINKS)
        return f"I would like a glass of {drink}", f"je voudrais un verre {of(french)}"
    if kind == 11:
        start, when = conjugated(rng, ACTS, who), pick(rng, WHEN)
        return f"{start[0]} {when[0]}", f"{start[1]} {when[1]}"
    if kind == 12:
        mine = "ma" if person.feminine and not elided(person.french) else "mon"
        start, where = conjugated(rng, ACTS, ("my " + person.english, f"{mine} {person.french}", 2)), place
        return f"{start[0]} in the {where.english}", f"{start[1]} dans {the(where)}"
    if kind == 13:
        verb = {0: "vais", 2: "va", 3: "allons", 4: "allez", 5: "vont"}[who[2]]
        when = pick(rng, WHEN)
        english = "goes" if who[2] == 2 else "go"
        return f"{who[0]} {english} to the {place.english} {when[0]}", f"{who[1]} {verb} {at_the(place)} {when[1]}"
    if kind == 14:
        mood = rng.choice(MOODS)
        english, verb = BE[0][who[2]], BE[1][who[2]]
        form = mood.feminine if who[1] == "elle" else mood.masculine
        form = plural(form) if who[2] in (3, 5) and "_" not in form else form.replace("_", " ")
        return f"{who[0]} {english} {mood.english}", f"{je(who[1], verb)} {form}"
    if kind == 15:
        this = "cette" if thing.feminine else "cet" if elided(thing.french) else "ce"
        look = rng.choice(LOOKS)
        return f"this {thing.english} is very {look.english}", f"{this} {thing.french} est très {agreeing(look, thing)}"
    what = a(rng, thing)
    return f"I do not have {what[0]}", f"je n'ai pas {of(what[1].split(' ', 1)[1])}"


def sentences(count: int, seed: int) -> list[tuple[str, str]]:
    """The phrases, and different sentences of the frames until there are `count`, each with its French translation."""
    rng = random.Random(seed)
    phrases = [phrase.split("=") for phrase in PHRASES.splitlines()]
    found: dict[str, str] = dict(phrases)
    while len(found) < count:
        english, french = (text[0].upper() + text[1:] for text in frame(rng))
        end = "." if not english.endswith("?") and rng.random() < 0.9 else ""
        found.setdefault(english + end, french + end)
    return list(found.items())
