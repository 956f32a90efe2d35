"""Short everyday texts with questions: patterns of `answer_patterns.txt`, and sentences built from a table of verbs.

A pattern is a block of lines: sentences, of which one is taken, then questions, "- question = answer". A slot is filled
once per text: {p1} a person, {he1} that person's pronoun, {a thing} with its article, {at~} a place without "in" or
"at", {At} with a capital. (a|b) is one of two, [in part] is left out at times, and <a|b> takes the same place in the
question as in the sentence. A question counts only if its slots and its answer stand in the sentence.

Texts have one to four such sentences, often with the same pattern or verb twice, so that the question's words decide.
The blocks of `answer_chains.txt` say more and more about one or two people: {N} is the name, {S} and {Poss} name them
the first time, and are "she" and "her" afterwards, as {s} and {poss} are.
"""

import random
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from . import answer_words as words
from . import entities
from .common import HERE

Asked = tuple[str, str]  # a question and its answer
SLOT = re.compile(r"\{(a |A )?([A-Za-z_]+)(\d?)(~|:base)?\}")
PRONOUNS = {"he": ("he", "she"), "his": ("his", "her"), "him": ("him", "her")}


class Block(NamedTuple):
    sentences: list[str]
    questions: list[Asked]


@cache
def blocks(name: str = "answer_patterns.txt") -> list[Block]:
    found = []
    for text in (HERE / name).read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in text.strip().splitlines() if not line.startswith("#")]
        asked = [line[2:].split(" = ") for line in lines if line.startswith("- ")]
        pairs = [(question, answer) for question, answer in asked]
        found.append(Block([line for line in lines if not line.startswith("- ")], pairs))
    return found


def all_blocks() -> list[Block]:
    return blocks() + blocks("answer_chains.txt")


def distinct(block: Block) -> bool:
    """A text may have the block twice: most of its questions name something of their sentence."""
    return sum("{" in question for question, _ in block.questions) > 0.6 * len(block.questions)


@cache
def verbs() -> list[tuple[str, str, str, list[str]]]:
    rows = (line.split(": ") for line in words.VERBS.strip().splitlines())
    return [(*forms.split(), kinds.split()) for forms, kinds in rows]


def with_article(word: str, capital: bool = False) -> str:
    """
    >>> with_article("apple"), with_article("uniform"), with_article("pair of shoes")
    ('an apple', 'a uniform', 'a pair of shoes')
    """
    if word.split()[0] in ("the", "a", "an", "some"):
        return word
    vowel = re.match(r"[aeiouAEIOU8]|11|18|hour", word) and not re.match(r"uni|Uk|Eu|one\b|use", word)
    return f"{'A' if capital else 'a'}{'n' if vowel else ''} {word}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def minimal(place: str) -> str:
    """What answers where or when: "in", "at", "on Monday" lose their preposition, "under the bed" keeps it.

    >>> minimal("at the zoo"), minimal("on Monday"), minimal("on the bed"), minimal("last week")
    ('the zoo', 'Monday', 'on the bed', 'last week')
    """
    days = "|".join((*words.DAYS, r"\d", "her birthday", "New Year", "the first"))
    whole = "two|an|ten|three weeks|front of|the morning|the evening|night|dawn"  # "in two days" is not "two days"
    return re.sub(rf"^(?:in|at|on(?= (?:{days}))) (?!(?:{whole})\b)", "", place)


def ing(verb: str) -> str:
    """
    >>> ing("write"), ing("cut"), ing("play")
    ('writing', 'cutting', 'playing')
    """
    if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", verb) and verb not in ("open", "order", "water", "enter", "follow"):
        return f"{verb}{verb[-1]}ing"
    return (verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb) + "ing"


def third(verb: str) -> str:
    """
    >>> third("carry"), third("wash"), third("play")
    ('carries', 'washes', 'plays')
    """
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + ("es" if re.search(r"(?:s|sh|ch|x|o)$", verb) else "s")


