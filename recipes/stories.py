"""Short everyday texts and stories in English, composed from frames and words written for hfquick.

Three files: `story_words.txt` has lists of words, `story_verbs.txt` verb phrases, `story_frames.txt` a frame a line:

    {a|b}            one of them, which may be empty and hold others
    <animal>         a word of that list; <animal>s is its plural; <animal:1> is the same word in the whole frame
    @S, @s           the subject: a noun phrase or a name, then its pronoun; @s0 a subject that is a pronoun at once
    @his, @him       the subject's other pronouns; @am, @was, @have, @do, @want, @like agree with it
    @Name            makes the subject a person with a name; @Name2 is another person
    I:               before a frame: the subject is I
    [past town]      a verb phrase of that group in the past, for the subject; now, base, ing, pp likewise, and same for
                     the tense of the phrase before it; with 0 for another subject (nothing possessive), with 1 for I

They are training data. A frame belongs to one part of the data: the held-out texts come from frames never trained on.
"""

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from .common import HERE, part

VOWEL = re.compile(r"\b([Aa]) (?=[aeioAEIO]|u(?!ni|se)|hon|hour)(?!one\b)")
IRREGULAR_PLURALS = {"mouse": "mice", "wolf": "wolves", "deer": "deer", "goldfish": "goldfish"}
IRREGULAR = """
wake woke woken, get got got, drink drank drunk, eat ate eaten, feed fed fed, read read read, go went gone, take
took taken, make made made, put put put, leave left left, write wrote written, sit sat sat, come came come, fall
fell fallen, tell told told, sleep slept slept, sweep swept swept, cut cut cut, dig dug dug, grow grew grown, buy
bought bought, meet met met, have had had, speak spoke spoken, drive drove driven, do did done, learn learned
learned, swim swam swum, build built built, catch caught caught, lie lay lain, see saw seen, fly flew flown, spend
spent spent, break broke broken, forget forgot forgotten, find found found, hear heard heard, think thought
thought, hide hid hidden, sell sold sold, send sent sent, steal stole stolen, teach taught taught, throw threw
thrown, wear wore worn, choose chose chosen, draw drew drawn, feel felt felt, hold held held, keep kept kept, know
knew known, lend lent lent, pay paid paid, ring rang rung, light lit lit, show showed shown, shut shut shut, stand
stood stood, understand understood understood, bring brought brought, let let let, shake shook shaken, shine shone
shone, spread spread spread, lose lost lost, run ran run, ride rode ridden, win won won, sing sang sung, give gave
given, say said said, forgive forgave forgiven, set set set
"""
FORMS = {base: (past, done) for base, past, done in (line.split() for line in IRREGULAR.replace("\n", " ").split(","))}
DOUBLED = "get put sit cut dig swim run win set stop plan drop wrap forget shut let stir travel"


class Subject(NamedTuple):
    """Who a sentence is about; `person` chooses the forms of its verbs: "I", "he" or "they"."""

    text: str
    pronoun: str
    possessive: str
    objective: str
    person: str


PRONOUNS = {
    "she": ("she", "her", "her", "he"),
    "he": ("he", "his", "him", "he"),
    "I": ("I", "my", "me", "I"),
    "we": ("we", "our", "us", "they"),
    "they": ("they", "their", "them", "they"),
}
AGREEING = {
    "am": {"I": "am", "he": "is", "they": "are"},
    "was": {"I": "was", "he": "was", "they": "were"},
    "have": {"I": "have", "he": "has", "they": "have"},
    "do": {"I": "do", "he": "does", "they": "do"},
    "want": {"I": "want", "he": "wants", "they": "want"},
    "like": {"I": "like", "he": "likes", "they": "like"},
}


def _lines(name: str) -> list[str]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


def _lists(name: str) -> dict[str, list[str]]:
    pairs = (line.partition(": ") for line in _lines(name))
    return {head: words.split(", ") for head, _, words in pairs}


@cache
def words() -> dict[str, list[str]]:
    found = _lists("story_words.txt")
    return {**found, "girlboy": found["girl"] + found["boy"]}


@cache
def verbs() -> dict[str, list[str]]:
    return _lists("story_verbs.txt")


@cache
def frames() -> list[tuple[str, float]]:
    """(frame, share of the texts): the share of its topic, dealt out among its frames."""
    topics: list[tuple[float, list[str]]] = []
    for line in _lines("story_frames.txt"):
        if line.startswith("## "):
            topics.append((float(line.rpartition(":")[2]), []))
        else:
            topics[-1][1].append(line)
    return [(frame, share / len(some)) for share, some in topics for frame in some]


# Forms of words


def plural(noun: str) -> str:
    """One -> many: a fox, foxes; a library, libraries.

    >>> plural("fox"), plural("library"), plural("mouse"), plural("Monday")
    ('foxes', 'libraries', 'mice', 'Mondays')
    """
    if noun in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[noun]
    return f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else noun + ("es" if _hisses(noun) else "s")


def _hisses(word: str) -> bool:
    return word.endswith(("s", "x", "z", "ch", "sh"))


def inflected(phrase: str, form: str) -> str:
    """A verb phrase in its base form -> "s", "past", "ing" or "pp" (past participle) of its first word.

    >>> [inflected("carry a bag", form) for form in ("s", "past", "ing", "pp")]
    ['carries a bag', 'carried a bag', 'carrying a bag', 'carried a bag']
    """
    verb, space, rest = phrase.partition(" ")
    return INFLECTIONS[form](verb) + space + rest


def _doubles(verb: str) -> bool:
    return verb in DOUBLED.split()


