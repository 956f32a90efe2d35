"""Everyday sentences in English with their French translation, composed from frames and words written for hfquick.

Debian describes software; nobody there has a cat or is hungry. The few captions of Tux Paint's stamps do not show how a
sentence about every day is built, so these frames do: who does what, when, in which tense, said, denied or asked.
French agrees in gender and number and elides. "you" is "vous", but "tu" for love. They are training data, never test
data.
"""

import random
import re
from collections.abc import Callable
from typing import NamedTuple

from . import everyday_words as words
from .french_verbs import (
    REFLEXIVE,
    SUBJECTS,
    WITH_BE,
    before,
    command,
    conditional,
    elided,
    future,
    imperfect,
    ing,
    inverted,
    participle,
    past,
    present,
    third,
)

Texts = tuple[str, str]  # English, French


class Noun(NamedTuple):
    english: str
    french: str
    feminine: bool


class Adjective(NamedTuple):
    english: str
    masculine: str
    feminine: str


class Phrase(NamedTuple):
    """What stands where a noun does: "a red car", "une voiture rouge"; `denied` is what follows "pas"."""

    english: str
    french: str
    denied: str
    feminine: bool = False
    plural: bool = False


class Who(NamedTuple):
    english: str
    french: str
    person: int  # 0 je, 2 il or elle, 3 nous, 4 vous, 5 ils
    feminine: bool = False

    @property
    def is_pronoun(self) -> bool:
        return self.french in (*SUBJECTS, "il", "elle", "elles", "on")

    @property
    def plural(self) -> bool:
        return self.person in (3, 5)


class Act(NamedTuple):
    """A verb and what belongs to it; "{e}" in the French agrees with the subject, `denied` follows "pas"."""

    english: str
    french: str
    denied: str | None = None
    state: bool = False
    clitic: str = ""  # a pronoun in front of the verb, such as "les"


def pairs_of(line: str) -> list[tuple[str, str]]:
    items = [item.strip().partition("=") for item in line.replace("= ", "=").split(",")]
    return [(english, french or english) for english, _, french in items]


def read_nouns(topic: str) -> list[Noun]:
    sides = words.NOUNS[topic].split("|")
    return [Noun(*pair, gender) for side, gender in zip(sides, (False, True), strict=True) for pair in pairs_of(side)]


NOUNS = {topic: read_nouns(topic) for topic in words.NOUNS}
LOOKS = {
    kind: [Adjective(english, *french.replace("_", " ", 0).split()) for english, french in pairs_of(line)]
    for kind, line in words.LOOKS.items()
}
PROFESSIONS = [Adjective(english, *french.split()) for english, french in pairs_of(words.PROFESSIONS)]
COUNTRIES, CITIES, LANGUAGES = (pairs_of(line) for line in (words.COUNTRIES, words.CITIES, words.LANGUAGES))
NUMBERS, AGES, HOURS, DAYS, MONTHS, SEASONS, WHERE, MIDDLE = (
    pairs_of(line)
    for line in (
        words.NUMBERS,
        words.AGES,
        words.HOURS,
        words.DAYS,
        words.MONTHS,
        words.SEASONS,
        words.WHERE,
        words.MIDDLE,
    )
)
WHEN = {kind: pairs_of(line) for kind, line in words.WHEN.items()}


def read_acts(lines: str, state: bool = False) -> list[Act]:
    found = []
    for line in lines.splitlines():
        english, _, french = line.partition("=")
        found.append(Act(english, french, denied(french), state))
    return found


def denied(french: str) -> str | None:
    """ "manger du pain" -> "manger de pain", as it stands after "pas"."""
    match = re.match(r"(\S+ )(du |de la |de l'|des |un |une )(.+)", french)
    if (
        not match
        or match[1].strip() in ("être", "jouer", "descendre")
        or match[3].startswith(("noir", "araignées", "chien"))
    ):
        return (
            None
            if not french.startswith("avoir un")
            else french.replace("avoir une ", "avoir de ").replace("avoir un ", "avoir de ")
        )
    return match[1] + before("de", match[3])


DOINGS, STATES = read_acts(words.DOINGS), read_acts(words.STATES, True)
TRANSITIVE = []
for _line in words.TRANSITIVE.splitlines():
    _english, _rest = _line.split("=")
    _french, _topics = _rest.split(": ")
    TRANSITIVE.append((_english, _french, _topics.split()))
KNOWN_HOW = {
    "swim",
    "drive",
    "cook",
    "read",
    "write",
    "dance",
    "sing",
    "play the piano",
    "play the guitar",
    "play the violin",
    "play chess",
    "ride a bike",
    "ride a horse",
    "play tennis",
    "drive a car",
    "speak French",
    "speak English",
    "speak German",
}
PRONOUNS = [
    Who("I", "je", 0),
    Who("you", "vous", 4),
    Who("he", "il", 2),
    Who("she", "elle", 2, True),
    Who("we", "nous", 3),
    Who("they", "ils", 5),
]
OWNERS = [("my", 0), ("your", 4), ("his", 2), ("her", 2), ("our", 3), ("their", 5)]
POSSESSIVE = {  # masculine, feminine, plural
    0: ("mon", "ma", "mes"),
    2: ("son", "sa", "ses"),
    3: ("notre", "notre", "nos"),
    4: ("votre", "votre", "vos"),
    5: ("leur", "leur", "leurs"),
}
COMPARED = {  # the comparative of adjectives that have one of their own
    "tall": "taller",
    "old": "older",
    "young": "younger",
    "rich": "richer",
    "big": "bigger",
    "small": "smaller",
    "strong": "stronger",
    "happy": "happier",
    "funny": "funnier",
    "nice": "nicer",
    "cheap": "cheaper",
    "heavy": "heavier",
    "long": "longer",
    "short": "shorter",
    "warm": "warmer",
    "cold": "colder",
    "easy": "easier",
    "large": "larger",
    "clean": "cleaner",
    "new": "newer",
}


# Words and their agreement


def of(text: str) -> str:
    """ "de" and what follows: du, des, d'."""
    if text.startswith(("le ", "les ")):
        return ("du " if text.startswith("le ") else "des ") + text.split(" ", 1)[1]
    return before("de", text)


def to(text: str) -> str:
    """ "à" and what follows: au, aux."""
    if text.startswith(("le ", "les ")):
        return ("au " if text.startswith("le ") else "aux ") + text.split(" ", 1)[1]
    return f"à {text}"


def joined(french: str, text: str) -> str:
    """A French verb with its preposition, and the phrase that follows."""
    if french.endswith(" à"):
        return f"{french[:-2]} {to(text)}"
    if french.endswith(" de"):
        return f"{french[:-3]} {of(text.removeprefix('des ') if text.startswith('des ') else text)}"
    return f"{french} {text}"


def plural(word: str) -> str:
    """The plural of a French noun or adjective, of which only the first word changes after "de", "à" or "d'"."""
    if word in words.PLURAL_ODD:
        return words.PLURAL_ODD[word]
    if "_" in word or word == "marron":
        return word
    first, _, rest = word.partition(" ")
    if rest and rest.startswith(("de ", "d'", "à ", "photo", "du ")):
        return f"{plural(first)} {rest}"
    if rest:
        return f"{plural(first)} {plural(rest)}"
    for end, many in (("s", "s"), ("x", "x"), ("z", "z"), ("eau", "eaux"), ("al", "aux"), ("eu", "eux")):
        if word.endswith(end):
            return word[: -len(end)] + many
    return word + "s"


def plural_en(word: str) -> str:
    if word in words.ENGLISH_PLURAL_ODD:
        return words.ENGLISH_PLURAL_ODD[word]
    start, _, last = word.rpartition(" ")
    if start and last in words.ENGLISH_PLURAL_ODD:
        return f"{start} {words.ENGLISH_PLURAL_ODD[last]}"
    if word.endswith(("x", "s", "ch", "sh", "ato")):
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2] not in "aeiou" else word + "s"


def an(text: str) -> str:
    vowel = text[0] in "aeiou" and not text.startswith(("use", "uni"))
    return f"{'an' if vowel or text.startswith('hour') else 'a'} {text}"


def form(adjective: Adjective, feminine: bool, many: bool = False) -> str:
    text = adjective.feminine if feminine else adjective.masculine
    many = many and text != "orange"  # the colour is a noun, and does not agree
    return (plural(text) if many else text).replace("_", " ")


def the(noun: Noun) -> str:
    return f"l'{noun.french}" if elided(noun.french) else f"{'la' if noun.feminine else 'le'} {noun.french}"


def group(noun: Noun, adjective: Adjective | None, many: bool = False) -> Texts:
    """A noun and its adjective, in the order of each language."""
    english, french = (plural_en(noun.english), plural(noun.french)) if many else (noun.english, noun.french)
    if adjective is None:
        return english, french
    look = form(adjective, noun.feminine, many)
    if adjective.masculine not in words.BEFORE:
        return f"{adjective.english} {english}", f"{french} {look}"
    if not many and not noun.feminine and elided(french):
        look = words.BEFORE_VOWEL.get(look, look)
    return f"{adjective.english} {english}", f"{look} {french}"


def adjective_for(rng: random.Random, topic: str, predicate: bool = False) -> Adjective:
    kinds = {
        "people": ["person"],
        "family": ["person"],
        "relatives": ["person"],
        "countfood": ["taste", "taste", "colour"],
        "massfood": ["taste"],
        "drinks": ["taste"],
        "animals": ["colour", "person", "thing"],
        "clothes": ["colour", "thing"],
        "vehicles": ["colour", "thing"],
        "places": ["thing"],
        "nature": ["thing"],
        "ideas": ["thing"],
    }.get(topic, ["colour", "thing"])
    animal = {"small", "big", "beautiful", "old", "strange", "dangerous", "pretty", "funny", "young", "nice", "ill"}
    idea = {"new", "good", "strange", "important", "difficult", "easy", "interesting", "simple", "long", "wonderful"}
    while True:
        found = rng.choice(LOOKS[rng.choice(kinds)])
        if not predicate and (found.english.replace(" ", "_") in words.NOT_BEFORE_NOUN or "_" in found.masculine):
            continue
        if topic == "animals" and found not in LOOKS["colour"] and found.english not in animal:
            continue
        if topic in ("ideas", "nature") and found.english not in idea | {"beautiful", "small", "big"}:
            continue
        return found


def determined(rng: random.Random, kind: str, texts: Texts, feminine: bool, many: bool) -> Phrase:
    """A noun group with a determiner: a, the, this, one of whose it is, "some"."""
    english, french = texts
    if kind == "a":
        if many:
            start = "de" if french.split()[0] in PLURALS_BEFORE else "des"
            return Phrase(
                rng.choice([english, f"some {english}"]),
                f"{start} {french}" if start == "des" else before("de", french),
                before("de", french),
                feminine,
                True,
            )
        return Phrase(an(english), f"{'une' if feminine else 'un'} {french}", before("de", french), feminine)
    if kind == "the":
        article = "les" if many else "la" if feminine else "le"
        full = f"l'{french}" if not many and elided(french) else f"{article} {french}"
        return Phrase(f"the {english}", full, full, feminine, many)
    if kind == "this":
        near = rng.random() < 0.6
        start = ("these" if near else "those") if many else ("this" if near else "that")
        article = "ces" if many else "cette" if feminine else "cet" if elided(french) else "ce"
        return Phrase(f"{start} {english}", f"{article} {french}", f"{article} {french}", feminine, many)
    owner, person = rng.choice(OWNERS)
    masculine = not feminine or elided(french)
    full = f"{POSSESSIVE[person][2 if many else 0 if masculine else 1]} {french}"
    return Phrase(f"{owner} {english}", full, full, feminine, many)


PLURALS_BEFORE = {
    plural(form) for a in [a for some in LOOKS.values() for a in some] if a.masculine in words.BEFORE for form in a[1:]
}


