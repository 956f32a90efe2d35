"""Questions about composed pictures with their answers, in English and French.

A picture is a list of things with places and colours, so every answer is known. The rule that matters: **the question
alone must tell nothing.** Yes and no come equally often for each kind of thing, things are painted in any colour, and
counts, sides and places are drawn before the picture is composed. What is left for the question alone is to know
which answers fit it at all, and that is the baseline.

A line of TEMPLATES that begins with * is asked in dev and test questions only: phrasings nobody was trained on.
"""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .picture_words import (
    COLOUR_WORDS,
    GROUPS,
    KINDS,
    MOST,
    NUMBERS,
    OPPOSITE,
    PALETTES,
    PLACES,
    SIDES,
    YES_NO,
    Noun,
    answer_word,
    colour_word,
    forms,
    group_name,
    names,
)


class Thing(NamedTuple):
    """An object in a picture: its middle and its size in parts of the picture's width and height."""

    kind: str
    x: float
    y: float
    w: float
    h: float
    colour: str = ""  # where it is one that can be named


class Asked(NamedTuple):
    """A question about a picture."""

    question: str
    answers: tuple[str, ...]  # all that are right
    about: str  # the kind of question, a key of TEMPLATES
    language: str
    things: tuple[int, ...]  # the things that the answer stands on: where to look