def as_i(reason: str) -> str:
    """
    >>> as_i("{he} has lost {his} key"), as_i("{he} wants to sleep"), as_i("{he} was tired")
    ('I have lost my key', 'I want to sleep', 'I was tired')
    """
    for other, mine in (("{he} is", "I am"), ("{he} has", "I have"), ("{his}", "my"), ("{him}", "me")):
        reason = reason.replace(other, mine)
    return re.sub(r"\{he\} (want|love|like|hate|need)s\b", r"I \1", reason).replace("{he}", "I")


class Text:
    """The slots of one text as they are filled; no two slots of one kind get the same word."""

    def __init__(self, maker: "Maker") -> None:
        self.rng, self.maker = maker.rng, maker
        self.used: set[str] = set()
        self.values: dict[str, str] = {}
        self.women: dict[str, bool] = {}
        self.shared: dict[int, int] = {}

    def fresh(self) -> None:
        """Before the next sentence: new slots, other words."""
        self.values, self.women, self.shared = {}, {}, {}

    def choices(self, text: str, sentence: bool) -> str | None:
        """Settle (a|b), [optional] and <a|b>; None where the sentence made no such choice."""
        text = re.sub(r"\[([^\[\]]*)\]", lambda part: part[1] if self.rng.random() < 0.5 else "", text)
        for part in re.findall(r"<([^<>]*)>", text):
            options = part.split("|")
            if sentence:
                self.shared[len(options)] = self.rng.randrange(len(options))
            elif len(options) not in self.shared:
                return None
            text = text.replace(f"<{part}>", options[self.shared[len(options)]])
        return re.sub(r"\(([^()]*\|[^()]*)\)", lambda part: self.rng.choice(part[1].split("|")), text)

    def fill(self, text: str, known: bool = False) -> str | None:
        """A text with its slots filled; with `known` None if one of them has not been filled before."""

        def word(slot: re.Match) -> str:
            article, name, number, form = slot.groups()
            kind = name[0].lower() + name[1:]
            value = self.value(kind, number or "1", known)
            if form == "~":
                value = minimal(value)
            elif form == ":base" or "/" in value:
                value = value.split("/")[1 if form == ":base" else 0]
            if article:
                value = with_article(value, article == "A ")
            return capital(value) if name[0].isupper() else value

        try:
            return SLOT.sub(word, text)
        except KeyError:
            return None

    def value(self, kind: str, number: str, known: bool) -> str:
        slot = kind + number
        if slot in self.values:
            return self.values[slot]
        if kind in PRONOUNS:
            return PRONOUNS[kind][self.women.setdefault(number, self.rng.random() < 0.5)]
        if kind == "last":
            return self.values["full" + number].split()[-1]
        if known:
            raise KeyError(slot)
        for _ in range(20):
            found = self.maker.word(kind, number, self)
            if found.lower() not in self.used:
                break
        self.used.add(found.lower())
        self.values[slot] = found
        return found