def phrase(rng: random.Random, topic: str, kinds: str = "a a the my this", described: float = 0.25) -> Phrase:
    """A phrase about one of the nouns of a topic."""
    noun = rng.choice(NOUNS[topic])
    if topic == "relatives":
        person = rng.choice(list(OWNERS))
        full = f"{POSSESSIVE[person[1]][2]} {noun.french}"
        return Phrase(f"{person[0]} {noun.english}", full, full, noun.feminine, True)
    if topic in ("massfood", "drinks"):
        if kinds == "generic":
            return Phrase(noun.english, the(noun), the(noun), noun.feminine)
        if rng.random() < 0.2:
            return determined(rng, rng.choice(["the", "my", "this"]), (noun.english, noun.french), noun.feminine, False)
        if topic == "drinks" and rng.random() < 0.4:
            measure, french = rng.choice(
                [("a glass of", "un verre de"), ("a cup of", "une tasse de"), ("a bottle of", "une bouteille de")]
                if noun.french not in ("thé", "café", "chocolat chaud")
                else [("a cup of", "une tasse de"), ("a", "un"), ("two", "deux"), ("a little", "un peu de")]
            )
            if french in ("un", "deux"):
                french = f"{french} {noun.french if french == 'un' else plural(noun.french)}"
                english = f"{measure} {noun.english if measure == 'a' else plural_en(noun.english)}"
                return Phrase(english, french, before("de", noun.french) if measure == "a" else french, noun.feminine)
            french = f"{french[:-3]} {before('de', noun.french)}"
            bare = before("de", french.split(" ", 1)[1])
            return Phrase(f"{measure} {noun.english}", french, bare, noun.feminine)
        none = before("de", noun.french)
        full = f"de {the(noun)}".replace("de le ", "du ")
        return Phrase(rng.choice([noun.english, f"some {noun.english}"]), full, none, noun.feminine)
    if topic == "family":
        return determined(rng, "my", group(noun, None), noun.feminine, False)
    alone = noun.english in words.NO_PLURAL
    kinds = "the" if alone else kinds
    many = not alone and rng.random() < 0.25
    adjective = adjective_for(rng, topic) if rng.random() < described else None
    if kinds == "generic":
        many = noun.english not in words.NO_PLURAL
        english, french = group(noun, None, many)
        full = f"les {french}" if many else the(noun)
        return Phrase(english if many else f"the {english}", full, full, noun.feminine, many)
    if many and rng.random() < 0.4:
        count, number = rng.choice(NUMBERS[: rng.choice([6, len(NUMBERS)])])
        english, french = group(noun, adjective, True)
        return Phrase(f"{count} {english}", f"{number} {french}", f"{number} {french}", noun.feminine, True)
    return determined(rng, rng.choice(kinds.split()), group(noun, adjective, many), noun.feminine, many)


def name(rng: random.Random) -> tuple[str, bool]:
    """A first name, and whether it is a woman's."""
    feminine = rng.random() < 0.5
    return rng.choice(words.NAMES[0 if feminine else 1]), feminine


def someone(rng: random.Random, pronouns: float = 0.65) -> Who:
    """Who does something."""
    if rng.random() < pronouns:
        return rng.choices(PRONOUNS, [3, 2, 2, 2, 1.5, 1.5])[0]
    kind = rng.randrange(8)
    if kind == 0:
        first, feminine = name(rng)
        return Who(first, first, 2, feminine)
    if kind == 1:
        found = phrase(rng, "relatives")
        return Who(found.english, found.french, 5, found.feminine)
    if kind == 2:
        both = [name(rng), name(rng)]
        return Who(f"{both[0][0]} and {both[1][0]}", f"{both[0][0]} et {both[1][0]}", 5, both[0][1] and both[1][1])
    if kind == 3:
        english, french, feminine = rng.choice(
            [
                ("my brother and I", "mon frère et moi", False),
                ("my sister and I", "ma sœur et moi", False),
                ("the children", "les enfants", False),
                ("the boys", "les garçons", False),
                ("the girls", "les filles", True),
                ("people", "les gens", False),
                ("the students", "les étudiants", False),
                ("everybody", "tout le monde", False),
            ]
        )
        return Who(english, french, 3 if "I" in english else 2 if english == "everybody" else 5, feminine)
    if kind < 6:
        found = phrase(rng, "family")
    else:
        found = phrase(rng, rng.choice(["people", "people", "animals"]), "the the the this my", 0.1)
        while found.french.split()[0] in {b: a for a, b in NUMBERS}:
            found = phrase(rng, "people", "the the the this my", 0.1)
    return Who(found.english, found.french, 5 if found.plural else 2, found.feminine)


# English sentences

BE = {0: "am", 2: "is", 3: "are", 4: "are", 5: "are"}
COMPOSITE = {  # tenses that are a verb with an infinitive in English
    "want": "want to",
    "haveto": "have to",
    "needto": "need to",
    "like": "like to",
    "liking": "like",
    "loving": "love",
    "hope": "hope to",
    "try": "try to",
    "begin": "start to",
}
AUXILIARY = {
    "will": "will",
    "can": "can",
    "must": "must",
    "should": "should",
    "could": "could",
    "wouldlike": "would",
    "would": "would",
}


def singular(who: Who) -> bool:
    return who.person == 2 and who.english not in ("people",)


def english_of(who: Who, verb: str, tense: str, no: str, question: bool, middle: str = "") -> str:
    """A sentence without capital letter and end; `no` is "", "not", "never" or "no longer"."""
    person = 5 if who.english == "people" else who.person
    if tense in COMPOSITE:
        rest = ing(verb) if tense in ("liking", "loving") else verb
        verb, tense = f"{COMPOSITE[tense]} {rest}", "present"
    is_be = verb == "be" or verb.startswith("be ")
    auxiliary, rest = "", verb
    if tense in AUXILIARY:
        auxiliary = AUXILIARY[tense]
        rest = f"like to {verb}" if tense == "wouldlike" else verb
    elif tense == "going":
        auxiliary, rest = BE[person], f"going to {verb}"
    elif tense == "prog":
        auxiliary, rest = BE[person], ing(verb)
    elif tense == "wasprog":
        auxiliary, rest = "was" if person in (0, 2) else "were", ing(verb)
    elif tense == "perfect":
        auxiliary, rest = ("has" if person == 2 else "have"), past(verb, 1)
    elif is_be:
        auxiliary = BE[person] if tense == "present" else "was" if person in (0, 2) else "were"
        rest = verb[3:]
    elif no == "not" or question:
        auxiliary = "did" if tense == "past" else "does" if person == 2 else "do"
    elif tense == "past":
        rest = past(verb)
    else:
        rest = third(verb) if person == 2 else verb
    inner = " ".join(part for part in (no, middle) if part)
    if question:
        return " ".join(part for part in (auxiliary, who.english, inner, rest) if part)
    if auxiliary:
        return " ".join(part for part in (who.english, auxiliary, inner, rest) if part)
    return " ".join(part for part in (who.english, inner, rest) if part)


# French sentences

NOT = {"": "", "not": "pas", "never": "jamais", "no longer": "plus"}
AGREED = {(False, False): "", (True, False): "e", (False, True): "s", (True, True): "es"}
SEMI = {  # tenses that are a verb with an infinitive in French
    "going": ("aller", "present"),
    "can": ("pouvoir", "present"),
    "could": ("pouvoir", "conditional"),
    "must": ("devoir", "present"),
    "haveto": ("devoir", "present"),
    "should": ("devoir", "conditional"),
    "want": ("vouloir", "present"),
    "wouldlike": ("vouloir", "conditional"),
    "like": ("aimer", "present"),
    "liking": ("aimer", "present"),
    "loving": ("adorer", "present"),
    "hope": ("espérer", "present"),
    "needto": ("avoir besoin de", "present"),
    "try": ("essayer de", "present"),
    "begin": ("commencer à", "present"),
}
FORMS = {"present": present, "future": future, "conditional": conditional, "imperfect": imperfect}


def split_act(act: Act, no: str) -> tuple[str, str, str]:
    """Pronoun before the verb, infinitive, and the rest."""
    text = act.denied if no and act.denied else act.french
    clitic = act.clitic
    if text.startswith("se "):
        clitic, text = "se", text[3:]
    elif text.startswith("s'"):
        clitic, text = "se", text[2:]
    verb, _, rest = text.partition(" ")
    return clitic, verb, rest


def french_of(who: Who, act: Act, tense: str, no: str, question: str = "", middle: str = "") -> str:
    """A sentence without capital letter and end; `question` is "" or a question word, or "?" for none."""
    clitic, verb, rest = split_act(act, no)
    rest = rest.replace("{e}", AGREED[who.feminine, who.plural])
    clitic = REFLEXIVE[who.person] if clitic == "se" else clitic
    tail: list[str] = []
    if tense == "can" and act.english in KNOWN_HOW:
        semi = ("savoir", "present")
    else:
        semi = SEMI.get(tense)
    if semi:
        helper, _, link = semi[0].partition(" ")
        finite = FORMS[semi[1]](helper)[who.person]
        infinitive = before(clitic, verb) if clitic in ("me", "te", "se", "le", "la") else f"{clitic} {verb}".strip()
        if link:
            first, _, last = link.rpartition(" ")
            infinitive = f"{first} {before(last, infinitive) if last == 'de' else last + ' ' + infinitive}".strip()
        clitic, tail = "", [infinitive, rest]
    elif tense in ("past", "perfect") and not (act.state and tense == "past"):
        be = verb in WITH_BE or (clitic == REFLEXIVE[who.person] and act.clitic == "")
        finite = present("être" if be else "avoir")[who.person]
        agreed = (
            AGREED[who.feminine, who.plural] if be else AGREED[clitic == "la", clitic == "les"] if act.clitic else ""
        )
        done = participle(verb)
        agreed = agreed.replace("s", "") if done.endswith("s") else agreed
        tail = [done + agreed, rest]
    else:
        names_ = {"will": "future", "past": "imperfect", "wasprog": "imperfect", "would": "conditional"}
        name_ = names_.get(tense, "present")
        finite = FORMS[name_](verb)[who.person]
        tail = [rest]
    pronoun = who.french if who.is_pronoun else ""
    end = " ".join(part for part in (NOT[no], middle, *tail) if part)
    inverts = question and (
        (question != "?" and pronoun not in ("", "je"))
        or pronoun == "vous"
        or (pronoun and pronoun != "je" and verb == "être" and not semi)
    )
    if inverts:
        finite = inverted(finite, pronoun)
    core = finite
    if clitic:
        core = before(clitic, core) if clitic in ("me", "te", "se", "le", "la") else f"{clitic} {core}"
    if no:
        core = before("ne", core)
    sentence = f"{core} {end}".strip()
    if not inverts:
        sentence = before("je", sentence) if who.french == "je" else f"{who.french} {sentence}"
        if question:
            sentence = before("est-ce que", sentence)
    if question not in ("", "?"):
        sentence = f"{question} {sentence}"
    return sentence


# Sentences: who does what


def act_of(rng: random.Random, who: Who) -> Act:
    """Something that is done or that is, with its object."""
    kind = rng.random()
    if kind < 0.3:
        return rng.choice(DOINGS)
    if kind < 0.42:
        return rng.choice(STATES)
    if kind < 0.56:
        adjective = adjective_for(rng, "people", True)
        degree = rng.choice(
            [("", "")] * 5 + [("very ", "très "), ("too ", "trop "), ("a little ", "un peu "), ("so ", "si ")]
        )
        if "_" in adjective.masculine or adjective.english in ("right", "married", "dead", "French", "English"):
            degree = ("", "")
        look = form(adjective, who.feminine, who.plural)
        return Act(f"be {degree[0]}{adjective.english}", f"être {degree[1]}{look}", state=True)
    if kind < 0.6:
        job = rng.choice(PROFESSIONS)
        english = plural_en(job.english) if who.plural else an(job.english)
        return Act(f"be {english}", f"être {form(job, who.feminine, who.plural)}", state=True)
    if kind < 0.66:
        return somewhere(rng)
    return with_object(rng)


def with_object(rng: random.Random) -> Act:
    english, french, topics = rng.choice(TRANSITIVE)
    topic = rng.choice(topics)
    base = english.split()[0]
    state = base in words.STATIVE and english not in ("think of", "see", "hear")
    general = base in ("like", "love", "hate", "prefer") and topic in (
        "countfood",
        "massfood",
        "drinks",
        "animals",
        "things",
    )
    kinds = "generic" if general else "my" if topic == "family" else "a a the the my this"
    if english in (
        "clean",
        "wash",
        "look at",
        "touch",
        "close",
        "open",
        "answer",
        "thank",
        "leave",
        "know",
        "wait for",
    ):
        kinds = "the the my this"
    if topic in ("nature", "places"):
        kinds = "the the this a"
    if english == "have":
        kinds = "a"
    if topic == "people" and rng.random() < 0.25:
        first = name(rng)[0]
        return Act(f"{english} {first}", joined(french, first), None, state)
    what = phrase(rng, topic, kinds)
    return Act(f"{english} {what.english}", joined(french, what.french), joined(french, what.denied), state)