# n, ns, a, the; in French n, ns, un, le, du, de, dn, ce, il: see picture_words.forms. A 2 is for the second thing.
# c is a colour, k a number, side words are in SIDE_WORDS below.
TEMPLATES: dict[str, dict[str, str]] = {
    "colour": {
        "en": """What colour is {the}?
            What color is {the}?
            Which colour is {the}?
            Which color is {the}?
            What is the colour of {the}?
            What is the color of {the}?
            What's the color of {the}?
            what colour {the} is?
            colour of {the}?
            color of {the}
            {the}, what color is it?
            Tell me the colour of {the}.
            What colour does {the} have?
            What is {the}'s color?
            *Can you tell me what color {the} is?
            *In what colour is {the}?
            *What colour has {the}?
            *What color would you say {the} is?""",
        "fr": """De quelle couleur est {le} ?
            De quelle couleur est {le}
            Quelle est la couleur {du} ?
            Quelle couleur a {le} ?
            {le} est de quelle couleur ?
            C'est quoi la couleur {du} ?
            la couleur {du} ?
            couleur {du} ?
            Quelle est la couleur de {ce} {n} ?
            De quelle couleur est {ce} {n} ?
            {ce} {n} est de quelle couleur ?
            {le}, de quelle couleur est-{il} ?
            Dis-moi la couleur {du}.
            *Peux-tu me dire de quelle couleur est {le} ?
            *De quelle couleur est donc {le} ?
            *Quelle est donc la couleur {du} ?
            *{le} a quelle couleur ?""",
    },
    "count": {
        "en": """How many {ns} are there?
            How many {ns} are in the picture?
            How many {ns} are there in the picture?
            How many {ns} are there in the image?
            How many {ns} do you see?
            How many {ns} can you see?
            How many {ns} does the picture show?
            How many {ns}?
            how many {ns} in this picture
            how many {n}?
            Count the {ns}.
            number of {ns}?
            What is the number of {ns}?
            Are there many {ns}, and how many?
            *How many {ns} can be seen?
            *How many {ns} are shown here?
            *Can you count the {ns}?
            *How many {ns} does the image contain?""",
        "fr": """Combien de... {de} ?
            Combien {de} y a-t-il ?
            Combien y a-t-il {de} ?
            Combien {de} vois-tu ?
            Combien {de} voit-on ?
            Combien {de} ?
            Il y a combien {de} ?
            Combien {de} y a-t-il sur l'image ?
            Combien {de} y a-t-il dans l'image ?
            Combien {de} sont sur la photo ?
            Combien est-ce qu'il y a {de} ?
            combien {de} il y a
            Compte les {ns}.
            Quel est le nombre {de} ?
            nombre {de} ?
            On voit combien {de} ?
            *Combien {de} peut-on voir ?
            *Combien {de} y a-t-il ici ?
            *Peux-tu compter les {ns} ?
            *Tu vois combien {de} ?""",
    },
    "is there": {
        "en": """Is there {a}?
            Is there {a} in the picture?
            Is there {a} in the image?
            Is there {a} here?
            Can you see {a}?
            Do you see {a}?
            Does the picture show {a}?
            Does the image contain {a}?
            Are there any {ns}?
            Are there {ns} in the picture?
            Is there any {n}?
            is there a {n}
            any {ns}?
            Can you see the {n}?
            Do you see any {ns}?
            Is {a} in the picture?
            Can we see {a}?
            *Is {a} present?
            *Is there {a} somewhere?
            *Can {a} be seen?
            *Are any {ns} shown?
            *Does this picture have {a} in it?""",
        "fr": """Y a-t-il {un} ?
            Y a-t-il {un} sur l'image ?
            Y a-t-il {un} dans l'image ?
            Est-ce qu'il y a {un} ?
            Est-ce qu'il y a {un} sur la photo ?
            Il y a {un} ?
            Vois-tu {un} ?
            Tu vois {un} ?
            Est-ce que tu vois {un} ?
            Est-ce qu'on voit {un} ?
            Voit-on {un} ?
            On voit {un} ?
            Y a-t-il des {ns} ?
            Est-ce qu'il y a des {ns} ?
            y a t il {un}
            Est-ce qu'on voit {le} ?
            Vois-tu {le} ?
            L'image montre-t-elle {un} ?
            *Peut-on voir {un} ?
            *Y a-t-il {un} quelque part ?
            *Est-ce que l'image contient {un} ?
            *Y a-t-il {un} ici ?
            *Aperçoit-on {un} ?""",
    },
    "is there coloured": {
        "en": """Is there a {c} {n}?
            Is there a {c} {n} in the picture?
            Can you see a {c} {n}?
            Do you see a {c} {n}?
            Are there any {c} {ns}?
            Does the image contain a {c} {n}?
            *Is a {c} {n} present?
            *Does the picture show a {c} {n}?""",
        "fr": """Y a-t-il {un} {c} ?
            Est-ce qu'il y a {un} {c} ?
            Vois-tu {un} {c} ?
            Est-ce qu'on voit {un} {c} ?
            Il y a {un} {c} ?
            *Peut-on voir {un} {c} ?
            *Y a-t-il {un} {c} sur l'image ?""",
    },
    "is coloured": {
        "en": """Is {the} {c}?
            Is the color of {the} {c}?
            Is the {n} {c} or not?
            Is {the} {c} in the picture?
            Is this {n} {c}?
            *Would you say {the} is {c}?
            *Is that a {c} {n}?""",
        "fr": """{le} est-{il} {c} ?
            Est-ce que {le} est {c} ?
            {le} est {c} ?
            Est-ce que {ce} {n} est {c} ?
            La couleur {du} est-elle {cm} ?
            *{ce} {n} est-{il} {c} ?
            *Est-{il} {c}, {le} ?""",
    },
    "are there so many": {
        "en": """Are there {k} {ns}?
            Are there {k} {ns} in the picture?
            Do you see {k} {ns}?
            Can you see {k} {ns}?
            *Does the picture show {k} {ns}?
            *Are {k} {ns} there?""",
        "fr": """Y a-t-il {k} {ns} ?
            Est-ce qu'il y a {k} {ns} ?
            Vois-tu {k} {ns} ?
            Il y a {k} {ns} ?
            *Peut-on voir {k} {ns} ?
            *Voit-on {k} {ns} ?""",
    },
    "what": {
        "en": """What is this?
            What is it?
            What is that?
            What's this?
            what is in the picture?
            What is in the image?
            What do you see?
            What can you see?
            What can you see in the picture?
            What does the picture show?
            What is in this picture?
            What object is this?
            What is there?
            what's in the picture
            What is shown?
            What can we see?
            What thing is this?
            *What do we have here?
            *What does the image show?
            *What could this be?
            *Tell me what this is.""",
        "fr": """Qu'est-ce que c'est ?
            Qu'est-ce que c'est
            C'est quoi ?
            Que vois-tu ?
            Qu'est-ce que tu vois ?
            Que voit-on ?
            Qu'est-ce qu'on voit ?
            Que voit-on sur l'image ?
            Qu'y a-t-il sur l'image ?
            Qu'est-ce qu'il y a sur l'image ?
            Qu'est-ce qu'il y a ?
            Que montre l'image ?
            Quel objet est-ce ?
            C'est quoi ça ?
            Qu'est-ce ?
            Tu vois quoi ?
            Quel est cet objet ?
            *Que représente l'image ?
            *Que peut-on voir ?
            *Dis-moi ce que c'est.
            *Qu'y a-t-il ici ?""",
    },
    "which of group": {
        "en": """What {n} is this?
            Which {n} is this?
            What {n} is it?
            What {n} do you see?
            Which {n} can you see?
            What {n} is in the picture?
            Which {n} is there?
            What kind of {n} is this?
            *What sort of {n} is it?
            *Which {n} does the picture show?""",
        "fr": """Quel est {ce} {n} ?
            {quel} {n} est-ce ?
            {quel} {n} vois-tu ?
            {quel} {n} voit-on ?
            C'est {quel} {n} ?
            {quel} {n} y a-t-il sur l'image ?
            De {quel} {n} s'agit-il ?
            C'est quoi comme {n} ?
            *{quel} sorte {dn} est-ce ?
            *{quel} {n} peut-on voir ?""",
    },
    "which has colour": {
        "en": """What is {c}?
            Which thing is {c}?
            What object is {c}?
            What is the {c} thing?
            What is the {c} object?
            Which object is {c}?
            What is {c} in the picture?
            *What {c} thing can you see?
            *Which thing has the colour {c}?""",
        "fr": """Qu'est-ce qui est {cm} ?
            Quel objet est {cm} ?
            Quel est l'objet {cm} ?
            Qu'est-ce qui est {cm} sur l'image ?
            Quelle chose est {cf} ?
            C'est quoi l'objet {cm} ?
            *Que vois-tu de {cm} ?
            *Quel objet a la couleur {cm} ?""",
    },
    "which shape has colour": {
        "en": """What shape is {c}?
            Which shape is {c}?
            What is the {c} shape?
            What {c} shape is there?
            *What is the shape in {c}?""",
        "fr": """Quelle forme est {cf} ?
            Quelle est la forme {cf} ?
            Quelle forme est de couleur {cm} ?
            *Quelle est cette forme {cf} ?""",
    },
    "beside": {
        "en": """What is {side} {the}?
            What's {side} {the}?
            what is there {side} {the}?
            What do you see {side} {the}?
            What can you see {side} {the}?
            Which object is {side} {the}?
            Which thing is {side} {the}?
            What object is {side} {the}?
            What is the object {side} {the}?
            {side} {the}, what is there?
            *What stands {side} {the}?
            *What can be seen {side} {the}?
            *What lies {side} {the}?""",
        "fr": """Qu'est-ce qu'il y a {side} {du} ?
            Qu'y a-t-il {side} {du} ?
            Que vois-tu {side} {du} ?
            Que voit-on {side} {du} ?
            Qu'est-ce qui est {side} {du} ?
            Quel objet est {side} {du} ?
            Quel objet y a-t-il {side} {du} ?
            {side} {du}, qu'est-ce que c'est ?
            {side} {du}, il y a quoi ?
            C'est quoi {side} {du} ?
            Qu'est-ce qu'on voit {side} {du} ?
            *Que peut-on voir {side} {du} ?
            *Qu'est-ce qui se trouve {side} {du} ?
            *Qu'aperçoit-on {side} {du} ?""",
    },
    "is beside": {
        "en": """Is {the} {side} {the2}?
            Is there {a} {side} {the2}?
            Is {the} {side} {the2} or not?
            Can you see {a} {side} {the2}?
            *Does {the} stand {side} {the2}?
            *Is the {n} that you see {side} {the2}?""",
        "fr": """{le} est-{il} {side} {du2} ?
            Est-ce que {le} est {side} {du2} ?
            {le} est {side} {du2} ?
            Y a-t-il {un} {side} {du2} ?
            *{le} se trouve-t-{il} {side} {du2} ?
            *Voit-on {un} {side} {du2} ?""",
    },
    "at side": {
        "en": """What is {place}?
            What do you see {place}?
            What can you see {place}?
            Which object is {place}?
            What's {place}?
            What object is {place}?
            What is there {place}?
            *What stands {place}?
            *What can be seen {place}?""",
        "fr": """Qu'est-ce qu'il y a {place} ?
            Qu'y a-t-il {place} ?
            Que vois-tu {place} ?
            Qu'est-ce qui est {place} ?
            Quel objet est {place} ?
            Que voit-on {place} ?
            C'est quoi {place} ?
            *Que peut-on voir {place} ?
            *Qu'est-ce qui se trouve {place} ?""",
    },
    "which at side": {
        "en": """Which {n} is {place}?
            What {n} is {place}?
            Which {n} do you see {place}?
            What {n} can you see {place}?
            *Which {n} stands {place}?""",
        "fr": """Quel {n} est {place} ?
            Quel {n} vois-tu {place} ?
            Quel {n} y a-t-il {place} ?
            C'est quel {n} {place} ?
            *Quel {n} se trouve {place} ?""",
    },
    "where": {
        "en": """Where is {the}?
            where's {the}?
            Where do you see {the}?
            Where can you see {the}?
            Where is {the} in the picture?
            On which side is {the}?
            *Where does {the} stand?
            *Where in the picture is {the}?""",
        "fr": """Où est {le} ?
            Où se trouve {le} ?
            {le} est où ?
            Où vois-tu {le} ?
            Où est {le} sur l'image ?
            De quel côté est {le} ?
            *Où peut-on voir {le} ?
            *Où se situe {le} ?""",
    },
    "is at side": {
        "en": """Is {the} {place}?
            Is {the} {place} or not?
            Is there {a} {place}?
            Do you see {a} {place}?
            *Does {the} stand {place}?""",
        "fr": """{le} est-{il} {place} ?
            Est-ce que {le} est {place} ?
            {le} est {place} ?
            Y a-t-il {un} {place} ?
            *{le} se trouve-t-{il} {place} ?""",
    },
    "next to": {
        "en": """What is next to {the}?
            What is beside {the}?
            What do you see next to {the}?
            Which object is next to {the}?
            What else is there besides {the}?
            *What is near {the}?""",
        "fr": """Qu'est-ce qu'il y a à côté {du} ?
            Qu'y a-t-il à côté {du} ?
            Qu'est-ce qui est à côté {du} ?
            Que vois-tu à côté {du} ?
            *Qu'est-ce qui est près {du} ?""",
    },
}  # fmt: skip
SIDE_WORDS = {  # where one thing is beside another
    "en": {
        "left": ("left of", "to the left of", "on the left of", "on the left side of"),
        "right": ("right of", "to the right of", "on the right of", "on the right side of"),
        "above": ("above", "over", "on top of", "higher than"),
        "below": ("below", "under", "underneath", "beneath"),
    },
    "fr": {
        "left": ("à gauche", "sur la gauche"),
        "right": ("à droite", "sur la droite"),
        "above": ("au-dessus", "en haut"),
        "below": ("au-dessous", "en dessous", "en bas"),
    },
}
PLACE_WORDS = {  # where a thing is in the picture
    "en": {
        "left": ("on the left", "to the left", "on the left side", "at the left"),
        "right": ("on the right", "to the right", "on the right side", "at the right"),
        "above": ("at the top", "on top", "in the upper half"),
        "below": ("at the bottom", "in the lower half"),
    },
    "fr": {
        "left": ("à gauche", "sur la gauche", "du côté gauche"),
        "right": ("à droite", "sur la droite", "du côté droit"),
        "above": ("en haut", "tout en haut"),
        "below": ("en bas", "tout en bas"),
    },
}
OTHER_COLOUR_WORDS = {  # in questions; an answer is always the word of COLOUR_WORDS
    "gray": ("grey",),
    "purple": ("violet",),
    "violet": ("mauve", "violet"),
    "marron": ("brun",),
}
SHORT_SIDES = {"above": "sur", "below": "sous"}  # in French followed by the thing itself: "sous le chien"