class Maker:
    """Makes texts of everyday life and questions about them."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        first, last = entities.names()
        self.first, self.last = sorted(set(first)), sorted(set(last))
        self.cities = sorted(set(entities.cities()))
        rng = self.rng
        self.numbers: dict[str, Callable[[], str]] = {
            "age": lambda: rng.choice([str(rng.randint(2, 99)), *words.SMALL[:4], "twelve", "sixteen", "twenty-one"]),
            "age0": lambda: str(rng.randint(4, 90)),
            "num0": lambda: str(rng.choice([rng.randint(1, 40), rng.randint(1, 900)])),
            "year": lambda: str(rng.randint(rng.choice([1400, 1850, 1950]), 2024)),
            "date": self._date,
            "date0": lambda: self._date().rsplit(" ", 1)[0].rstrip(","),
            "cm": lambda: rng.choice([f"{rng.randint(140, 199)} cm", f"1.{rng.randint(50, 95)} m"]),
            "m": lambda: f"{self._number(8000)} {rng.choice(['metres', 'm', 'meters', 'feet', 'metres'])}",
            "km": lambda: f"{self._number(6000)} {rng.choice(['kilometres', 'km', 'kilometers', 'miles'])}",
            "kg": lambda: f"{self._number(900)} {rng.choice(['kilos', 'kg', 'kilograms', 'tons', 'grams'])}",
            "kmh": lambda: f"{rng.randint(10, 110)} kilometres per hour",
            "deg": lambda: f"{rng.randint(-20, 99)} {rng.choice(['degrees', '°C', 'degrees Celsius'])}",
            "bignum": self._large,
            "phone": lambda: f"{rng.randint(100, 999)} {rng.randint(1000, 9999)}",
            "score": lambda: f"{rng.randint(1, 6)}-{rng.randint(0, 5)}",
            "title": lambda: f"{rng.choice(['Mr.', 'Mrs.', 'Ms.', 'Mr', 'Mrs', 'Miss', 'Dr.'])} {self._last()}",
            "company0": self._company,
            "city": lambda: rng.choice(words.CITIES if rng.random() < 0.7 else self.cities),
        }  # fmt: skip
        self.lists: dict[str, list[str]] = {
            "color": words.COLORS, "animal": words.ANIMALS, "wild": words.WILD, "pet": words.PETS,
            "thing": words.THINGS, "plural": words.PLURALS, "member": words.MEMBERS, "food": words.FOODS,
            "drink": words.DRINKS, "instr": words.INSTRUMENTS, "sport": words.SPORTS, "lang": words.LANGUAGES,
            "subject": words.SUBJECTS, "nat": words.NATIONALITIES, "hobby": words.HOBBIES, "job": words.JOBS,
            "country": words.COUNTRIES, "continent": words.CONTINENTS, "month": words.MONTHS, "day": words.DAYS,
            "season": words.SEASONS, "at": words.AT, "to": words.DESTINATIONS, "room": words.ROOMS,
            "clock": words.CLOCK, "when": words.WHEN, "future": words.FUTURE, "often": words.OFTEN,
            "unit": words.UNITS, "num": words.NUMBERS, "small": words.SMALL, "price": words.PRICES,
            "vehicle": words.VEHICLES, "big": words.BIG, "weather": words.WEATHER, "adjd": words.ADJECTIVES,
            "adj": ["small", "large", "lovely", "big", "little"], "adjsize": ["big", "small", "new", "red", "white"],
            "feel": words.FEELINGS, "material": words.MATERIALS, "company": words.COMPANIES, "work": words.WORKPLACES,
            "event": words.EVENTS, "shop": words.SHOPS, "inv": words.INVENTIONS, "disc": words.DISCOVERIES,
            "paint": words.PAINTINGS, "music": words.MUSIC, "landmark": words.LANDMARKS, "river": words.RIVERS,
            "mountain": words.MOUNTAINS, "lake": words.LAKES, "noise": words.NOISES, "part": words.PARTS,
            "group": words.GROUPS, "in_hab": words.HABITATS, "museum": words.MUSEUMS, "sea": words.SEAS,
            "money": words.MONEY, "prize": words.PRIZES, "street": words.STREETS, "sup": words.ENDINGS,
            "do": words.DOINGS, "floor": ["first", "second", "third", "fourth", "top", "ground"],
            "wear": words.CLOTHES, "cloth": words.CLOTHES, "plant": words.PLANTS, "text": words.TEXTS,
            "song": words.SONGS, "building": words.BUILDINGS,
            "dowe": [pair.split("/")[1] for pair in words.DOINGS if "his" not in pair],
            "members": words.MEMBERS[:24], "bee": words.MADE, "beeby": words.MAKERS, "word": words.DEFINED,
            "def": words.DEFINITIONS, "use": words.USES, "jobs": words.WORKERS, "period": words.PERIODS,
            "subperiod": words.SUBPERIODS, "planet": words.PLANETS, "band": words.BANDS, "holiday": words.HOLIDAYS,
            "geo": words.GEO, "adjs": [word.replace("-", " ") for word in words.SUPERLATIVES], "todo": words.TODO,
            "geoname": [*words.LAKES, *words.MOUNTAINS, *words.RIVERS], "past_do": words.PAST_DOINGS,
            "rels0": ["sons", "daughters", "brothers", "sisters", "cousins", "friends", "children", "cats", "dogs"],
        }  # fmt: skip

    def _last(self) -> str:
        return self.rng.choice(words.LASTS if self.rng.random() < 0.6 else self.last)

    def _number(self, most: int) -> str:
        number = self.rng.choice([self.rng.randint(2, 99), self.rng.randint(2, most)])
        return self.rng.choice([f"{number:,}", f"{number}", f"{number:,}", self.rng.choice(words.NUMBERS)])

    def _large(self) -> str:
        numbers = [self.rng.randint(2, 90), self.rng.randint(1, 9), self.rng.randint(100, 999)]
        return self.rng.choice(words.LARGE).format(*numbers)

    def _date(self) -> str:
        day, month, year = self.rng.randint(1, 31), self.rng.choice(words.MONTHS), self.rng.randint(1500, 2022)
        return self.rng.choice([f"{day} {month} {year}", f"{month} {day}, {year}"])

    def _company(self) -> str:
        named = self.rng.choice(words.COMPANIES[:21])
        return self.rng.choice(
            [named, f"{self._last()} {self.rng.choice(['Ltd', 'Motors', 'Foods', 'Books', 'Group'])}"]
        )

    def _first(self, woman: bool) -> str:
        if self.rng.random() < 0.3:
            return self.rng.choice(self.first)
        return self.rng.choice(words.GIRLS if woman else words.BOYS)

    def word(self, kind: str, number: str, text: Text) -> str:
        """A new word for a slot."""
        pick, rng = self.rng.choice, self.rng
        if kind in ("p", "n", "full", "rel"):
            woman = text.women.setdefault(number, rng.random() < 0.5)
            relation = pick(words.FEMALE_RELATIONS if woman else words.MALE_RELATIONS)
            if kind == "rel":
                return relation
            if kind == "full":
                middle = f" {pick('ABCDEFGHJKLMRSTW')}." if rng.random() < 0.08 else pick([" van", " de"] + [""] * 24)
                return f"{self._first(woman)}{middle} {self._last()}"
            style = rng.random() if kind == "p" else rng.random() * 0.72
            if style < 0.62:
                return self._first(woman)
            if style < 0.68:
                return f"{self._first(woman)} {self._last()}"
            if style < 0.72:
                return f"{pick(['Mrs.', 'Ms.', 'Mrs', 'Miss'] if woman else ['Mr.', 'Mr'])} {self._last()}"
            if style < 0.88:
                return f"{pick(['my', 'my', 'my', 'our', 'his', 'her'])} {relation}"
            if style < 0.95:
                return f"the {pick(words.JOBS)}"
            return f"{pick(['a', 'the', 'an old', 'the old', 'a young'])} {'woman' if woman else 'man'}"
        if kind == "rels":
            return pick(words.RELATIONS)
        if kind in ("why", "whyn"):
            reason = pick(words.REASONS if kind == "why" else words.REASONS_NOW)
            return self._gendered(reason, text.women.get("1", False))
        if kind in ("whypI", "whyI"):
            return self._gendered(as_i(pick(words.REASONS if kind == "whypI" else words.REASONS_NOW)), True)
        if kind == "whyit":
            return pick([reason for reason in words.REASONS if "{" not in reason] + ["the teacher is ill"])
        if kind == "aim":
            return self._gendered(pick(words.AIMS), text.women.get("1", False))
        if kind == "work" and ("full1" in text.values or number in "02"):  # a book, not a place to work at
            return pick(words.WORKS)
        if kind + number in self.numbers or kind in self.numbers:
            return self.numbers.get(kind + number, self.numbers.get(kind))()
        return pick(self.lists[kind])

    def _gendered(self, text: str, woman: bool) -> str:
        text = text.replace("{city}", self.rng.choice(words.CITIES)).replace("{job}", self.rng.choice(words.JOBS))
        for slot, forms in PRONOUNS.items():
            text = text.replace(f"{{{slot}}}", forms[woman])
        return text

    # Sentences

    def by_pattern(self, text: Text, block: Block, names: dict[str, str] | None = None) -> tuple[str, list[Asked]]:
        """A sentence of a block and its questions; `names` are words for slots that are known already."""

        def named(line: str) -> str:
            for slot, name in (names or {}).items():
                line = line.replace(slot, name)
            return line

        if any("{full" in line or "{Full" in line for line in block.sentences):
            text.value("full", "1", False)
        sentence = text.choices(named(self.rng.choice(block.sentences)), True)
        filled = text.fill(sentence)
        asked = []
        for question, answer in block.questions:
            answer = answer.replace("{N}", (names or {}).get("= {N}", ""))
            both = [text.choices(named(part), False) for part in (question, answer)]
            if None not in both:
                pair = tuple(text.fill(part, known=True) for part in both)
                if None not in pair:
                    asked.append(pair)
        return re.sub(r"(?<=\w\w\. )[a-z]", lambda first: first[0].upper(), capital(filled)), asked

    def by_verb(self, text: Text, row: tuple[str, str, str, list[str]]) -> tuple[str, list[Asked]]:
        """Who did what to what, and at times where, when, with whom, why."""
        base, past, participle, _ = row
        rng, kind = self.rng, self.rng.choice(row[3])
        who = text.value("p", "1", False)
        noun, what, count, color = self._object(text, kind)
        where = text.value("at", "1", False) if rng.random() < 0.45 else ""
        other = text.value("n", "2", False) if kind != "n" and rng.random() < 0.2 else ""
        reason = text.value("why", "1", False) if rng.random() < 0.2 else ""
        style = rng.random()
        time_kind = "often" if style > 0.9 else "future" if style > 0.8 else "when"
        when = text.value(time_kind, "1", False) if rng.random() < 0.4 or style > 0.9 else ""
        rest = "".join(f" {part}" for part in (other and f"with {other}", where) if part)
        because = f" because {reason}" if reason and style < 0.7 else ""
        if style < 0.7:
            did, (aux, form) = past, ("did", base)
        elif style < 0.8:
            did, (aux, form), when = f"is {ing(base)}", ("is", ing(base)), ""
        elif style < 0.9:
            did, (aux, form) = f"will {base}", ("will", base)
        else:
            did, (aux, form) = third(base), ("does", base)
        passive = style < 0.7 and not other and rng.random() < 0.2
        if passive:
            plural = count or (kind in ("plural", "plant", "food", "song") and noun.endswith("s"))
            said = f"{what} {'were' if plural else 'was'} {participle} by {who}{rest}"
        else:
            said = f"{who} {did} {what}{rest}"
        if when and rng.random() < 0.3:
            said = f"{when}{rng.choice([',', ''])} {said}{because}."
        else:
            said = f"{said}{' ' + when if when else ''}{because}."
        the = rng.choice([what, f"the {noun}" if kind not in ("n", "city", "country", "hobby") else what])
        it = rng.choice([the, the, "it", what])
        tail = rng.choice(["", rest.replace(f" with {other}", "") if other else rest])
        asked = [
            (f"Who {did} {the}?", who), (f"Who {did} {what}{tail}?", who),
            (f"{'Who' if kind == 'n' else 'What'} {aux} {who} {form}{tail}?", what),
            (f"{'Who' if kind == 'n' else 'What'} {aux} {who} {form}?", what),
        ]  # fmt: skip
        if where:
            asked += [(f"Where {aux} {who} {form} {it}?", minimal(where)), (f"Who {did} {the} {where}?", who)]
            asked += [(f"What {aux} {who} {form} {where}?", what)] if kind != "n" else []
        if when:
            asked += [(f"{'How often' if time_kind == 'often' else 'When'} {aux} {who} {form} {it}?", minimal(when))]
            asked += [(f"When {aux} {who} {form} {the}?", minimal(when))]
        if other:
            asked += [(f"Who {aux} {who} {form} {the} with?", other), (f"With whom {aux} {who} {form} {it}?", other)]
        if because:
            asked += [
                (f"Why {aux} {who} {form} {it}?", because.strip()),
                (f"Why {aux} {who} {form} {the}?", because.strip()),
            ]
        if count:
            asked += [(f"How many {noun} {aux} {who} {form}{tail}?", count)] * 2
        if color:
            asked += [(f"What {rng.choice(['colour', 'color'])} {rng.choice(['is', 'was'])} the {noun}?", color),
                      (f"What colour {rng.choice(['is', 'was'])} {who}'s {noun}?", color)]  # fmt: skip
        if passive:
            asked += [(f"Who was {the if the != what else 'it'} {participle} by?", who)]
            asked += [(f"By whom was {the} {participle}?", who), (f"What was {participle} by {who}?", what)]
            if where:
                asked += [(f"Where was {the} {participle}?", minimal(where))]
            if when:
                asked += [(f"When was {the} {participle}?", minimal(when))]
        if kind in ("animal", "cloth", "subject", "lang", "city", "country", "song"):
            name = {"cloth": "piece of clothing", "lang": "language"}.get(kind, kind)
            asked += [(f"Which {name} {aux} {who} {form}?", what)]
        return capital(said), asked

    def _object(self, text: Text, kind: str) -> tuple[str, str, str, str]:
        """A noun, the words for the thing in the sentence, how many, and what colour."""
        rng, noun = self.rng, text.value(kind, "2" if kind == "n" else "1", False)
        if kind in ("plural",):
            if rng.random() < 0.7:
                count = text.value("num", "1", False)
                return noun, f"{count} {noun}", count, ""
            return noun, f"{rng.choice(['some', 'the', 'a few'])} {noun}", "", ""
        if kind in ("food", "drink", "plant", "song", "subject", "lang", "sport", "hobby", "n", "city", "country"):
            return noun, noun, "", ""
        if kind in ("thing", "cloth", "animal") and rng.random() < 0.25 and not noun.startswith("pair"):
            color = text.value("color", "1", False)
            return noun, with_article(f"{color} {noun}"), "", color
        if kind == "room" or kind == "shop":
            return noun, f"the {noun}", "", ""
        style = rng.random()
        if style < 0.55:
            return noun, with_article(noun), "", ""
        if style < 0.8:
            return noun, f"the {noun}", "", ""
        adjective = rng.choice(
            ["new", "old", "small", "big", "beautiful", "broken", "cheap", "heavy", "wooden", "lovely"]
        )
        return noun, with_article(f"{adjective} {noun}"), "", ""

    def by_intransitive(self, text: Text) -> tuple[str, list[Asked]]:
        rng = self.rng
        pairs = words.INTRANSITIVE
        base, past = (form.replace("_", " ") for form in rng.choice(pairs).split())
        who, where = text.value("p", "1", False), text.value("at", "1", False)
        when = text.value("when", "1", False) if rng.random() < 0.4 else ""
        other = text.value("n", "2", False) if rng.random() < 0.25 else ""
        long = f"{text.value('num', '1', False)} {text.value('unit', '1', False)}" if rng.random() < 0.3 else ""
        reason = text.value("why", "1", False) if rng.random() < 0.25 else ""
        said = f"{who} {past}" + "".join(
            f" {part}" for part in (other and f"with {other}", where, long and f"for {long}", when,
                                    reason and f"because {reason}") if part)  # fmt: skip
        asked = [(f"Where did {who} {base}?", minimal(where)), (f"Who {past} {where}?", who)]
        if when:
            asked += [(f"When did {who} {base}( {where})?", minimal(when)), (f"When did {who} {base}?", minimal(when))]
        if other:
            asked += [(f"Who did {who} {base} with?", other), (f"With whom did {who} {base}?", other)]
        if long:
            asked += [(f"How long did {who} {base} {where}?", long), (f"How long did {who} {base}?", long)]
        if reason:
            asked += [
                (f"Why did {who} {base} {where}?", f"because {reason}"),
                (f"Why did {who} {base}?", f"because {reason}"),
            ]
        asked = [(question.replace("(", "").replace(")", ""), answer) for question, answer in asked]
        return capital(said) + ".", asked

    def sentence(self, text: Text, plan: object) -> tuple[str, list[Asked]]:
        text.fresh()
        if isinstance(plan, Block):
            return self.by_pattern(text, plan)
        return self.by_verb(text, plan) if plan else self.by_intransitive(text)

    def plan(self) -> object:
        return self.rng.choices([lambda: self.rng.choice(blocks()), lambda: self.rng.choice(verbs()), lambda: None],
                                (62, 32, 6))[0]()  # fmt: skip

    def chain(self, text: Text) -> list[tuple[str, list[Asked]]]:
        """Sentences about one person or two."""
        rng, made = self.rng, []
        about = rng.sample(blocks("answer_chains.txt"), rng.choice([1, 2, 2, 3]))
        for _ in range(rng.choice([1, 2, 2])):
            text.fresh()
            woman = rng.random() < 0.5
            name = self._first(woman) + (f" {self._last()}" if rng.random() < 0.3 else "")
            pronoun, owner = ("she", "her") if woman else ("he", "his")
            for number, block in enumerate(about):
                text.fresh()
                text.women["1"] = woman
                known = number > 0 and rng.random() < 0.9
                text.values |= {"s1": pronoun if known else name, "poss1": owner, "N1": name}
                asked = rng.choice([name, name, name, rng.choice(name.split())])  # people ask for Curie too
                capitals = {"{Poss}": capital(owner) if known else f"{name}'s", "= {N}": name, "{N}": asked}
                capitals["{S}"] = capital(text.values["s1"])
                made.append(self.by_pattern(text, block, capitals))
            if rng.random() < 0.4:  # else the next person gets the same told
                about = rng.sample(blocks("answer_chains.txt"), rng.choice([1, 2]))
        return made

    def text(self) -> tuple[str, list[tuple[str, str, int]]]:
        """A context, and questions with their answers and the answers' places in it."""
        text, rng = Text(self), self.rng
        if rng.random() < 0.17:
            return self.joined(self.chain(text))
        plans = [self.plan()]
        for _ in range(rng.choices([0, 1, 2, 3], (18, 52, 22, 8))[0]):
            again = [plan for plan in plans if not isinstance(plan, Block) or distinct(plan)]
            plans.append(rng.choice(again) if again and rng.random() < 0.65 else self.plan())
        made = [self.sentence(text, plan) for plan in plans]
        if rng.random() < 0.1:
            made.insert(rng.randrange(len(made) + 1), (rng.choice(words.FILLERS), []))
        return self.joined(made)

    @staticmethod
    def places(answer: str, text: str) -> list[int]:
        """Where an answer stands in a text, as whole words."""
        return [place.start() for place in re.finditer(rf"(?<!\w){re.escape(answer)}(?!\w)", text)]

    def joined(self, made: list[tuple[str, list[Asked]]]) -> tuple[str, list[tuple[str, str, int]]]:
        """Sentences with their questions -> one text, and the questions that have one answer in it."""
        rng = self.rng
        context, found, starts = "", [], []
        for number, (sentence, _) in enumerate(made):
            joined = ""
            if number and rng.random() < 0.12 and context.endswith(".") and re.match(r"[A-Z]\w+ \w", sentence):
                joined = rng.choice([", and ", ", but ", " and ", "; "])
                if sentence.split()[0] in words.SMALL_INSIDE:
                    sentence = sentence[0].lower() + sentence[1:]
                context = context[:-1] + joined
            else:
                context += " " if number else ""
            starts.append(len(context))
            context += sentence
        answers: dict[str, set[str]] = {}
        for _, asked in made:
            for question, answer in asked:
                answers.setdefault(question.lower(), set()).add(answer.lower())
        for (sentence, asked), start in zip(made, starts, strict=True):
            for question, answer in asked:
                places = self.places(answer.lower(), sentence.lower())
                if not places:  # the name for a pronoun stands in a sentence before
                    places = [place - start for place in self.places(answer, context)]
                if answer and len(places) == 1 and len(answers[question.lower()]) == 1:
                    found.append((capital(question), context[start + places[0] :][: len(answer)], start + places[0]))
        return context, found

    def questions(self, count: int, each: int = 4) -> list[tuple[str, str, str, int]]:
        """(question, context, answer, its place), `each` at most about a context; some questions in small letters."""
        rows: list[tuple[str, str, str, int]] = []
        while len(rows) < count:
            context, asked = self.text()
            self.rng.shuffle(asked)
            taken: dict[str, int] = {}
            for question, answer, start in asked:
                if taken.get(answer, 0) < 1 and len(taken) < each:
                    taken[answer] = 1
                    style = self.rng.random()
                    question = question.rstrip("?") if style < 0.08 else question.lower() if style < 0.12 else question
                    question = question.lower().rstrip("?") if 0.12 < style < 0.17 else question
                    rows.append((question, context, answer, start))
        return rows[:count]