def place(rng: random.Random) -> Texts:
    """Where: "at the station", "à la gare"."""
    kind = rng.randrange(5)
    if kind == 0:
        return rng.choice([(f"in {en}", fr) for en, fr in COUNTRIES])
    if kind == 1:
        return rng.choice([(f"in {en}", f"à {fr}") for en, fr in CITIES])
    if kind == 2:
        noun = rng.choice(
            [
                noun
                for noun in NOUNS["house"]
                if noun.english not in ("wall", "roof", "door", "window", "stairs", "floor")
            ]
        )
        return f"in the {noun.english}", f"dans {the(noun)}" if noun.english != "balcony" else "sur le balcon"
    noun = rng.choice(NOUNS["places"])
    if kind == 3:
        return f"at the {noun.english}", to(the(noun))
    word, french = rng.choice(
        [("near", "près de"), ("behind", "derrière"), ("in front of", "devant"), ("next to", "à côté de")]
    )
    return f"{word} the {noun.english}", joined(french, the(noun))


def somewhere(rng: random.Random) -> Act:
    """To live, work, go ... somewhere."""
    kind = rng.randrange(6)
    if kind == 0:
        english, french = rng.choice(COUNTRIES)
        return rng.choice(
            [
                Act(f"live in {english}", f"habiter {french}", state=True),
                Act(f"go to {english}", f"aller {french}"),
                Act(f"work in {english}", f"travailler {french}"),
                Act(f"travel to {english}", f"voyager {french}"),
            ]
        )
    if kind == 1:
        english, french = rng.choice(CITIES)
        return rng.choice(
            [
                Act(f"live in {english}", f"habiter à {french}", state=True),
                Act(f"go to {english}", f"aller à {french}"),
                Act(f"work in {english}", f"travailler à {french}"),
                Act(f"visit {english}", f"visiter {french}"),
                Act(f"come from {english}", f"venir {before('de', french)}", state=True),
                Act(f"be from {english}", f"venir {before('de', french)}", state=True),
            ]
        )
    if kind == 2:
        noun = rng.choice(NOUNS["places"])
        return Act(f"go to the {noun.english}", f"aller {to(the(noun))}")
    if kind == 3:
        english, french = rng.choice(LANGUAGES)
        return rng.choice(
            [
                Act(f"speak {english}", f"parler {french}", state=True),
                Act(f"learn {english}", f"apprendre {before('le', french)}"),
                Act(f"speak {english} very well", f"parler très bien {french}", state=True),
                Act(f"study {english}", f"étudier {before('le', french)}"),
            ]
        )
    english, french = place(rng)
    verb = rng.choice(
        ["work=travailler", "sleep=dormir", "wait=attendre", "eat=manger", "live=habiter", "play=jouer", "be=être"]
    )
    word, _, infinitive = verb.partition("=")
    return Act(f"{word} {english}", f"{infinitive} {french}", None, word in ("live", "be"))


TENSES = {
    "present": 6,
    "prog": 4,
    "past": 5,
    "perfect": 2,
    "will": 2.5,
    "going": 2,
    "can": 2,
    "must": 1,
    "haveto": 1.2,
    "want": 2,
    "wouldlike": 1.5,
    "should": 0.8,
    "like": 0.6,
    "liking": 0.8,
    "loving": 0.4,
    "needto": 0.5,
    "try": 0.2,
    "wasprog": 0.8,
}
STATE_TENSES = {"present": 10, "past": 2, "will": 1, "can": 0.2, "must": 0.3, "want": 0.4, "wouldlike": 0.4}
QUESTION_WORDS = [
    ("where", "où"),
    ("when", "quand"),
    ("why", "pourquoi"),
    ("how", "comment"),
    ("with whom", "avec qui"),
]


def timed(rng: random.Random, texts: Texts, tense: str, share: float = 0.3) -> Texts:
    """With a word of time that goes with the tense, mostly at the end."""
    kind = {
        "present": "always",
        "prog": "now",
        "past": "past",
        "will": "future",
        "going": "future",
        "must": "future",
        "want": "future",
        "can": "future",
        "wouldlike": "future",
        "haveto": "future",
        "like": "always",
        "liking": "always",
    }.get(tense)
    if kind is None or rng.random() > share:
        return texts
    english, french = rng.choice(WHEN[kind])
    if english in ("too much", "a lot", "very often") and " " in texts[1].strip()[5:]:
        return texts
    if rng.random() < 0.12 and not french.startswith(("trop", "beaucoup", "très")):
        return f"{english}{rng.choice([',', ''])} {texts[0]}", f"{french}, {texts[1]}"
    return f"{texts[0]} {english}", f"{texts[1]} {french}"


def clause(rng: random.Random, who: Who | None = None, asked: float = 0.16) -> Texts:
    """Who does what: said, denied or asked (then it ends in " ?")."""
    who = who or someone(rng)
    act = act_of(rng, who)
    if who.english in ("people", "everybody"):
        act = rng.choice(DOINGS)
    tenses = STATE_TENSES if act.state else TENSES
    tense = rng.choices(list(tenses), list(tenses.values()))[0]
    if (
        act.state
        and (act.english.startswith(("be ", "have a ", "live", "have ")) is False)
        and tense in ("must", "can")
    ):
        tense = "present"
    if act.english.startswith(("go ", "come ")) and tense == "perfect":
        tense = "past"
    no = ""
    if rng.random() < 0.22 and tense not in ("haveto", "wouldlike", "needto", "try"):
        no = (
            "not"
            if rng.random() < 0.8 or tense not in ("present", "past", "perfect")
            else rng.choice(["never", "no longer"])
        )
        if no == "no longer" and tense != "present":
            no = "never"
        if tense == "past" and no == "never" and not act.state:
            tense = "perfect"
    if rng.random() < asked and no != "no longer" and no != "never" and (not no or rng.random() < 0.15):
        no = "" if tense in ("prog", "will", "must", "could", "wasprog") else no
        if tense == "can" and who.person == 4 and rng.random() < 0.4:
            tense = "could"
        english, french = english_of(who, act.english, tense, no, True), french_of(who, act, tense, no, "?")
        if no == "not":
            english = english_of(who, act.english, tense, "", True)
            word, rest = english.split(" ", 1)
            if word in ("am", "must"):
                return f"{english}?", french_of(who, act, tense, "", "?") + " ?"
            word = {"can": "can't", "will": "won't"}.get(word, word + "n't")
            return f"{word} {rest}?", f"{french} ?"
        if tense == "can" and who.person == 0:
            clitic, verb, rest = split_act(act, "")
            verb = before("me", verb) if clitic == "se" else verb
            english = rng.choice([english, english, "may" + english[3:]])
            french = f"puis-je {verb} {rest}".strip().replace("{e}", "")
        if tense == "wouldlike" and who.person == 4:
            french = french.replace("voudriez", "voulez")
        elif rng.random() < 0.3 and not act.state and "besoin" not in act.french:
            word, asks = rng.choice(QUESTION_WORDS)
            if word == "where" and re.search(r"\b(in|at|to|home|here|near|on|from)\b", english):
                word, asks = "why", "pourquoi"
            if word != "with whom" or tense in ("prog", "going", "past"):
                if word == "with whom":
                    english = f"who {english} with"
                else:
                    english = f"{word} {english}"
                if tense == "can" and who.person == 0:
                    return f"{english}?", f"{asks} {french} ?"
                return f"{english}?", f"{french_of(who, act, tense, '', asks)} ?"
        english, french = timed(rng, (english, french), tense, 0.2)
        return f"{english}?", f"{french} ?"
    middle = ("", "")
    if tense == "present" and not no and rng.random() < 0.1 and not act.english.startswith(("be ", "have ")):
        middle = rng.choice([pair for pair in MIDDLE if pair[0] != "never"])
        if middle[0] in ("really", "still") and not act.state:
            middle = ("often", "souvent")
    texts = english_of(who, act.english, tense, no, False, middle[0]), french_of(who, act, tense, no, "", middle[1])
    return texts if middle[0] else timed(rng, texts, tense)


def linked(rng: random.Random) -> Texts:
    """Two clauses, or one inside another."""
    kind = rng.randrange(7)
    who = someone(rng, 0.85)
    inner = clause(rng, who, 0)
    that = rng.choice([" that", "", ""])
    if kind == 0:
        start = rng.choice(
            [
                ("I think", "je pense que"),
                ("I know", "je sais que"),
                ("I hope", "j'espère que"),
                ("I believe", "je crois que"),
                ("he says", "il dit que"),
                ("she says", "elle dit que"),
                ("they say", "ils disent que"),
                ("we know", "nous savons que"),
                ("I am sure", "je suis sûr que"),
                ("I am afraid", "j'ai peur que"),
                ("he thinks", "il pense que"),
                ("you know", "vous savez que"),
            ]
        )
        if start[0] == "I am afraid":
            start = ("I know", "je sais que")
        return f"{start[0]}{that} {inner[0]}", f"{before(start[1], inner[1])}"
    if kind == 1:
        other = clause(rng, someone(rng, 0.9), 0)
        return f"{inner[0]} because {other[0]}", f"{inner[1]} {before('parce que', other[1])}"
    if kind < 5:
        other = clause(rng, someone(rng, 0.9), 0)
        if rng.random() < 0.4:
            both = [rng.choice([about_things, about_things, this_is, there_is, weather])(rng) for _ in range(2)]
            if not any(text[0].endswith("?") for text in both):
                inner, other = both
        word, french = rng.choice([("and", "et"), ("and", "et"), ("but", "mais")])
        comma = rng.choice(["", ""] if word == "and" else [",", ""])
        return f"{inner[0]}{comma} {word} {other[0]}", f"{inner[1]}{',' if word == 'but' else ''} {french} {other[1]}"
    if kind == 5:
        act = rng.choice(DOINGS + STATES)
        english, french = english_of(who, act.english, "present", "", False), french_of(who, act, "present", "")
        other = clause(rng, rng.choice(PRONOUNS), 0)
        word, link = rng.choice([("when", "quand"), ("if", "si")])
        if link == "si":
            french = before("si", french) if french.startswith("il") else f"si {french}"
            return f"if {english}, {other[0]}", f"{french}, {other[1]}"
        return f"when {english}, {other[0]}", f"quand {french}, {other[1]}"
    act = rng.choice(DOINGS)
    start = rng.choice(
        [
            ("it is important to", "il est important de"),
            ("it is difficult to", "il est difficile de"),
            ("it is easy to", "il est facile de"),
            ("it is forbidden to", "il est interdit de"),
            ("it is time to", "il est temps de"),
            ("I decided to", "j'ai décidé de"),
            ("it is nice to", "c'est agréable de"),
            ("it is too late to", "il est trop tard pour"),
            ("I forgot to", "j'ai oublié de"),
            ("it is possible to", "il est possible de"),
            ("it is impossible to", "il est impossible de"),
            ("it is dangerous to", "il est dangereux de"),
        ]
    )
    french = act.french.replace("{e}", "")
    if french.startswith(("se ", "s'")) and start[0].startswith("I "):
        french = before("me", french[3:] if french.startswith("se ") else french[2:])
    return f"{start[0]} {act.english}", before(start[1], french) if start[1].endswith("de") else f"{start[1]} {french}"


# Objects that are pronouns

