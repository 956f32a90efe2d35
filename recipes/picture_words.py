"""The words for what is in the composed pictures, in English and French, and how sentences bend them."""

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of object."""

    en: str
    ens: str  # plural
    fr: str
    frs: str
    gender: str  # in French, "m" or "f"
    group: str  # one of GROUPS, or empty
    paint: str  # the colours it is painted in, by their initials in PALETTES; empty: never painted
    also: str = ""  # other English words for it, with the plural after a slash, separated by commas
    aussi: str = ""  # other French words, with plural and gender


PALETTES = {  # what a kind may be painted in; "any" leaves out nothing, so a colour says nothing about the kind
    "any": ("red", "blue", "green", "yellow", "orange", "purple", "pink", "brown", "black", "white", "gray"),
    "fur": ("black", "white", "gray", "brown", "orange"),
    "fruit": ("red", "green", "yellow"),
    "": (),
}

KINDS: dict[str, Kind] = {
    "cat": Kind("cat", "cats", "chat", "chats", "m", "animal", "fur", "kitten/kittens", "chaton/chatons/m"),
    "dog": Kind("dog", "dogs", "chien", "chiens", "m", "animal", "fur", "puppy/puppies", "chiot/chiots/m"),
    "bird": Kind("bird", "birds", "oiseau", "oiseaux", "m", "animal", "any"),
    "fish": Kind("fish", "fish", "poisson", "poissons", "m", "animal", "any", "fish/fishes"),
    "horse": Kind("horse", "horses", "cheval", "chevaux", "m", "animal", "fur", "pony/ponies", "poney/poneys/m"),
    "cow": Kind("cow", "cows", "vache", "vaches", "f", "animal", ""),
    "pig": Kind("pig", "pigs", "cochon", "cochons", "m", "animal", ""),
    "rabbit": Kind("rabbit", "rabbits", "lapin", "lapins", "m", "animal", "fur", "bunny/bunnies"),
    "turtle": Kind("turtle", "turtles", "tortue", "tortues", "f", "animal", ""),
    "elephant": Kind("elephant", "elephants", "éléphant", "éléphants", "m", "animal", ""),
    "butterfly": Kind("butterfly", "butterflies", "papillon", "papillons", "m", "animal", "any"),
    "car": Kind("car", "cars", "voiture", "voitures", "f", "vehicle", "any", "", "auto/autos/f"),
    "bus": Kind("bus", "buses", "bus", "bus", "m", "vehicle", "any", "", "autobus/autobus/m"),
    "bicycle": Kind("bicycle", "bicycles", "vélo", "vélos", "m", "vehicle", "", "bike/bikes",
        "bicyclette/bicyclettes/f"),
    "train": Kind("train", "trains", "train", "trains", "m", "vehicle", ""),
    "plane": Kind("plane", "planes", "avion", "avions", "m", "vehicle", "", "airplane/airplanes,aeroplane/aeroplanes"),
    "boat": Kind("boat", "boats", "bateau", "bateaux", "m", "vehicle", "any", "ship/ships", "voilier/voiliers/m"),
    "apple": Kind("apple", "apples", "pomme", "pommes", "f", "fruit", "fruit"),
    "banana": Kind("banana", "bananas", "banane", "bananes", "f", "fruit", ""),
    "strawberry": Kind("strawberry", "strawberries", "fraise", "fraises", "f", "fruit", ""),
    "pizza": Kind("pizza", "pizzas", "pizza", "pizzas", "f", "", ""),
    "cake": Kind("cake", "cakes", "gâteau", "gâteaux", "m", "", ""),
    "tree": Kind("tree", "trees", "arbre", "arbres", "m", "plant", "", "", "sapin/sapins/m"),
    "flower": Kind("flower", "flowers", "fleur", "fleurs", "f", "plant", "any"),
    "house": Kind("house", "houses", "maison", "maisons", "f", "", "any"),
    "ball": Kind("ball", "balls", "ballon", "ballons", "m", "", "any", "", "balle/balles/f"),
    "book": Kind("book", "books", "livre", "livres", "m", "", "any"),
    "cup": Kind("cup", "cups", "tasse", "tasses", "f", "", "any", "mug/mugs"),
    "umbrella": Kind("umbrella", "umbrellas", "parapluie", "parapluies", "m", "", "any"),
    "clock": Kind("clock", "clocks", "horloge", "horloges", "f", "", "", "watch/watches", "montre/montres/f"),
    "hat": Kind("hat", "hats", "chapeau", "chapeaux", "m", "", "any"),
    "person": Kind("person", "people", "personne", "personnes", "f", "", ""),
    "heart": Kind("heart", "hearts", "cœur", "cœurs", "m", "shape", "any"),
    "star": Kind("star", "stars", "étoile", "étoiles", "f", "shape", "any"),
    "sun": Kind("sun", "suns", "soleil", "soleils", "m", "", ""),
    "moon": Kind("moon", "moons", "lune", "lunes", "f", "", ""),
    "circle": Kind("circle", "circles", "cercle", "cercles", "m", "shape", "any", "disc/discs", "rond/ronds/m"),
    "square": Kind("square", "squares", "carré", "carrés", "m", "shape", "any"),
    "triangle": Kind("triangle", "triangles", "triangle", "triangles", "m", "shape", "any"),
    "rectangle": Kind("rectangle", "rectangles", "rectangle", "rectangles", "m", "shape", "any"),
}  # fmt: skip

GROUPS: dict[str, tuple[str, str, str, str, str]] = {  # en, plural, fr, plural, gender
    "animal": ("animal", "animals", "animal", "animaux", "m"),
    "vehicle": ("vehicle", "vehicles", "véhicule", "véhicules", "m"),
    "fruit": ("fruit", "fruits", "fruit", "fruits", "m"),
    "plant": ("plant", "plants", "plante", "plantes", "f"),
    "shape": ("shape", "shapes", "forme", "formes", "f"),
}

COLOUR_WORDS: dict[str, tuple[str, str, str]] = {  # English; French masculine, which is also its name; feminine
    "red": ("red", "rouge", "rouge"),
    "blue": ("blue", "bleu", "bleue"),
    "green": ("green", "vert", "verte"),
    "yellow": ("yellow", "jaune", "jaune"),
    "orange": ("orange", "orange", "orange"),
    "purple": ("purple", "violet", "violette"),
    "pink": ("pink", "rose", "rose"),
    "brown": ("brown", "marron", "marron"),
    "black": ("black", "noir", "noire"),
    "white": ("white", "blanc", "blanche"),
    "gray": ("gray", "gris", "grise"),
    "teal": ("teal", "turquoise", "turquoise"),
}

NUMBERS = {
    "en": ("no", "one", "two", "three", "four", "five", "six"),
    "fr": ("aucun", "un", "deux", "trois", "quatre", "cinq", "six"),
}
MOST = 6  # objects of one kind in a picture

SIDES = ("left", "right", "above", "below")
OPPOSITE = {"left": "right", "right": "left", "above": "below", "below": "above"}
PLACES = {  # answers to "where is ...?"
    "en": {"left": "left", "right": "right", "above": "top", "below": "bottom"},
    "fr": {"left": "gauche", "right": "droite", "above": "haut", "below": "bas"},
}
YES_NO = {"en": ("yes", "no"), "fr": ("oui", "non")}


class Noun(NamedTuple):
    """A word in one language, with what grammar needs of it."""

    one: str
    many: str
    gender: str = ""

    @property
    def vowel(self) -> bool:
        """Whether articles are shortened before it: "l'arbre", "an apple"; French h is mute in these words."""
        return self.one[0] in "aeiouéèêâhœ" if self.gender else self.one[0] in "aeiou"


def names(kind: str, language: str) -> list[Noun]:
    """The nouns for a kind: its own first, then the others."""
    row = KINDS[kind]
    if language == "en":
        return [Noun(row.en, row.ens), *(Noun(*word.split("/")) for word in row.also.split(",") if word)]
    return [Noun(row.fr, row.frs, row.gender), *(Noun(*word.split("/")) for word in row.aussi.split(",") if word)]


def group_name(group: str, language: str) -> Noun:
    en, ens, fr, frs, gender = GROUPS[group]
    return Noun(en, ens) if language == "en" else Noun(fr, frs, gender)


def forms(noun: Noun) -> dict[str, str]:
    """What templates ask for: n, ns, a (with its article "a"), the; in French un, le, du, de (de chats), ce, il."""
    if not noun.gender:
        article = "an" if noun.vowel else "a"
        return {"n": noun.one, "ns": noun.many, "a": f"{article} {noun.one}", "the": f"the {noun.one}"}
    feminine = noun.gender == "f"
    le = "l'" if noun.vowel else "la " if feminine else "le "
    du = "de l'" if noun.vowel else "de la " if feminine else "du "
    return {
        "n": noun.one,
        "ns": noun.many,
        "un": f"{'une' if feminine else 'un'} {noun.one}",
        "le": le + noun.one,
        "du": du + noun.one,
        "de": ("d'" if noun.vowel else "de ") + noun.many,
        "dn": ("d'" if noun.vowel else "de ") + noun.one,
        "quel": "quelle" if feminine else "quel",
        "ce": "cette" if feminine else "cet" if noun.vowel else "ce",
        "il": "elle" if feminine else "il",
    }


def answer_word(kind: str, language: str) -> str:
    return names(kind, language)[0].one


def colour_word(colour: str, language: str, gender: str = "m") -> str:
    en, masculine, feminine = COLOUR_WORDS[colour]
    return en if language == "en" else feminine if gender == "f" else masculine


def answers() -> list[str]:
    """All answers that the model knows, the labels: each word once, though both languages may have it ("orange")."""
    found = [*YES_NO["en"], *YES_NO["fr"], *map(str, range(MOST + 1))]
    for language in ("en", "fr"):
        found += [colour_word(colour, language) for colour in COLOUR_WORDS]
        found += PLACES[language].values()
        found += [answer_word(kind, language) for kind in KINDS]
    return list(dict.fromkeys(found))