def _third(verb: str) -> str:
    return {"have": "has", "do": "does", "go": "goes"}.get(verb) or plural(verb)


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    return f"{verb[:-1]}ied" if re.search(r"[^aeiou]y$", verb) else verb + verb[-1] * _doubles(verb) + "ed"


def _ing(verb: str) -> str:
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    return (verb[:-1] if re.search(r"[^eo]e$", verb) else verb + verb[-1] * _doubles(verb)) + "ing"


INFLECTIONS: dict[str, Callable[[str], str]] = {
    "base": str,
    "s": _third,
    "past": lambda verb: FORMS[verb][0] if verb in FORMS else _past(verb),
    "pp": lambda verb: FORMS[verb][1] if verb in FORMS else _past(verb),
    "ing": _ing,
}


# Composing


class Composer:
    """Fills frames; one seed always gives the same texts."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def texts(self, count: int, name: str = "train") -> Iterator[str]:
        """So many texts from the frames of a part; some go on about the same subject."""
        some = [(frame, share) for frame, share in frames() if part_of(frame) == name]
        more = {tense: [frame for frame, _ in some if tense_of(frame) == tense] for tense in ("past", "now")}
        for frame in self.rng.choices([frame for frame, _ in some], [share for _, share in some], k=count):
            text, tense = self.text(frame), tense_of(frame)
            while tense and more[tense] and len(text.split()) < 35 and self.rng.random() < 0.45:
                subject = self.subject._replace(text=self.subject.pronoun)
                text += " " + self.text(self.rng.choice(more[tense]), subject)
            yield text

    def text(self, frame: str, subject: Subject | None = None) -> str:
        """A frame -> a text with capitals and articles as they should be; `subject` is whom it is about."""
        self.same: dict[str, str] = {}
        self.tense = "now"
        head = re.match(r"I: ", frame)
        text = self.chosen(frame[head.end() :] if head else frame)
        self.names = self.rng.sample(words()["girlboy"], 2)
        self.subject = subject or self.new_subject(text, "I" if head else "")
        text = re.sub(r"\[(\w+?)([01]?) (\w+)\]", self.verb_phrase, text)
        text = re.sub(r"<(\w+)(:\d)?>(s\b)?", self.word, text)
        text = re.sub(r"@(\w+?)(\d?)\b", self.pronoun, text)
        text = VOWEL.sub(r"\1n ", re.sub(r"\s+", " ", text).strip())
        return re.sub(r'^"?[a-z]|(?<=[.!?] )[a-z]|(?<=[.!?,:] ")[a-z]', lambda match: match[0].upper(), text)

    def chosen(self, frame: str) -> str:
        while "{" in frame:
            frame = re.sub(r"\{([^{}]*)\}", lambda match: self.rng.choice(match[1].split("|")), frame)
        return frame

    def new_subject(self, text: str, pronoun: str) -> Subject:
        pick = self.rng.choice
        if "@Name" in text:
            return self.person(self.names[0])
        if pronoun or "@s0" in text or self.rng.random() < 0.45:
            pronoun = pronoun or pick(["she", "he", "I", "we", "they", "she", "he", "I"])
            return Subject(pronoun, *PRONOUNS[pronoun])
        kind = self.rng.random()
        if kind < 0.45:
            return self.person(self.names[0])
        if kind < 0.55:
            return Subject(" and ".join(self.names), *PRONOUNS["they"])
        if kind < 0.65:
            return Subject(pick(["my parents", "my friends", "my grandparents", "our neighbours"]), *PRONOUNS["they"])
        if kind < 0.75:
            return Subject(f"the {pick(words()['people'])}", *PRONOUNS["they"])
        gender = pick(["she", "he"])
        return Subject(f"my {pick(words()['woman' if gender == 'she' else 'man'])}", *PRONOUNS[gender])

    def person(self, name: str) -> Subject:
        return Subject(name, *PRONOUNS["she" if name in words()["girl"] else "he"])

    def verb_phrase(self, match: re.Match[str]) -> str:
        form, whose, group = match.groups()
        if form == "same":
            form = self.tense
        self.tense = form if form in ("now", "past") else self.tense
        some = [phrase for phrase in verbs()[group] if whose != "0" or "@his" not in phrase]
        phrase = self.rng.choice(some)
        person = "he" if whose == "0" else "I" if whose == "1" else self.subject.person
        if form == "now":
            form = "s" if person == "he" else "base"
        phrase = inflected(phrase, form)
        return phrase.replace("@his", "my") if whose == "1" else phrase

    def word(self, match: re.Match[str]) -> str:
        name, number, many = match.groups()
        key = f"{name}{number}"
        found = self.same.get(key) if number else None
        if found is None:
            taken = {word for other, word in self.same.items() if other.startswith(name)}
            found = self.rng.choice([word for word in words()[name] if word not in taken])
            if number:
                self.same[key] = found
        return plural(found) if many else found

    def pronoun(self, match: re.Match[str]) -> str:
        what, number = match.groups()
        who = self.person(self.names[1]) if number == "2" else self.subject
        if what in AGREEING:
            return AGREEING[what][who.person]
        return {"Name": who.text, "S": who.text, "s": who.pronoun, "his": who.possessive, "him": who.objective}[what]


def tense_of(frame: str) -> str:
    """ "past" or "now" of a frame about any subject that has one tense; otherwise nothing."""
    found = {form for form in re.findall(r"\[(\w+?)[01]? ", frame) if form != "ing"}
    subject = re.search(r"@S|@s0", frame) and not re.search(r"@Name|\b(?:he|she|I|we|they)\b", frame)
    return found.pop() if subject and len(found) == 1 and not found.isdisjoint(("past", "now")) else ""


def part_of(frame: str) -> str:
    """Of a hundred frames, two or three are the test's and two are for dev."""
    return part(frame, 0.025, 0.02)