MEANT = [
    ("me", "me", "me"),
    ("you", "vous", "vous"),
    ("him", "le", "lui"),
    ("her", "la", "lui"),
    ("us", "nous", "nous"),
    ("them", "les", "leur"),
    ("it", "le", ""),
]
DIRECT = pairs_of(
    "love=aimer, see=voir, know=connaître, hear=entendre, understand=comprendre, help=aider, call=appeler, wait "
    "for=attendre, "
    "look for=chercher, invite=inviter, watch=regarder, listen to=écouter, believe=croire, thank=remercier, "
    "hate=détester, "
    "follow=suivre, adore=adorer, find=trouver, forget=oublier, visit=visiter, meet=rencontrer, like=aimer bien, "
    "take=prendre, "
    "want=vouloir, buy=acheter, eat=manger, remember=reconnaître, trust=croire, disturb=déranger, "
    "kiss=embrasser, pay=payer"
)
INDIRECT = pairs_of(
    "talk to=parler, answer=répondre, write to=écrire, phone=téléphoner, speak to=parler, tell the truth=dire la "
    "vérité, "
    "give a present=offrir un cadeau, give a book=donner un livre, send a letter=envoyer une lettre, show the "
    "house=montrer la maison, "
    "tell a story=raconter une histoire, ask a question=poser une question, bring a coffee=apporter un café, "
    "lend a book=prêter un livre"
)


def pronoun_object(rng: random.Random) -> Texts:
    """ "She loves him", "Elle l'aime"."""
    who = someone(rng, 0.85)
    objects = [
        m
        for m in MEANT
        if not (who.person == 0 and m[0] in ("me", "us"))
        and not (who.person == 3 and m[0] in ("me", "us"))
        and not (who.person == 4 and m[0] == "you")
    ]
    meant = rng.choice(objects)
    things = {"take", "want", "buy", "eat", "find", "forget", "pay", "see", "understand", "like", "know"}
    if rng.random() < 0.7 or meant[0] == "it":
        verb, french = rng.choice(DIRECT)
        if verb in ("take", "want", "buy", "eat", "pay", "visit") and meant[0] not in ("it", "them"):
            verb, french = "see", "voir"
        if meant[0] == "it" and verb not in things:
            verb, french = "take", "prendre"
        if verb in ("remember", "trust"):
            verb, french = "know", "connaître"
        clitic = meant[1]
        if meant[0] == "you" and verb in ("love", "adore", "kiss"):
            clitic = "te"
        if verb == "like" and clitic == "te":
            clitic = "vous"
        english = f"{verb} {meant[0]}"
    else:
        verb, french = rng.choice(INDIRECT)
        word, _, what = verb.partition(" ")
        english = f"{verb} {meant[0]}" if what in ("", "to") else f"{word} {meant[0]} {what}"
        clitic = meant[2]
    state = verb in ("love", "know", "understand", "hate", "want", "like", "adore", "believe", "see", "hear")
    tense = rng.choice(
        ["present"] * 6 + (["past"] * 2 if not state else ["past"]) + ["will", "going", "can", "must", "want"]
    )
    if verb in ("love", "know", "hate", "want", "like", "adore") and tense not in ("present",):
        tense = "present"
    no = "not" if rng.random() < 0.2 else ""
    act = Act(english, french, denied(french), clitic=clitic)
    if clitic in ("me", "te", "nous", "vous") and who.person == {"me": 0, "nous": 3, "vous": 4}.get(clitic, 1):
        return clause(rng)
    if tense == "past" and clitic in ("lui", "leur"):
        act = act._replace(clitic=clitic)
    asked = rng.random() < 0.15
    if asked and not no:
        if who.person == 0 or tense in ("past", "going"):
            tense = "present"
        english = english_of(who, english, tense, "", True)
        if tense in ("can", "want", "must") and who.person == 4:
            return f"{english}?", french_of(who, act, tense, "", "?") + " ?"
        return f"{english}?", before("est-ce que", french_of(who, act, tense, "")) + " ?"
    return timed(rng, (english_of(who, english, tense, no, False), french_of(who, act, tense, no)), tense, 0.15)


def order(rng: random.Random) -> Texts:
    """What somebody is told to do, or not to do."""
    kind = rng.random()
    if kind < 0.2:
        meant = rng.choice(
            [
                ("me", "moi", "moi"),
                ("us", "nous", "nous"),
                ("him", "le", "lui"),
                ("her", "la", "lui"),
                ("them", "les", "leur"),
            ]
        )
        if rng.random() < 0.5:
            verb, french = rng.choice(
                [
                    ("help", "aider"),
                    ("wait for", "attendre"),
                    ("listen to", "écouter"),
                    ("call", "appeler"),
                    ("look at", "regarder"),
                    ("follow", "suivre"),
                    ("believe", "croire"),
                    ("excuse", "excuser"),
                    ("thank", "remercier"),
                ]
            )
            yes, rest = (f"{verb} {meant[0]}", meant[1]), ""
            no = {"moi": "me", "nous": "nous"}.get(meant[1], meant[1])
        else:
            what = phrase(rng, rng.choice(["things", "clothes", "countfood", "drinks"]), "the the my this a a")
            verb, french = rng.choice(
                [("give", "donner"), ("show", "montrer"), ("bring", "apporter"), ("send", "envoyer")]
            )
            yes, rest = (f"{verb} {meant[0]} {what.english}", meant[2]), what.french
            no = {"moi": "me"}.get(meant[2], meant[2])
            if rng.random() < 0.15:
                core = command(french)[2]
                core = f"{no} {core}" if no != "me" else before("me", core)
                return f"do not {yes[0]}", f"{before('ne', core)} pas {what.denied}"
            return polite(rng, (yes[0], f"{command(french)[2]}-{yes[1]} {rest}"))
        if rng.random() < 0.25:
            core = command(french)[2]
            core = before(no, core) if no in ("me", "le", "la") else f"{no} {core}"
            return f"do not {yes[0]}", f"{before('ne', core)} pas"
        return polite(rng, (yes[0], f"{command(french)[2]}-{yes[1]}"))
    act = rng.choice(DOINGS) if kind < 0.55 else with_object(rng)
    tries = (
        "sleep",
        "play",
        "work",
        "eat",
        "come",
        "go",
        "read",
        "close",
        "open",
        "clean",
        "turn",
        "wait",
        "take",
        "buy",
        "write",
    )
    while act.english.startswith(
        ("need", "have a ", "have ", "arrive late", "miss", "be ", "like", "love", "want", "know")
    ):
        act = rng.choice([act for act in DOINGS if act.english.startswith(tries)])
    no = "not" if rng.random() < 0.35 else ""
    us = rng.random() < 0.2
    clitic, verb, rest = split_act(act, no)
    form_ = command(verb)[1 if us else 2]
    rest = rest.replace("{e}", "s" if us else "")
    pronoun = "nous" if us else "vous"
    if clitic and no:
        core = f"ne {pronoun} {form_} pas"
    elif clitic:
        core = f"{form_}-{pronoun}"
    else:
        core = f"{before('ne', form_)} pas" if no else form_
    start = ("let's not " if no else "let's ") if us else ("do not " if no else "")
    return polite(rng, (f"{start}{act.english}", f"{core} {rest}".strip()), 0 if us else 0.25)


def polite(rng: random.Random, texts: Texts, share: float = 0.25) -> Texts:
    if rng.random() > share:
        return texts
    if rng.random() < 0.4:
        return f"please {texts[0]}", f"{texts[1]}, s'il vous plaît"
    return f"{texts[0]}{rng.choice([',', ',', ''])} please", f"{texts[1]}, s'il vous plaît"


# Frames


def about_things(rng: random.Random) -> Texts:
    """What something is like, where it is, whose it is."""
    topic = rng.choice(
        [
            "things",
            "furniture",
            "house",
            "clothes",
            "vehicles",
            "countfood",
            "animals",
            "places",
            "nature",
            "people",
            "family",
            "massfood",
            "drinks",
        ]
    )
    kind = rng.randrange(9)
    thing = phrase(rng, topic, "the the my this", 0.1)
    while thing.french.split()[0] in NUMBER_WORDS or thing.french.startswith(("du ", "de ", "un", "une ", "d", "deux")):
        topic = rng.choice(["things", "clothes", "vehicles", "countfood", "animals", "places", "furniture"])
        thing = phrase(rng, topic, "the the my this", 0.1)
    if rng.random() < 0.12:
        owner = someone(rng, 0)
        if owner.person == 2 and owner.english not in ("everybody", "people") and topic not in ("family", "people"):
            noun = rng.choice(NOUNS[topic])
            english = f"{owner.english}'s {noun.english}"
            thing = Phrase(english, f"{the(noun)} {of(owner.french)}", "", noun.feminine)
    many = thing.plural
    who = Who(thing.english, thing.french, 5 if many else 2, thing.feminine)
    if kind < 4:
        adjective = adjective_for(rng, topic, True)
        degree = rng.choice(
            [("", "")] * 4 + [("very ", "très "), ("too ", "trop "), ("really ", "vraiment "), ("so ", "si ")]
        )
        if adjective.english in ("French", "English", "dead", "full") or adjective in LOOKS["colour"]:
            degree = ("", "")
        act = Act(
            f"be {degree[0]}{adjective.english}", f"être {degree[1]}{form(adjective, thing.feminine, many)}", state=True
        )
        tense = rng.choice(["present"] * 6 + ["past"])
        no = "not" if rng.random() < 0.15 else ""
        if rng.random() < 0.1:
            return english_of(who, act.english, tense, "", True) + "?", french_of(who, act, tense, "", "?") + " ?"
        return timed(
            rng,
            (english_of(who, act.english, tense, no, False), french_of(who, act, tense, no)),
            tense,
            0.05 if tense == "past" else 0,
        )
    if kind < 6 and topic not in ("places", "house", "nature"):
        english, french = rng.choice(WHERE)
        other = phrase(rng, rng.choice(["furniture", "things", "house", "places"]), "the the the my this", 0.05)
        while other.plural or other.french.startswith(("un", "d", "du")):
            other = phrase(rng, rng.choice(["furniture", "things", "house"]), "the the the my this", 0.05)
        act = Act(f"be {english} {other.english}", joined(f"être {french}", other.french), state=True)
        if rng.random() < 0.15:
            return english_of(who, act.english, "present", "", True) + "?", french_of(
                who, act, "present", "", "?"
            ) + " ?"
        tense = rng.choice(["present"] * 6 + ["past"])
        return english_of(who, act.english, tense, "", False), french_of(who, act, tense, "")
    if kind == 6:
        look = rng.choice(list(COMPARED))
        adjective = next(a for some in LOOKS.values() for a in some if a.english == look)
        other = phrase(rng, topic, "the my this", 0)
        if other.french.split()[0] in NUMBER_WORDS or other.french.startswith(("d", "un")):
            return about_things(rng)
        if rng.random() < 0.3:
            act = Act(
                f"be as {look} as {other.english}",
                f"être aussi {form(adjective, thing.feminine, many)} que {other.french}",
                state=True,
            )
        else:
            act = Act(
                f"be {COMPARED[look]} than {other.english}",
                f"être plus {form(adjective, thing.feminine, many)} que {other.french}",
                state=True,
            )
        return english_of(who, act.english, "present", "", False), french_of(who, act, "present", "")
    if kind == 7:
        return f"where {'are' if many else 'is'} {thing.english}?", f"où {'sont' if many else 'est'} {thing.french} ?"
    return this_is(rng)


NUMBER_WORDS = {french.split()[0] for _, french in NUMBERS}


def this_is(rng: random.Random) -> Texts:
    """ "It is a good idea", "This is my brother", "Are these your keys?"."""
    topic = rng.choice(
        [
            "things",
            "clothes",
            "animals",
            "people",
            "family",
            "relatives",
            "ideas",
            "places",
            "countfood",
            "vehicles",
            "nature",
        ]
    )
    what = phrase(rng, topic, "a a the my", 0.4)
    if what.french.split()[0] in NUMBER_WORDS or what.english.startswith("some"):
        return this_is(rng)
    starts = (
        ["these are", "those are", "they are"] if what.plural else ["this is", "that is", "it is", "this is", "it is"]
    )
    if topic in ("family", "people") and not what.plural:
        starts = ["this is", "he is" if not what.feminine else "she is"]
    start = rng.choice(starts)
    french = "ce sont" if what.plural else "c'est"
    asks = rng.random()
    if asks < 0.15:
        pronoun, verb = start.split()
        return (
            f"{verb} {pronoun} {what.english}?",
            f"{'est-ce que ce sont' if what.plural else 'est-ce'} {what.french} ?",
        )
    if asks < 0.3:
        return (
            f"{start} not {what.english}",
            f"{'ce ne sont' if what.plural else 'ce n' + chr(39) + 'est'} pas {what.french}",
        )
    if asks < 0.36 and not what.plural and topic != "relatives":
        return f"{start.replace(' is', ' was')} {what.english}", f"c'était {what.french}"
    return f"{start} {what.english}", f"{french} {what.french}"