def templates(about: str, language: str, part: str) -> list[str]:
    """The phrasings of a part: "train" has those without *, any other part the rest."""
    lines = [line.strip() for line in TEMPLATES[about][language].splitlines()]
    held_out = part != "train"
    return [line.removeprefix("*") for line in lines if line.startswith("*") == held_out]


def whole(text: str) -> str:
    """A capital at the beginning."""
    return text[:1].upper() + text[1:]


class Asker:
    """Asks about pictures. `part` chooses the phrasings; all that is random comes from `rng`."""

    def __init__(self, part: str, rng: random.Random) -> None:
        self.part, self.rng = part, rng

    def questions(self, things: list[Thing], count: int, language: str | None = None) -> list[Asked]:
        """Some questions about a picture, of different kinds as far as possible; half of them in each language."""
        makers = list(MAKERS)
        weights = [MAKERS[maker] for maker in makers]
        found: list[Asked] = []
        for _ in range(20 * count):
            if len(found) == count:
                break
            maker = self.rng.choices(makers, weights)[0]
            spoken = language or self.rng.choice(("en", "fr"))
            row = maker(self, things, spoken)
            if row and all(row.question != other.question for other in found):
                found.append(row)
        return found

    def say(self, about: str, language: str, first: Noun | None = None, second: Noun | None = None, **more: str) -> str:
        values = dict(more)
        if first:
            values |= forms(first)
        if second:
            values |= {f"{name}2": form for name, form in forms(second).items()}
        template = self.rng.choice(templates(about, language, self.part))
        side = more.get("side", "")
        if side in SHORT_SIDES.values():  # "sous le chien", and not "sous du chien"
            template = template.replace("{side} {du}", "{side} {le}").replace("{side} {du2}", "{side} {le2}")
        text = whole(template.replace("Combien de... ", "Combien ").format(**values))
        if self.part == "train" and self.rng.random() < 0.25:  # as people type
            text = text.rstrip(" ?.")
        if self.rng.random() < 0.5:
            text = text.replace("œ", "oe")
        if language == "fr" and self.rng.random() < 0.3:
            text = text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
        return text

    def noun(self, kind: str, language: str) -> Noun:
        """Mostly the first word for a kind, sometimes another."""
        found = names(kind, language)
        return found[0] if len(found) == 1 or self.rng.random() < 0.75 else self.rng.choice(found[1:])

    def colour(self, colour: str, language: str, gender: str = "m") -> str:
        """The word for a colour in a question: mostly the usual one."""
        word = colour_word(colour, language, gender)
        return self.rng.choice(OTHER_COLOUR_WORDS.get(word, (word,))) if self.rng.random() < 0.5 else word

    def number(self, count: int, language: str) -> str:
        return NUMBERS[language][count] if self.rng.random() < 0.6 else str(count)

    def side_word(self, side: str, language: str) -> str:
        words = [*SIDE_WORDS[language][side]]
        if language == "fr" and side in SHORT_SIDES:
            words += [SHORT_SIDES[side]] * 2
        return self.rng.choice(words)