def there_is(rng: random.Random) -> Texts:
    topic = rng.choice(
        ["things", "animals", "people", "furniture", "countfood", "massfood", "drinks", "places", "vehicles", "nature"]
    )
    what = phrase(rng, topic, "a", 0.2)
    if what.english.startswith(("the ", "this ", "that ", "my ", "your ", "his ", "her ", "our ", "their ")):
        return there_is(rng)
    if topic == "places" or rng.random() < 0.3:
        where = rng.choice(
            [
                ("here", "ici"),
                ("near here", "près d'ici"),
                ("in this town", "dans cette ville"),
                ("in the street", "dans la rue"),
                ("in the village", "dans le village"),
                ("in my street", "dans ma rue"),
                ("over there", "là-bas"),
                ("nearby", "près d'ici"),
            ]
        )
    else:
        english, french = rng.choice(WHERE[:7])
        other = rng.choice(NOUNS[rng.choice(["furniture", "house", "things", "places"])])
        where = f"{english} the {other.english}", joined(french, the(other))
    where = rng.choice([where, where, where, ("", "")])
    bare = what.english.removeprefix("some ")
    verb = "are" if what.plural else "is"
    kind = rng.random()
    join = lambda *parts: " ".join(part for part in parts if part)  # noqa: E731
    if kind < 0.2:
        start = rng.choice(["is there", "is there"]) if not what.plural else "are there"
        english = (
            f"any {bare}"
            if what.plural or (topic in ("massfood", "drinks") and not bare.startswith(("a ", "two ")))
            else what.english
        )
        if what.french.split()[0] in NUMBER_WORDS:
            english = what.english
        return join(start, english, where[0]) + "?", join("y a-t-il", what.french, where[1]) + " ?"
    if kind < 0.4 and what.french.split()[0] not in NUMBER_WORDS:
        single = re.sub(r"^an? ", "", bare)
        english = rng.choice(
            [
                join(f"there {verb} no", single),
                join(
                    f"there {verb} not",
                    what.english if what.english.startswith("a") and not what.plural else f"any {bare}",
                ),
            ]
        )
        return join(english, where[0]), join("il n'y a pas", what.denied, where[1])
    if kind < 0.5:
        return join("there", "were" if what.plural else "was", what.english, where[0]), join(
            "il y avait", what.french, where[1]
        )
    if kind < 0.6:
        noun = rng.choice(NOUNS[rng.choice(["people", "things", "animals"])])
        count = rng.choice(
            [
                ("a lot of", "beaucoup de"),
                ("many", "beaucoup de"),
                ("too many", "trop de"),
                ("several", "plusieurs"),
                ("a few", "quelques"),
            ]
        )
        french = (
            before(count[1], plural(noun.french)) if count[1].endswith("de") else f"{count[1]} {plural(noun.french)}"
        )
        return join("there are", count[0], plural_en(noun.english), where[0]), join("il y a", french, where[1])
    return join(f"there {verb}", what.english, where[0]), join("il y a", what.french, where[1])


def wanting(rng: random.Random) -> Texts:
    """In a shop or a restaurant."""
    what = phrase(rng, rng.choice(["countfood", "drinks", "massfood", "things", "clothes"]), "a a a this the", 0.15)
    starts = [
        ("I would like", "je voudrais", ""),
        ("I'd like", "je voudrais", ""),
        ("I want", "je veux", ""),
        ("can I have", "puis-je avoir", "?"),
        ("could I have", "pourrais-je avoir", "?"),
        ("do you have", "avez-vous", "?"),
        ("would you like", "voulez-vous", "?"),
        ("do you want", "voulez-vous", "?"),
        ("we would like", "nous voudrions", ""),
        ("I need", "j'ai besoin de", ""),
        ("I'll have", "je vais prendre", ""),
        ("how much is", "combien coûte", "?"),
        ("where can I buy", "où puis-je acheter", "?"),
        ("I am looking for", "je cherche", ""),
        ("who wants", "qui veut", "?"),
        ("he would like", "il voudrait", ""),
        ("she would like", "elle voudrait", ""),
        ("I have", "j'ai", ""),
        ("may I have", "puis-je avoir", "?"),
    ]
    english, french, end = rng.choice(starts)
    text = what.english
    if english == "how much is":
        what = phrase(rng, rng.choice(["things", "clothes", "countfood"]), "the this", 0.1)
        if what.french.split()[0] in NUMBER_WORDS:
            return wanting(rng)
        return (
            (
                f"how much {'are' if what.plural else 'is'} {what.english}?",
                f"combien {'coûtent' if what.plural else 'coûte'} {what.french} ?",
            )
            if rng.random() < 0.6
            else (
                f"how much {'do' if what.plural else 'does'} {what.english} cost?",
                f"combien {'coûtent' if what.plural else 'coûte'} {what.french} ?",
            )
        )
    if french.endswith(" de"):
        bare = what.denied if what.french.startswith(("du ", "de l", "des ")) else of(what.french)
        return f"{english} {text}", f"{french[:-3]} {bare}"
    both = f"{english} {text}", f"{french} {what.french}"
    if rng.random() < 0.3 and english not in ("I have", "I need", "who wants", "do you want", "would you like"):
        both = f"{both[0]}{rng.choice([', please', ' please', ', please'])}", f"{both[1]}, s'il vous plaît"
    return (both[0] + "?", both[1] + " ?") if end else both


def weather(rng: random.Random) -> Texts:
    when = rng.choice(
        WHEN["now"]
        + [("here", "ici"), ("in Paris", "à Paris"), ("outside", "dehors"), ("", ""), ("", ""), ("again", "encore")]
    )
    later = rng.choice([*WHEN["future"][:7], ("", "")])
    ago = rng.choice(WHEN["past"][:8])
    join = lambda *parts: " ".join(part for part in parts if part)  # noqa: E731
    english, french, ahead, before_ = rng.choice(
        [("raining", "il pleut", "il va pleuvoir", "il a plu"), ("snowing", "il neige", "il va neiger", "il a neigé")]
    )
    state = rng.choice(
        [
            ("cold", "froid"),
            ("hot", "chaud"),
            ("very cold", "très froid"),
            ("very hot", "très chaud"),
            ("too hot", "trop chaud"),
            ("nice", "beau"),
            ("sunny", "soleil"),
            ("cool", "frais"),
            ("dark", "nuit"),
            ("so cold", "si froid"),
            ("warm", "chaud"),
            ("really cold", "vraiment froid"),
        ]
    )
    w = rng.choice(pairs_of("nice=beau, good=beau, bad=mauvais, beautiful=beau, lovely=beau, terrible=très mauvais"))
    base = english.removesuffix("ing")
    return rng.choice(
        [
            (join("it is", english, when[0]), join(french, when[1])),
            (join("is it", english, when[0]) + "?", join(before("est-ce que", french), when[1]) + " ?"),
            (join("it is going to", base, later[0]), join(ahead, later[1])),
            (join("it will", base, later[0]), join({"rain": "il pleuvra", "snow": "il neigera"}[base], later[1])),
            (join(f"it {base}ed", ago[0]), join(before_, ago[1])),
            (
                join("it is not", english, when[0]),
                join({"rain": "il ne pleut pas", "snow": "il ne neige pas"}[base], when[1]),
            ),
            (
                join(f"it often {base}s", "here"),
                join({"rain": "il pleut souvent", "snow": "il neige souvent"}[base], "ici"),
            ),
            (join("it is", state[0], when[0]), join("il fait", state[1], when[1])),
            (join("it is", state[0], when[0]), join("il fait", state[1], when[1])),
            (join("is it", state[0], when[0]) + "?", join("est-ce qu'il fait", state[1], when[1]) + " ?"),
            (join("it was", state[0], ago[0]), join("il faisait", state[1], ago[1])),
            (join("it will be", state[0], later[0]), join("il fera", state[1], later[1])),
            (join("it is not", state[0], when[0]), join("il ne fait pas", state[1], when[1])),
            (join("the weather is", w[0], when[0]), join("il fait", w[1], when[1])),
            (join("the weather was", w[0], ago[0]), join("il faisait", w[1], ago[1])),
            (join("the weather will be", w[0], later[0]), join("il fera", w[1], later[1])),
            (join("the sun is shining", when[0]), join("le soleil brille", when[1])),
            (join("it is windy", when[0]), join("il y a du vent", when[1])),
        ]
    )


def clock(rng: random.Random) -> Texts:
    """Hours, days, dates, ages."""
    hour, heures = rng.choice(HOURS)
    day, jour = rng.choice(DAYS)
    month, mois = rng.choice(MONTHS)
    number = rng.randint(2, 31)
    age, ans = rng.choice(AGES)
    who = someone(rng, 0.55)
    season, saison = rng.choice(SEASONS)
    year = rng.randint(1940, 2025)
    noun = rng.choice(NOUNS["places"])
    past_, suffix = rng.choice(
        [
            ("half past", " et demie"),
            ("quarter past", " et quart"),
            ("a quarter past", " et quart"),
            ("ten past", " dix"),
            ("quarter to", " moins le quart"),
            ("a quarter to", " moins le quart"),
            ("five past", " cinq"),
            ("twenty past", " vingt"),
        ]
    )
    be = Act(f"be {age} years old" if rng.random() < 0.75 else f"be {age}", f"avoir {ans} ans", state=True)
    person = phrase(rng, "family")
    pronoun = rng.choice(PRONOUNS[1:])
    return rng.choice(
        [
            (f"it is {hour} o'clock", f"il est {heures}"),
            (f"it is {past_} {hour}", f"il est {heures}{suffix}"),
            (f"today is {day}", f"aujourd'hui, c'est {jour}"),
            (f"it is {day} today", f"c'est {jour} aujourd'hui"),
            (f"tomorrow is {day}", f"demain, c'est {jour}"),
            (f"my birthday is in {month}", f"mon anniversaire est en {mois}"),
            (f"today is the {number}{suffix_of(number)} of {month}", f"aujourd'hui, c'est le {number} {mois}"),
            (
                f"my birthday is on the {number}{suffix_of(number)} of {month}",
                f"mon anniversaire est le {number} {mois}",
            ),
            (f"see you on {day}", f"à {jour}"),
            (f"see you at {hour} o'clock", f"à {heures}"),
            (
                f"the {noun.english} is closed on {plural_en(day)}",
                f"{the(noun)} est {'fermée' if noun.feminine else 'fermé'} le {jour}",
            ),
            (
                f"the {noun.english} is open on {day}",
                f"{the(noun)} est {'ouverte' if noun.feminine else 'ouvert'} le {jour}",
            ),
            (f"the {noun.english} opens at {hour} o'clock", f"{the(noun)} ouvre à {heures}"),
            (f"the {noun.english} closes at {hour} o'clock", f"{the(noun)} ferme à {heures}"),
            (f"the train leaves at {hour} o'clock", f"le train part à {heures}"),
            (f"I get up at {hour} o'clock", f"je me lève à {heures}"),
            (f"the train arrives at {past_} {hour}", f"le train arrive à {heures}{suffix}"),
            (f"what time does the {noun.english} open?", f"à quelle heure ouvre {the(noun)} ?"),
            (f"what time does the {noun.english} close?", f"à quelle heure ferme {the(noun)} ?"),
            (f"he was born in {year}", f"il est né en {year}"),
            (f"she was born in {month}", f"elle est née en {mois}"),
            (f"I was born in {month} {year}", f"je suis né en {mois} {year}"),
            (f"how old {BE[pronoun.person]} {pronoun.english}?", f"{asks_of(pronoun)} ?"),
            (f"how old is {person.english}?", f"quel âge a {person.french} ?"),
            (english_of(who, be.english, "present", "", False), french_of(who, be, "present", ""))
            if who.english not in ("people", "everybody")
            else ("it is late", "il est tard"),
            (english_of(who, be.english, "present", "", False), french_of(who, be, "present", ""))
            if who.english not in ("people", "everybody")
            else ("it is early", "il est tôt"),
            (f"we are going on holiday in {month}", f"nous partons en vacances en {mois}"),
            (f"it is cold in {season}", f"il fait froid {saison}"),
            (f"I like to travel in {season}", f"j'aime voyager {saison}"),
            (f"in {season}, it is hot", f"{saison}, il fait chaud"),
        ]
    )


def asks_of(who: Who) -> str:
    return f"quel âge {inverted(present('avoir')[who.person], who.french)}"


def suffix_of(number: int) -> str:
    return {1: "st", 21: "st", 31: "st", 2: "nd", 22: "nd", 3: "rd", 23: "rd"}.get(number, "th")


SYLLABLES = [
    "ma",
    "ri",
    "lo",
    "ka",
    "ti",
    "no",
    "be",
    "sa",
    "ne",
    "vi",
    "da",
    "ro",
    "mi",
    "la",
    "jo",
    "an",
    "el",
    "is",
    "or",
    "ul",
]


def strange_name(rng: random.Random) -> str:
    """A name that nobody bears: names are copied, whatever they are."""
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize() + rng.choice(
        ["", "", "n", "s", "r"]
    )


def names(rng: random.Random) -> Texts:
    """Who somebody is."""
    first = name(rng)[0] if rng.random() < 0.7 else strange_name(rng)
    second = name(rng)[0]
    city, ville = rng.choice(CITIES)
    country, pays = rng.choice(COUNTRIES)
    language, langue = rng.choice(LANGUAGES)
    job = rng.choice(PROFESSIONS)
    nation = rng.choice([a for a in LOOKS["person"] if a.english[0].isupper()])
    family = phrase(rng, "family")
    hello = rng.choice(
        [("hello", "bonjour"), ("hi", "salut"), ("good morning", "bonjour"), ("good evening", "bonsoir")]
    )
    first_ = rng.choice(
        [
            (f"my name is {first}", f"je m'appelle {first}"),
            (f"I am {first}", f"je suis {first}"),
            (f"my name is {first}", f"je m'appelle {first}"),
        ]
    )
    second_ = rng.choice(
        [
            (f"I live in {city}", f"j'habite à {ville}"),
            (f"I am from {city}", f"je viens {before('de', ville)}"),
            (f"I live in {country}", f"j'habite {pays}"),
            (f"I am {an(job.english)}", f"je suis {job.masculine}"),
            (f"I speak {language}", f"je parle {langue}"),
            (f"I am {nation.english}", f"je suis {nation.masculine}"),
            (f"I come from {city}", f"je viens {before('de', ville)}"),
            (f"I work in {city}", f"je travaille à {ville}"),
        ]
    )
    one, name_of = rng.choice([("his", "il s'appelle"), ("her", "elle s'appelle")])
    return rng.choice(
        [
            first_,
            first_,
            second_,
            (f"{hello[0]}, {first_[0]}", f"{hello[1]}, {first_[1]}"),
            (f"{first_[0]} and {second_[0]}", f"{first_[1]} et {second_[1]}"),
            (f"{first_[0]}, {second_[0]}", f"{first_[1]}, {second_[1]}"),
            (f"{one} name is {first}", f"{name_of} {first}"),
            (f"{family.english} is called {first}", f"{family.french} s'appelle {first}"),
            (f"{family.english}'s name is {first}", f"{family.french} s'appelle {first}"),
            (f"{hello[0]} {first}", f"{hello[1]} {first}"),
            (f"{hello[0]}, {second}!", f"{hello[1]}, {second} !"),
            (f"thank you, {second}", f"merci, {second}"),
            (f"this is {first}", f"voici {first}"),
            (f"I am {first}'s brother", f"je suis le frère {before('de', first)}"),
            (f"where is {first}?", f"où est {first} ?"),
            (f"do you speak {language}?", f"parlez-vous {langue} ?"),
            (f"he does not speak {language}", f"il ne parle pas {langue}"),
            (f"I am learning {language}", f"j'apprends {before('le', langue)}"),
            (f"goodbye, {second}", f"au revoir, {second}"),
            (f"{second}, {first_[0]}", f"{second}, {first_[1]}"),
            (f"are you {first}?", f"êtes-vous {first} ?"),
            (f"do you know {first}?", f"connaissez-vous {first} ?"),
            (
                f"is {first} here?",
                f"est-ce que {first} est ici ?" if not elided(first) else f"est-ce qu'{first} est ici ?",
            ),
        ]
    )


def questions(rng: random.Random) -> Texts:
    """With a question word."""
    who = someone(rng, 0.75)
    if who.english in ("people", "everybody"):
        who = PRONOUNS[1]
    noun = rng.choice(NOUNS["places"])
    thing = rng.choice(NOUNS[rng.choice(["things", "clothes", "vehicles", "animals"])])
    many = rng.choice(NOUNS[rng.choice(["things", "animals", "clothes", "countfood"])])
    count = before("combien de", plural(many.french))
    verb, french = rng.choice(
        pairs_of(
            "eat=manger, drink=boire, read=lire, do=faire, want=vouloir, see=voir, buy=acheter, look "
            "for=chercher, write=écrire, say=dire, draw=dessiner, cook=préparer, wear=porter, make=faire"
        )
    )
    tense = rng.choice(["present", "prog", "prog", "past", "going", "want"]) if verb != "want" else "present"
    about = f"what {english_of(who, verb, tense, '', True)}", what_of(who, french, tense)
    colour = f"what colour is the {thing.english}?", f"de quelle couleur est {the(thing)} ?"
    which = rng.choice(
        [
            ("what is your", "quel est votre", "quelle est votre"),
            ("what is his", "quel est son", "quelle est sa"),
            ("what is her", "quel est son", "quelle est sa"),
        ]
    )
    item = rng.choice(
        [
            ("job", "métier", False),
            ("address", "adresse", True),
            ("phone number", "numéro de téléphone", False),
            ("favourite colour", "couleur préférée", True),
            ("favourite film", "film préféré", False),
            ("favourite book", "livre préféré", False),
            ("favourite song", "chanson préférée", True),
            ("favourite food", "plat préféré", False),
            ("problem", "problème", False),
        ]
    )
    ask = which[2] if item[2] else which[1]
    if item[2] and elided(item[1]):
        ask = ask.replace(" sa", " son")
    family = phrase(rng, "family")
    who_does, qui = rng.choice([(a.english, a) for a in DOINGS if "{e}" not in a.french])
    tense_ = rng.choice(["present", "prog", "past"])
    nobody = Who("who", "qui", 2)
    return rng.choice(
        [
            (about[0] + "?", about[1] + " ?"),
            (about[0] + "?", about[1] + " ?"),
            (f"how many {plural_en(many.english)} do you have?", f"{count} avez-vous ?"),
            (f"how many {plural_en(many.english)} do you want?", f"{count} voulez-vous ?"),
            (f"how many {plural_en(many.english)} are there?", f"{count} y a-t-il ?"),
            colour,
            (f"{which[0]} {item[0]}?", f"{ask} {item[1]} ?"),
            (f"who is {family.english}?", f"qui est {family.french} ?"),
            (f"how is {family.english}?", f"comment va {family.french} ?"),
            (f"where does {family.english} live?", f"où habite {family.french} ?"),
            (f"where does {family.english} work?", f"où travaille {family.french} ?"),
            (f"where {'do' if who.person != 2 else 'does'} {who.english} live?", where_of(who, "habiter")),
            (f"where {'do' if who.person != 2 else 'does'} {who.english} work?", where_of(who, "travailler")),
            (f"where {BE[who.person]} {who.english} going?", where_of(who, "aller")),
            (f"where {BE[who.person]} {who.english}?", where_of(who, "être")),
            (f"where {BE[who.person]} {who.english} from?", where_of(who, "venir", "d'où")),
            (f"where is the {noun.english}?", f"où est {the(noun)} ?"),
            (
                f"where is the nearest {noun.english}?",
                f"où est {the(noun)} la plus proche ?" if noun.feminine else f"où est {the(noun)} le plus proche ?",
            ),
            (f"how do I get to the {noun.english}?", f"comment va-t-on {to(the(noun))} ?"),
            (f"is the {noun.english} far?", f"est-ce que {the(noun)} est loin ?"),
            (f"is the {noun.english} near here?", f"est-ce que {the(noun)} est près d'ici ?"),
            (english_of(nobody, who_does, tense_, "", False) + "?", french_of(nobody, qui, tense_, "") + " ?"),
            (
                f"who is this {'woman' if noun.feminine else 'man'}?",
                f"qui est {'cette femme' if noun.feminine else 'cet homme'} ?",
            ),
            (
                f"whose {thing.english} is this?",
                f"à qui est {'cette' if thing.feminine else 'cet' if elided(thing.french) else 'ce'} {thing.french} ?",
            ),
            (f"what is in the {thing.english}?", f"qu'y a-t-il dans {the(thing)} ?"),
        ]
    )


def what_of(who: Who, verb: str, tense: str) -> str:
    """ "Que faites-vous", "Qu'est-ce que Paul mange"."""
    if who.is_pronoun and who.person != 0:
        text = french_of(who, Act("", verb), tense, "", "que")
        return before("que", text[4:]) if elided(text[4:]) else text
    return before("qu'est-ce que", french_of(who, Act("", verb), tense, ""))


def where_of(who: Who, verb: str, word: str = "où") -> str:
    finite = present(verb)[who.person]
    if not who.is_pronoun:
        return f"{word} {finite} {who.french} ?"
    return f"{word} {inverted(finite, who.french)} ?"


def bare(rng: random.Random) -> Texts:
    """A phrase without a verb, as in captions."""
    topic = rng.choice(list(NOUNS))
    while topic in ("relatives", "family"):
        topic = rng.choice(list(NOUNS))
    what = phrase(rng, topic, "a a a the this my", 0.6)
    if rng.random() < 0.25:
        other = phrase(rng, rng.choice(["things", "animals", "people", "clothes"]), "a a the", 0.2)
        english, french = rng.choice([("and", "et"), ("with", "avec"), ("or", "ou")])
        return f"{what.english} {english} {other.english}", f"{what.french} {french} {other.french}"
    if rng.random() < 0.2:
        english, french = rng.choice(WHERE[:7])
        other = rng.choice(NOUNS[rng.choice(["furniture", "nature", "house"])])
        return (
            f"{what.english} {english} the {other.english}",
            f"{what.french} {joined(french, the(other))}",
        )
    return what.english, what.french


RECEIVER = {"me": "moi", "him": "lui", "her": "lui", "us": "nous", "them": "leur"}
FAVOURITES = {
    "colour": "blue=le bleu, red=le rouge, green=le vert, black=le noir, yellow=le jaune, white=le blanc, pink=le rose",
    "season": "summer=l'été, spring=le printemps, winter=l'hiver, autumn=l'automne",
    "sport": "tennis=le tennis, football=le football, basketball=le basket, rugby=le rugby, swimming=la natation",
    "animal": "the cat=le chat, the dog=le chien, the horse=le cheval, the rabbit=le lapin, the lion=le lion",
    "day": "Saturday=le samedi, Sunday=le dimanche, Friday=le vendredi",
    "town": "Paris=Paris, Rome=Rome, London=Londres, Lyon=Lyon",
    "country": "France=la France, Italy=l'Italie, Spain=l'Espagne, Canada=le Canada",
    "dish": "pizza=la pizza, soup=la soupe, salad=la salade",
    "game": "chess=les échecs, football=le football",
}