def only(things: list[Thing]) -> list[int]:
    """The things that are the only ones of their kind."""
    kinds = [thing.kind for thing in things]
    return [k for k, kind in enumerate(kinds) if kinds.count(kind) == 1]


def of_kind(things: list[Thing], kind: str) -> tuple[int, ...]:
    return tuple(k for k, thing in enumerate(things) if thing.kind == kind)


def side_of(one: Thing, other: Thing) -> str:
    """On which side of the other thing one is, if that is plain to see; else ""."""
    dx, dy = one.x - other.x, one.y - other.y
    if abs(dx) > 1.6 * abs(dy) and abs(dx) > 0.45 * (one.w + other.w) / 2:
        return "left" if dx < 0 else "right"
    if abs(dy) > 1.6 * abs(dx) and abs(dy) > 0.45 * (one.h + other.h) / 2:
        return "above" if dy < 0 else "below"
    return ""


def place_of(thing: Thing) -> str:
    """In which part of the picture a thing plainly is: one of SIDES; else ""."""
    dx, dy = thing.x - 0.5, thing.y - 0.5
    if abs(dx) > 0.12 and abs(dx) > 1.5 * abs(dy):
        return "left" if dx < 0 else "right"
    if abs(dy) > 0.12 and abs(dy) > 1.5 * abs(dx):
        return "above" if dy < 0 else "below"
    return ""