def favourite(rng: random.Random) -> Texts:
    """What somebody likes best, and other frames of one or two slots."""
    person = phrase(rng, "family")
    other = phrase(rng, rng.choice(["family", "relatives"]))
    pronoun, stressed = rng.choice(
        [("me", "moi"), ("you", "vous"), ("him", "lui"), ("her", "elle"), ("us", "nous"), ("them", "eux")]
    )
    owner, number = rng.choice(OWNERS)
    topic = rng.choice(["things", "animals", "places", "people", "vehicles", "clothes", "countfood", "nature", "ideas"])
    noun, second = rng.choice(NOUNS[topic]), rng.choice(NOUNS[topic])
    mass = rng.choice(NOUNS[rng.choice(["massfood", "drinks"])])
    second_mass = rng.choice(NOUNS[rng.choice(["massfood", "drinks"])])
    adjective = adjective_for(rng, topic)
    words_ = group(noun, adjective)
    which = "quelle" if noun.feminine else "quel"
    city, ville = rng.choice(CITIES)
    first = name(rng)[0]
    who = rng.choice(PRONOUNS)
    doing = rng.choice([act for act in DOINGS if "{e}" not in act.french and not act.french.startswith(("s'", "se "))])
    back = rng.choice([act for act in DOINGS if "{e}" not in act.french])
    years = rng.choice(pairs_of("two=deux, three=trois, five=cinq, ten=dix, four=quatre"))
    unit = rng.choice(pairs_of("years=ans, months=mois, weeks=semaines, days=jours, hours=heures, minutes=minutes"))
    kind = rng.choice(
        pairs_of(
            "colour=couleur, song=chanson, season=saison, town=ville, country=pays, book=livre, film=film, "
            "sport=sport, animal=animal, dish=plat, day=jour, game=jeu"
        )
    )
    value = rng.choice(pairs_of(FAVOURITES.get(kind[0], FAVOURITES["animal"])))
    kind = kind if kind[0] in FAVOURITES else ("animal", "animal")
    lady = kind[0] in ("colour", "season", "town")
    mine = POSSESSIVE[number][1 if lady else 0]
    body = rng.choice(
        pairs_of(
            "head=à la tête, back=au dos, leg=à la jambe, foot=au pied, arm=au bras, hand=à la main, knee=au "
            "genou, eye=à l'œil, ear=à l'oreille, finger=au doigt, neck=au cou, shoulder=à l'épaule, stomach=au "
            "ventre, nose=au nez"
        )
    )
    ever = with_object(rng)
    adj = rng.choice([a for a in LOOKS["thing"] if "_" not in a.masculine])
    intensity = rng.choice([("", ""), ("very ", "très "), ("too ", "trop "), ("really ", "vraiment "), ("so ", "si ")])
    amount = rng.choice(
        [
            ("a kilo of", "un kilo de"),
            ("a lot of", "beaucoup de"),
            ("too much", "trop de"),
            ("a bit of", "un peu de"),
            ("enough", "assez de"),
            ("more", "plus de"),
            ("a piece of", "un morceau de"),
            ("some more", "encore de"),
            ("less", "moins de"),
        ]
    )
    start = rng.choice(
        pairs_of(
            "I would like=je voudrais, I want=je veux, I have=j'ai, we have=nous avons, he eats=il mange, she "
            "buys=elle achète"
        )
    )
    part_of = (
        before(amount[1], mass.french)
        if amount[0] != "some more"
        else "encore " + f"de {the(mass)}".replace("de le ", "du ")
    )
    link = rng.choice([("with", "avec"), ("without", "sans"), ("for", "pour")])
    plural_noun = plural_en(noun.english), plural(noun.french)
    alone = noun.english in words.NO_PLURAL
    found: list[Texts] = [
        (
            f"{owner} favourite {kind[0]} is {value[0]}",
            f"{mine} {kind[1]} {'préférée' if lady else 'préféré'} est {value[1]}",
        ),
        (
            f"what is {owner} favourite {kind[0]}?",
            f"{'quelle' if lady else 'quel'} est {mine} {kind[1]} {'préférée' if lady else 'préféré'} ?",
        ),
        (f"{city} is a beautiful city", f"{ville} est une belle ville"),
        (f"what {an(words_[0])}!", f"{which} {words_[1]} !"),
        (f"it is {intensity[0]}{adj.english}", f"c'est {intensity[1]}{adj.masculine}"),
        (f"it was {intensity[0]}{adj.english}", f"c'était {intensity[1]}{adj.masculine}"),
        (f"it is not {adj.english}", f"ce n'est pas {adj.masculine}"),
        (f"is it {adj.english}?", f"est-ce {adj.masculine} ?"),
        (f"my {body[0]} hurts", f"j'ai mal {body[1]}"),
        (f"{start[0]} {amount[0]} {mass.english}", f"{start[1]} {part_of}"),
        (f"{start[0]} {amount[0]} {mass.english}", f"{start[1]} {part_of}"),
        (f"this is for {person.english}", f"c'est pour {person.french}"),
        (f"it is for {pronoun}", f"c'est pour {stressed}"),
        (
            f"this {noun.english} is for {pronoun}",
            f"{'cette' if noun.feminine else 'cet' if elided(noun.french) else 'ce'} {noun.french} est pour {stressed}",
        ),
        (
            f"I prefer {mass.english} to {second_mass.english}",
            f"je préfère {the(mass)} à {the(second_mass)}".replace("à le ", "au "),
        ),
        (f"{mass.english} or {second_mass.english}?", f"{mass.french} ou {second_mass.french} ?"),
        (
            f"I like {mass.english} but I do not like {second_mass.english}",
            f"j'aime {the(mass)} mais je n'aime pas {the(second_mass)}",
        ),
        (
            f"do you prefer {mass.english} or {second_mass.english}?",
            f"préférez-vous {the(mass)} ou {the(second_mass)} ?",
        ),
        (f"{mass.english}, please", f"{partitive(mass)}, s'il vous plaît"),
        (f"{mass.english} with {second_mass.english}", f"{partitive(mass)} avec {partitive(second_mass)}"),
        (f"I do not have any {mass.english}", f"je n'ai pas {before('de', mass.french)}"),
        (f"there is no more {mass.english}", f"il n'y a plus {before('de', mass.french)}"),
        (
            f"have you ever {past(ever.english, 1)}?",
            f"avez-vous déjà {participle(split_act(ever, '')[1])} {split_act(ever, '')[2]} ?",
        )
        if not ever.french.startswith("se ")
        else ("are you hungry?", "avez-vous faim ?"),
        (f"I have just {past(doing.english, 1)}", f"je viens {before('de', doing.french)}"),
        (f"I have never {past(doing.english, 1)}", french_of(PRONOUNS[0], doing, "past", "never")),
        (f"I have already {past(doing.english, 1)}", french_of(PRONOUNS[0], doing, "past", "", "", "déjà")),
        (
            f"{who.english} {'has' if who.person == 2 else 'have'} not {past(doing.english, 1)} yet",
            french_of(who, doing, "past", "not", "", "encore"),
        ),
        (
            english_of(who, back.english, "past", "", False).replace(past(back.english), f"used to {back.english}"),
            french_of(who, back, "wasprog", ""),
        ),
        (f"let me {doing.english}", f"laissez-moi {doing.french}"),
        (f"without {ing(doing.english)}", f"sans {doing.french}"),
        (f"I have been living in {city} for {years[0]} years", f"j'habite à {ville} depuis {years[1]} ans"),
        (
            f"{who.english} {'has' if who.person == 2 else 'have'} been {ing(doing.english)} for {years[0]} {unit[0]}",
            f"{french_of(who, doing, 'prog', '')} depuis {years[1]} {unit[1]}",
        ),
        (f"{years[0]} {unit[0]} ago", f"il y a {years[1]} {unit[1]}"),
        (f"in {years[0]} {unit[0]}", f"dans {years[1]} {unit[1]}"),
        (
            f"{english_of(who, doing.english, 'present', '', False)} with {other.english}",
            f"{french_of(who, doing, 'present', '')} avec {other.french}",
        ),
        (
            f"{english_of(who, doing.english, 'prog', '', False)} with {pronoun}",
            f"{french_of(who, doing, 'prog', '')} avec {stressed}",
        ),
        (
            f"{english_of(PRONOUNS[0], 'want', 'present', '', False)} to {doing.english} with {first}",
            f"je veux {doing.french} avec {first}",
        ),
        (f"if I were rich, I would {doing.english}", f"si j'étais riche, {french_of(PRONOUNS[0], doing, 'would', '')}"),
        (english_of(who, doing.english, "would", "", False), french_of(who, doing, "would", "")),
        (f"the {noun.english} and the {second.english}", f"{the(noun)} et {the(second)}"),
        (f"the {noun.english} of the {second.english}", f"{the(noun)} {of(the(second))}"),
        (
            f"{person.english} is {first}'s friend",
            f"{person.french} est {'une amie' if person.feminine else 'un ami'} {before('de', first)}",
        ),
        (f"{link[0]} {pronoun}", f"{link[1]} {stressed}"),
        (f"{link[0]} {person.english}", f"{link[1]} {person.french}"),
        (
            f"the man who {third(doing.english)} is {person.english}",
            f"l'homme qui {present(split_act(doing, '')[1])[2]} {split_act(doing, '')[2]}".strip()
            + f" est {person.french}",
        ),
        (
            f"do you know the woman who is {ing(doing.english)}?",
            f"connaissez-vous la femme qui {present(split_act(doing, '')[1])[2]} {split_act(doing, '')[2]}".strip()
            + " ?",
        ),
        (
            f"please {doing.english} with {pronoun}",
            f"{command(split_act(doing, '')[1])[2]} {split_act(doing, '')[2]}".strip()
            + f" avec {stressed}, s'il vous plaît",
        )
        if pronoun != "you"
        else ("with you", "avec vous"),
        (f"I am afraid of the {noun.english}", f"j'ai peur {of(the(noun))}"),
        (f"do you want to {doing.english} with {pronoun}?", f"voulez-vous {doing.french} avec {stressed} ?")
        if pronoun != "you"
        else (f"I want to {doing.english} with you", f"je veux {doing.french} avec vous"),
        (f"{person.english} and {other.english}", f"{person.french} et {other.french}"),
        (
            f"give {pronoun} the {noun.english}, please",
            f"donnez-{RECEIVER.get(pronoun)} {the(noun)}, s'il vous plaît",
        )
        if pronoun != "you"
        else ("please", "s'il vous plaît"),
    ]
    if not alone:
        found += [
            (f"I do not like {plural_noun[0]}", f"je n'aime pas les {plural_noun[1]}"),
            (f"do you like {plural_noun[0]}?", f"aimez-vous les {plural_noun[1]} ?"),
            (f"all the {plural_noun[0]}", f"{'toutes' if noun.feminine else 'tous'} les {plural_noun[1]}"),
            (
                f"all {plural_noun[0]} are {adj.english}",
                f"{'toutes' if noun.feminine else 'tous'} les {plural_noun[1]} sont {form(adj, noun.feminine, True)}",
            ),
            (f"I do not have any {plural_noun[0]}", f"je n'ai pas {before('de', plural_noun[1])}"),
            (f"there are too many {plural_noun[0]}", f"il y a trop {before('de', plural_noun[1])}"),
            (
                f"another {noun.english}, please",
                f"{'une' if noun.feminine else 'un'} autre {noun.french}, s'il vous plaît",
            ),
            (f"{plural_noun[0]} are {adj.english}", f"les {plural_noun[1]} sont {form(adj, noun.feminine, True)}"),
            (f"which {noun.english} do you want?", f"{which} {noun.french} voulez-vous ?"),
            (f"who has a {noun.english}?", f"qui a {'une' if noun.feminine else 'un'} {noun.french} ?")
            if noun.english[0] not in "aeiou"
            else ("who knows?", "qui sait ?"),
            (f"every {noun.english}", f"chaque {noun.french}"),
        ]
    return rng.choice(found)


STARTS = pairs_of(
    "yes=oui, no=non, sorry=désolé, hello=bonjour, excuse me=excusez-moi, thank you=merci, of course=bien sûr, "
    "hi=salut, "
    "good morning=bonjour, Mum=maman, Dad=papa, well=eh bien, yes=oui, no=non, look=regardez, listen=écoutez, "
    "OK=d'accord"
)


def answer(rng: random.Random) -> Texts:
    """A sentence with a word in front of it, or with somebody's name at its end."""
    english, french = rng.choice([clause, clause, wanting, order, questions, this_is, weather])(rng)
    if rng.random() < 0.2:
        first = name(rng)[0]
        for end in ("?", ""):
            if english.endswith(end):
                return (
                    f"{english.removesuffix(end)}, {first}{end}",
                    f"{french.removesuffix(' ?')}, {first}{' ?' if end else ''}",
                )
    start = rng.choice(STARTS)
    if rng.random() < 0.12:
        word = rng.choice(["please", "thank you", "thanks", "of course", "maybe", "sir", "madam", "my friend"])
        known = {
            "please": "s'il vous plaît",
            "thank you": "merci",
            "thanks": "merci",
            "of course": "bien sûr",
            "maybe": "peut-être",
            "sir": "monsieur",
            "madam": "madame",
            "my friend": "mon ami",
        }
        return f"{start[0]}{rng.choice([',', ''])} {word}", f"{start[1]}, {known[word]}"
    return f"{start[0]}{rng.choice([',', ',', ''])} {english}", f"{start[1]}, {french}"


COUNTRY_OF = {"en": ("de", "la"), "au": ("du", "le"), "aux": ("des", "les")}


def country(rng: random.Random) -> Texts:
    """Where somebody comes from, what a country or a language is like."""
    english, french = rng.choice(COUNTRIES)
    word, place_ = french.split(" ", 1)
    start, article = COUNTRY_OF[word]
    source = before("de", place_) if start == "de" else f"{start} {place_}"
    full = f"l'{place_}" if start == "de" and elided(place_) else f"{article} {place_}"
    language, langue = rng.choice(LANGUAGES)
    spoken = before("le", langue)
    who = someone(rng, 0.75)
    who = PRONOUNS[0] if who.english in ("people", "everybody") else who
    coming = Act("", f"venir {source}", state=True)
    act = Act("", f"aller {french}")
    adj = rng.choice(
        pairs_of(
            "easy=facile, difficult=difficile, very difficult=très difficile, beautiful=beau, very useful=très utile"
        )
    )
    city, ville = rng.choice(CITIES)
    return rng.choice(
        [
            (english_of(who, f"be from {english}", "present", "", False), french_of(who, coming, "present", "")),
            (english_of(who, f"come from {english}", "present", "", False), french_of(who, coming, "present", "")),
            (
                english_of(who, f"be from {english}", "present", "", True) + "?",
                french_of(who, coming, "present", "", "?") + " ?",
            ),
            (english_of(who, f"go to {english}", "prog", "", False), french_of(who, act, "present", "")),
            (
                english_of(who, f"go to {english}", "past", "", False) + " last year",
                french_of(who, act, "past", "") + " l'année dernière",
            ),
            (english_of(who, f"want to go to {english}", "present", "", False), french_of(who, act, "want", "")),
            (f"I love {english}", f"j'adore {full}"),
            (f"I like {english}", f"j'aime {full}"),
            (f"do you know {english}?", f"connaissez-vous {full} ?"),
            (
                f"{english} is a beautiful country" if not english.startswith("the") else f"I love {english}",
                f"{full} est un beau pays" if not english.startswith("the") else f"j'adore {full}",
            ),
            (f"{language} is {adj[0]}", f"{spoken} est {adj[1]}"),
            (f"{language} is a beautiful language", f"{spoken} est une belle langue"),
            (f"is {language} difficult?", f"{before('est-ce que', spoken)} est difficile ?"),
            (f"how do you say this in {language}?", f"comment dit-on ceci en {langue} ?"),
            (f"he is on holiday in {english}", f"il est en vacances {french}"),
            (f"we were on holiday in {english}", f"nous étions en vacances {french}"),
            (f"in {english}", french),
            (f"a ticket to {city}, please", f"un billet pour {ville}, s'il vous plaît"),
            (f"I would like a ticket to {city}", f"je voudrais un billet pour {ville}"),
            (f"when does the train to {city} leave?", f"quand part le train pour {ville} ?"),
        ]
    )


def habit(rng: random.Random) -> Texts:
    """At what time, with which hand, for how much; what one may not do."""
    who = rng.choice(PRONOUNS)
    owner = {0: "my", 2: "her" if who.feminine else "his", 3: "our", 4: "your", 5: "their"}[who.person]
    care = rng.choice(
        pairs_of(
            "brush X teeth=se brosser les dents, wash X hands=se laver les mains, wash X face=se laver le "
            "visage, brush X hair=se brosser les cheveux, comb X hair=se coiffer, wash X hair=se laver les "
            "cheveux, take off X shoes=enlever POSS chaussures, take off X coat=enlever SING manteau, put on X "
            "coat=mettre SING manteau, put on X shoes=mettre POSS chaussures, do X homework=faire POSS devoirs"
        )
    )
    french = care[1].replace("POSS", POSSESSIVE[who.person][2]).replace("SING", POSSESSIVE[who.person][0])
    english = care[0].replace("X", owner)
    doing = rng.choice([act for act in DOINGS if "{e}" not in act.french])
    simple = rng.choice([act for act in DOINGS if "{e}" not in act.french and not act.french.startswith(("se ", "s'"))])
    hour, heures = rng.choice(HOURS)
    part_of_day = rng.choice(
        pairs_of("in the morning=du matin, in the evening=du soir, in the afternoon=de l'après-midi")
    )
    number, nombre = rng.choice(NUMBERS)
    unit = rng.choice(pairs_of("minutes=minutes, hours=heures, days=jours, weeks=semaines, months=mois, years=ans"))
    thing, other = rng.choice(NOUNS["things"]), rng.choice(NOUNS["furniture"])
    colour, second = rng.sample(LOOKS["colour"], 2)
    tense = rng.choice(["present", "present", "prog", "going", "must", "want", "will", "haveto"])
    here = rng.choice([(" here", " ici"), ("", "")])
    return rng.choice(
        [
            (english_of(who, english, tense, "", False), french_of(who, Act("", french), tense, "")),
            (english_of(who, english, tense, "", False), french_of(who, Act("", french), tense, "")),
            (f"{english.replace(owner, 'your')}", command_of(care[1].replace("POSS", "vos").replace("SING", "votre"))),
            (
                f"{english_of(who, doing.english, 'present', '', False)} at {hour} o'clock",
                f"{french_of(who, doing, 'present', '')} à {heures}",
            ),
            (
                f"{english_of(who, doing.english, 'present', '', False)} at {hour} o'clock {part_of_day[0]}",
                f"{french_of(who, doing, 'present', '')} à {heures} {part_of_day[1]}",
            ),
            (f"it is {hour} o'clock {part_of_day[0]}", f"il est {heures} {part_of_day[1]}"),
            (f"it costs {number} euros", f"ça coûte {nombre} euros"),
            (f"{number} euros, please", f"{nombre} euros, s'il vous plaît"),
            (
                f"this {thing.english} costs {number} euros",
                f"{'cette' if thing.feminine else 'cet' if elided(thing.french) else 'ce'} {thing.french} coûte "
                f"{nombre} euros",
            ),
            (
                f"{english_of(who, 'be back', 'will', '', False)} in {number} {unit[0]}",
                f"{french_of(who, Act('', 'revenir'), 'will', '')} dans {nombre} {unit[1]}",
            ),
            (
                f"{english_of(who, doing.english, 'will', '', False)} in {number} {unit[0]}",
                f"{french_of(who, doing, 'will', '')} dans {nombre} {unit[1]}",
            ),
            (
                f"{english_of(who, doing.english, 'past', '', False)} {number} {unit[0]} ago",
                f"{french_of(who, doing, 'past', '')} il y a {nombre} {unit[1]}",
            ),
            (
                f"you are not allowed to {simple.english}{here[0]}",
                f"vous n'avez pas le droit {before('de', simple.french)}{here[1]}",
            ),
            (
                f"it is forbidden to {simple.english}{here[0]}",
                f"il est interdit {before('de', simple.french)}{here[1]}",
            ),
            (f"{ing(simple.english)} is forbidden{here[0]}", f"il est interdit {before('de', simple.french)}{here[1]}"),
            (f"no {ing(simple.english)}", f"défense {before('de', simple.french)}"),
            (f"do not forget to {simple.english}", f"n'oubliez pas {before('de', simple.french)}"),
            (f"I forgot to {simple.english}", f"j'ai oublié {before('de', simple.french)}"),
            (f"I do not know how to {simple.english}", f"je ne sais pas {simple.french}"),
            (f"do you know how to {simple.english}?", f"savez-vous {simple.french} ?"),
            (f"I have to {simple.english} before {hour} o'clock", f"je dois {simple.french} avant {heures}"),
            (f"put the {thing.english} on the {other.english}", f"mettez {the(thing)} sur {the(other)}"),
            (f"I put the {thing.english} on the {other.english}", f"j'ai mis {the(thing)} sur {the(other)}"),
            (f"{colour.english} and {second.english}", f"{colour.masculine} et {second.masculine}"),
            (f"{number} and {hour}", f"{nombre} et {heures.split()[0].replace('une', 'un')}"),
            (f"ready to {simple.english}?", f"prêt à {simple.french} ?"),
            (f"I am ready to {simple.english}", f"je suis prêt à {simple.french}"),
            (f"I am happy to {simple.english}", f"je suis heureux {before('de', simple.french)}"),
            (f"I am too tired to {simple.english}", f"je suis trop fatigué pour {simple.french}"),
            (f"I do not have time to {simple.english}", f"je n'ai pas le temps {before('de', simple.french)}"),
            (f"can you help me to {simple.english}?", f"pouvez-vous m'aider à {simple.french} ?"),
        ]
    )


def command_of(french: str) -> str:
    clitic, verb, rest = split_act(Act("", french), "")
    return f"{command(verb)[2]}{'-vous' if clitic else ''} {rest}".strip()


def partitive(noun: Noun) -> str:
    return f"de {the(noun)}".replace("de le ", "du ")


FRAMES: list[tuple[Callable[[random.Random], Texts], float]] = [
    (clause, 40),
    (linked, 9),
    (pronoun_object, 8),
    (order, 8),
    (about_things, 11),
    (this_is, 6),
    (there_is, 6),
    (wanting, 6),
    (weather, 3),
    (clock, 4),
    (names, 6),
    (questions, 7),
    (bare, 8),
    (favourite, 14),
    (answer, 9),
    (country, 5),
    (habit, 9),
]


# What people type

IS = r"\b(it|he|she|that|what|where|who|there|how|here)"


def contracted(text: str, rng: random.Random, share: float = 0.6) -> str:
    """With the contractions of speech, each or none."""
    if rng.random() > share:
        return text
    text = re.sub(rf"{IS} is\b(?!\?|$)", r"\1's", text, flags=re.I) if rng.random() < 0.9 else text
    text = re.sub(r"\bI am\b", "I'm", text)
    text = re.sub(r"\b(you|we|they) are\b(?!\?|$)", r"\1're", text, flags=re.I)
    text = re.sub(r"\b(I|you|he|she|we|they|it) will\b", r"\1'll", text, flags=re.I)
    text = re.sub(r"\b(I|you|he|she|we|they) would like\b", r"\1'd like", text, flags=re.I)
    text = re.sub(r"\b(I|you|we|they) have (?=\w+(ed|en|ne|wn|ght|ad|de|ot)\b)", r"\1've ", text, flags=re.I)
    text = re.sub(r"\b(can)( not|not)\b", "can't", text, flags=re.I)
    text = re.sub(r"\bwill not\b", "won't", text)
    return re.sub(r"\b(do|does|did|is|are|was|were|has|have|should|could|must|would) not\b", r"\1n't", text, flags=re.I)


def expanded(text: str) -> str:
    """Without contractions, as far as one can tell: "he's" may be "he is" or "he has"."""
    text = re.sub(r"\b(can)'t\b|\bcannot\b", "can not", text, flags=re.I)
    text = re.sub(r"\bwon't\b", "will not", text, flags=re.I)
    for end, word in (
        ("n't", " not"),
        ("'re", " are"),
        ("'ll", " will"),
        ("'ve", " have"),
        ("'d", " would"),
        ("'m", " am"),
    ):
        text = re.sub(rf"{end}\b", word, text, flags=re.I)
    return re.sub(rf"{IS}'s\b", r"\1 is", text, flags=re.I)


def finished(texts: Texts) -> Texts:
    """With a capital letter and an end."""
    english, french = texts
    english = english.replace(" can not ", " cannot ")
    end = "" if english[-1] in "?!." else "."
    return english[0].upper() + english[1:] + end, french[0].upper() + french[1:] + end


def sentences(count: int, seed: int) -> list[Texts]:
    """Different sentences of the frames, each with its French translation."""
    rng = random.Random(seed)
    frames, weights = zip(*FRAMES, strict=True)
    found: dict[str, str] = {}
    while len(found) < count:
        texts = rng.choices(frames, weights)[0](rng)
        texts = contracted(texts[0], rng), texts[1]
        if len(texts[0]) < 90:
            found.setdefault(*finished(texts))
    return list(found.items())