def in_half(thing: Thing, side: str) -> bool:
    """Whether a thing is in that half of the picture at all."""
    return {"left": thing.x < 0.46, "right": thing.x > 0.54, "above": thing.y < 0.46, "below": thing.y > 0.54}[side]


# Each maker gives one question about the things, or None where it finds nothing to ask


def colour(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    able = [k for k in only(things) if things[k].colour]
    if not able:
        return None
    k = asker.rng.choice(able)
    noun = asker.noun(things[k].kind, language)
    answer = colour_word(things[k].colour, language)
    return Asked(asker.say("colour", language, noun), (answer,), "colour", language, (k,))


def count(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    kinds = [thing.kind for thing in things]
    many = [kind for kind in dict.fromkeys(kinds) if kinds.count(kind) > 1]
    drawn = asker.rng.random()
    if drawn < 0.1:
        kind = asker.rng.choice([kind for kind in KINDS if kind not in kinds])
    elif drawn < 0.25 and len({KINDS[kind].group for kind in kinds if KINDS[kind].group}) > 0:
        group = asker.rng.choice(sorted({KINDS[kind].group for kind in kinds if KINDS[kind].group}))
        found = tuple(k for k, thing in enumerate(things) if KINDS[thing.kind].group == group)
        if len(found) > MOST:
            return None
        text = asker.say("count", language, group_name(group, language))
        return Asked(text, (str(len(found)),), "count", language, found)
    else:
        kind = asker.rng.choice(many) if many and asker.rng.random() < 0.8 else asker.rng.choice(kinds)
    found = of_kind(things, kind)
    text = asker.say("count", language, asker.noun(kind, language))
    return Asked(text, (str(len(found)),), "count", language, found)


def absent(asker: Asker, things: list[Thing]) -> str:
    """A kind that is not in the picture, half of the time one of the same group as something that is."""
    kinds = {thing.kind for thing in things}
    groups = {KINDS[kind].group for kind in kinds} - {""}
    near = [kind for kind in KINDS if kind not in kinds and KINDS[kind].group in groups]
    far = [kind for kind in KINDS if kind not in kinds]
    return asker.rng.choice(near if near and asker.rng.random() < 0.4 else far)


def is_there(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    yes, no = YES_NO[language]
    if asker.rng.random() < 0.15:
        group = asker.rng.choice(list(GROUPS))
        found = tuple(k for k, thing in enumerate(things) if KINDS[thing.kind].group == group)
        if (asker.rng.random() < 0.5) != bool(found):  # yes and no equally often
            return None
        text = asker.say("is there", language, group_name(group, language))
        return Asked(text, (yes if found else no,), "is there", language, found)
    kind = asker.rng.choice(things).kind if asker.rng.random() < 0.5 else absent(asker, things)
    found = of_kind(things, kind)
    text = asker.say("is there", language, asker.noun(kind, language))
    return Asked(text, (yes if found else no,), "is there", language, found)


def is_there_coloured(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    """Yes; or no, since the thing has another colour, or since what has that colour is another thing."""
    able = [k for k in only(things) if things[k].colour and KINDS[things[k].kind].paint]
    if not able:
        return None
    yes, no = YES_NO[language]
    k = asker.rng.choice(able)
    kind, tone = things[k].kind, things[k].colour
    right = asker.rng.random() < 0.5
    if not right:
        if asker.rng.random() < 0.5:
            kind = asker.rng.choice([name for name in KINDS if KINDS[name].paint == "any"])
            if any(thing.kind == kind for thing in things):
                return None
        else:
            tone = asker.rng.choice([name for name in PALETTES[KINDS[kind].paint] if name != tone])
    about = "is there coloured" if asker.rng.random() < 0.5 or kind != things[k].kind else "is coloured"
    noun = asker.noun(kind, language)
    words = {"c": asker.colour(tone, language, noun.gender), "cm": asker.colour(tone, language)}
    return Asked(asker.say(about, language, noun, **words), (yes if right else no,), about, language, (k,))


def are_there_so_many(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    kinds = [thing.kind for thing in things]
    many = [kind for kind in dict.fromkeys(kinds) if kinds.count(kind) > 1]
    kind = asker.rng.choice(many or kinds)
    real = kinds.count(kind)
    asked = real if asker.rng.random() < 0.5 else real + asker.rng.choice((-1, 1, 2))
    if not 2 <= asked <= MOST:
        return None
    yes, no = YES_NO[language]
    text = asker.say("are there so many", language, asker.noun(kind, language), k=asker.number(asked, language))
    return Asked(text, (yes if real == asked else no,), "are there so many", language, of_kind(things, kind))


def what(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    kinds = list(dict.fromkeys(thing.kind for thing in things))
    if len(kinds) > 2:
        return None
    found = tuple(answer_word(kind, language) for kind in kinds)
    return Asked(asker.say("what", language), found, "what", language, tuple(range(len(things))))


def which_of_group(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    groups = [KINDS[thing.kind].group for thing in things]
    within = {group: {thing.kind for thing in things if KINDS[thing.kind].group == group} for group in groups}
    able = [k for k, group in enumerate(groups) if group and len(within[group]) == 1]
    if not able:
        return None
    k = asker.rng.choice(able)
    text, kind = asker.say("which of group", language, group_name(groups[k], language)), things[k].kind
    return Asked(text, (answer_word(kind, language),), "which of group", language, of_kind(things, kind))


def which_has_colour(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    colours = [thing.colour for thing in things]
    if not all(colours):
        return None
    able = [k for k in only(things) if colours.count(colours[k]) == 1]
    if not able:
        return None
    k = asker.rng.choice(able)
    shape = KINDS[things[k].kind].group == "shape" and asker.rng.random() < 0.6
    about = "which shape has colour" if shape else "which has colour"
    masculine = asker.colour(colours[k], language)
    words = {"c": masculine, "cm": masculine, "cf": asker.colour(colours[k], language, "f")}
    return Asked(asker.say(about, language, **words), (answer_word(things[k].kind, language),), about, language, (k,))


def beside(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    """What is on one side of a thing: only where exactly one thing is there, and nothing half there."""
    pairs = []
    for k in only(things):
        sides = [side_of(other, things[k]) for i, other in enumerate(things) if i != k]
        others = [i for i in range(len(things)) if i != k]
        for side in SIDES:
            if sides.count(side) == 1 and "" not in sides:
                pairs.append((others[sides.index(side)], k, side))
    if not pairs:
        return None
    one, k, side = asker.rng.choice(pairs)
    drawn = asker.rng.random()
    if drawn < 0.2 and len(things) == 2:
        text = asker.say("next to", language, asker.noun(things[k].kind, language))
        return Asked(text, (answer_word(things[one].kind, language),), "next to", language, (one, k))
    text = asker.say("beside", language, asker.noun(things[k].kind, language), side=asker.side_word(side, language))
    return Asked(text, (answer_word(things[one].kind, language),), "beside", language, (one, k))


def is_beside(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    able = only(things)
    if len(able) < 2:
        return None
    one, other = asker.rng.sample(able, 2)
    side = side_of(things[one], things[other])
    if not side:
        return None
    yes, no = YES_NO[language]
    right = asker.rng.random() < 0.5
    wrong = OPPOSITE[side] if asker.rng.random() < 0.7 else asker.rng.choice([s for s in SIDES if s != side])
    asked = side if right else wrong
    first, second = (asker.noun(things[k].kind, language) for k in (one, other))
    text = asker.say("is beside", language, first, second, side=asker.side_word(asked, language))
    return Asked(text, (yes if right else no,), "is beside", language, (one, other))


def at_side(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    """What is on the left of the picture: one thing is plainly there, and no other in that half."""
    able = [
        (k, side)
        for k, thing in enumerate(things)
        if (side := place_of(thing)) and not any(in_half(other, side) for i, other in enumerate(things) if i != k)
    ]
    if not able:
        return None
    k, side = asker.rng.choice(able)
    place = asker.rng.choice(PLACE_WORDS[language][side])
    group = KINDS[things[k].kind].group
    answer = (answer_word(things[k].kind, language),)
    if group in ("animal", "vehicle", "fruit") and asker.rng.random() < 0.4:
        text = asker.say("which at side", language, group_name(group, language), place=place)
        return Asked(text, answer, "which at side", language, (k,))
    return Asked(asker.say("at side", language, place=place), answer, "at side", language, (k,))


def where(asker: Asker, things: list[Thing], language: str) -> Asked | None:
    able = [k for k in only(things) if place_of(things[k])]
    if not able:
        return None
    k = asker.rng.choice(able)
    side, noun = place_of(things[k]), asker.noun(things[k].kind, language)
    if asker.rng.random() < 0.5:
        return Asked(asker.say("where", language, noun), (PLACES[language][side],), "where", language, (k,))
    yes, no = YES_NO[language]
    right = asker.rng.random() < 0.5
    place = asker.rng.choice(PLACE_WORDS[language][side if right else OPPOSITE[side]])
    text = asker.say("is at side", language, noun, place=place)
    return Asked(text, (yes if right else no,), "is at side", language, (k,))


MAKERS: dict[Callable[[Asker, list[Thing], str], Asked | None], float] = {  # and how often each is tried
    colour: 3.0,
    count: 2.5,
    is_there: 2.5,
    is_there_coloured: 1.5,
    are_there_so_many: 0.6,
    what: 1.5,
    which_of_group: 1.0,
    which_has_colour: 1.0,
    beside: 3.0,
    is_beside: 1.5,
    at_side: 1.2,
    where: 1.2,
}


def all_phrasings(part: str) -> Iterator[str]:
    """Every template of a part."""
    for about, languages in TEMPLATES.items():
        for language in languages:
            yield from templates(about, language, part)


COLOUR_NAMES = tuple(COLOUR_WORDS)
