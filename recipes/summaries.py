"""Short everyday texts in English with a summary of one line, for the second training of the summarizer.

A summary is the sentence that says what a text is about, without what can be left out: reasons, who said so, asides.
Composed texts come from `summary_blocks.txt` and from the verbs of `answer_words.py`; it is mostly their first sentence
that counts, but after a greeting it is the second, and after reasons the last. Names, places and many of the nouns are
drawn from long lists, so that a model has to copy. Beside them there are the texts of `stories.py`, and neighbouring
sentences of film reviews: of those the first one counts, shortened by rule.
"""

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from . import answer_stories, answer_words, answers, english, entities, simple_english, sources, stories
from .common import HERE, SEED, Guard, digest, free, read_digests

COUNTS = (  # of each of two trainings
    {"blocks": 75_000, "verbs": 15_000, "stories": 12_000, "reviews": 20_000},
    {"blocks": 24_000, "verbs": 6_000, "stories": 4_000, "reviews": 20_000},
)
EXCHANGED = (0.0, 0.5)  # share of the texts in which any words stand in the place of others
LONGEST = 18  # words of a summary
STARTS = "Al Ash Bar Bel Ben Bir Bor Bran Cal Car Cor Dal Dan Dor El Fal Fern Gar Glen Hal Har Hol Kel Kil Lan Lin Lor "
STARTS += "Mal Mar Mel Mor Nor Or Pel Per Ral Ros Sal San Sel Sil Stan Tal Tor Ul Val Ver Wal Wen Wil Win Yar Zel"
ENDS = "berg boro bridge burg bury by combe dale don fell field ford gate ham haven hurst ley mere mouth nau ona port "
ENDS += "rath rova sea sted stein ton vale via ville wald well wick wood worth"
CLUBS = "United City Rovers FC Wanderers Eagles Tigers Stars Sharks Athletic"
SO = ["So", "So", "That is why", "Therefore", "For this reason,", "In the end"]
LOWERED = "the a an it there my our we he she they please two three some all people no school workers bus children"
LOWERED += " last yesterday during your you everyone is tickets snow strong heavy thick this an to for"
KEPT = "from with that this have will been were they their there your into about after before than then because"
CLAUSE = (
    r",? (?:because|although|though|while|which|who|since|unless|so that|even if|if|when|until|but|after|before|as if|"
    r"where|except|despite|thanks to|and (?:it|he|she|they|I|we|there|that|this)\b)"
)
ASIDE = r"\([^)]*\)|^(?:and|but|so|well|now|also|however|still|anyway|then|yes|no|oh),? "


class Example(NamedTuple):
    text: str
    summary: str


class Block(NamedTuple):
    """Sentences of one topic: what a text may be about, and what may stand before and after it."""

    subjects: list[str]
    before: list[str]
    after: list[str]
    reasons: list[str]


@cache
def blocks() -> list[Block]:
    found = []
    for text in (HERE / "summary_blocks.txt").read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in text.strip("\n").splitlines() if not line.startswith("#")]
        kinds = ([line[2:].strip() for line in lines if line.startswith(mark)] for mark in ("> ", "- ", "< "))
        subjects = [line for line in lines if line[0] not in ">-<"]
        if subjects:
            found.append(Block(subjects, *kinds))
    return found


@cache
def nouns() -> list[str]:
    """Frequent nouns of WordNet, whose plural ends in s."""
    rank = {word: number for number, word in enumerate(sources.frequent_words("en"))}
    path = sources.debian_package("wordnet-base") / "usr/share/wordnet/index.noun"
    found = (line.split(" ")[0] for line in path.read_text(encoding="utf-8").splitlines() if line[0] != " ")
    unwanted = {*simple_english.ABOUT_FILMS.split(), *simple_english.BEGINNINGS.split()}
    return [
        word
        for word in found
        if 150 < rank.get(word, 0) < 9000
        and len(word) > 2
        and not word.endswith(("s", "x", "ch", "sh", "z", "ing", "ed", "y"))
        and word not in unwanted
    ]


# How often any noun stands in the place of a thing, an animal, ...
STRANGE = {"thing": 0.2, "animal": 0.1, "shop": 0.12, "building": 0.1, "job": 0.05, "event": 0.1, "wear": 0.1}


class Words(answer_stories.Maker):
    """The words of the answering model's texts, and more: any noun, places nobody has heard of, sports clubs."""

    def word(self, kind: str, number: str, text: answer_stories.Text) -> str:
        if kind == "noun" or self.rng.random() < STRANGE.get(kind, 0):
            return self.rng.choice(nouns())
        if kind == "town" or (kind == "city" and self.rng.random() < 0.2):
            return self.town()
        if kind == "team":
            return f"{self.town()} {self.rng.choice(CLUBS.split())}" if self.rng.random() < 0.6 else self.town()
        return super().word(kind, number, text)

    def town(self) -> str:
        style = self.rng.random()
        if style < 0.25:
            return self.rng.choice(answer_words.CITIES)
        if style < 0.55:
            return self.rng.choice(self.cities)
        return self.rng.choice(STARTS.split()) + self.rng.choice(ENDS.split())


class Maker:
    """Makes texts with their summaries; one seed always gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.words = Words(seed + 1)

    def of_blocks(self, count: int) -> Iterator[Example]:
        for _ in range(count):
            yield self.of_block(self.rng.choice(blocks()))

    def of_block(self, block: Block) -> Example:
        slots = answer_stories.Text(self.words)

        def said(line: str) -> str:
            return sentence(slots.fill(self.chosen(line)) or "")

        marked = said(self.rng.choice(block.subjects))
        whole, summary = sentence(marked.replace("^", "")), without(marked)
        more = self.rng.sample(block.after, min(len(block.after), self.rng.choice([1, 2, 2, 3])))
        place = self.rng.random()
        if place < 0.06 and whole != summary:
            return Example(whole, summary)
        if place < 0.22 and block.reasons:
            first = [said(line) for line in (self.rng.choice(block.reasons), *more[: self.rng.randrange(2)])]
            return Example(" ".join([*first, f"{self.rng.choice(SO)} {lowered(whole)}"]), summary)
        first = [said(self.rng.choice(block.before))] if place > 0.75 and block.before else []
        if first and first[0].endswith(","):
            whole = lowered(whole)
        return Example(" ".join([*first, whole, *map(said, more)]), summary)

    def chosen(self, line: str) -> str:
        """Settle (a|b) and [optional], the inner ones first."""
        while True:
            found = re.sub(r"\(([^()\[\]]*\|[^()\[\]]*)\)", lambda some: self.rng.choice(some[1].split("|")), line)
            found = re.sub(r"\[([^()\[\]]*)\]", lambda some: some[1] if self.rng.random() < 0.3 else "", found)
            if found == line:
                return line
            line = found

    def of_verbs(self, count: int) -> Iterator[Example]:
        for _ in range(count):
            slots = answer_stories.Text(self.words)
            who = slots.value("p", "1", False)
            told = self.did(slots, who)
            summary = without(told)
            after = []
            for _ in range(self.rng.choice([1, 1, 2, 3])):
                slots.values = {name: word for name, word in slots.values.items() if name == "p1"}
                other = slots.value("p", "2", False) if self.rng.random() < 0.35 else slots.value("he", "1", False)
                after.append(sentence(self.did(slots, other).replace("^", "")))
            yield Example(" ".join([sentence(told.replace("^", "")), *after]), summary)

    def did(self, slots: answer_stories.Text, who: str) -> str:
        """Who did what, where and when; what a summary leaves out is between ^ and ^."""
        rng = self.rng
        _, past, _, kinds = rng.choice(answer_stories.verbs())
        _, what, *_ = self.words._object(slots, rng.choice(kinds))
        where, when, why = (f" {slots.value(kind, '1', False)}" for kind in ("at", "when", "why"))
        marked = f"{who} {past} {what}"
        if rng.random() < 0.5:
            marked += where
        time = rng.random()
        if time < 0.2:
            marked = f"^{when.strip()}{rng.choice([',', ''])}^ {marked}"
        elif time < 0.5:
            marked += rng.choice([when, f"^{when}^"])
        return sentence(marked + (f"^ because{why}^" if rng.random() < 0.3 else "") + ".")


def sentence(text: str) -> str:
    """One space between words, none before a mark; a or an; a capital at the start and after a full stop."""
    text = re.sub(r" +(?=[.,!?])", "", re.sub(r"\s+", " ", text).strip())
    text = stories.VOWEL.sub(r"\1n ", text)
    return re.sub(r"^\^?[a-z]|(?<=\w\w[.!?] )[a-z]", lambda first: first[0].upper(), text)


def without(marked: str) -> str:
    """
    >>> without("^Because of the snow,^ the zoo is closed^ until May^.")
    'The zoo is closed.'
    """
    return sentence(re.sub(r"\^[^^]*\^", "", marked))


def lowered(text: str) -> str:
    """A sentence as it stands after another word.

    >>> lowered("The shop is closed."), lowered("Anna is ill.")
    ('the shop is closed.', 'Anna is ill.')
    """
    first = text.split(" ")[0]
    return first.lower() + text[len(first) :] if first.lower() in LOWERED.split() else text


# Texts that were not written for this


def shortened(text: str) -> str:
    """A sentence without what is in parentheses, and without its later clauses.

    >>> shortened("But the town (in the north) is small, which nobody expected.")
    'The town is small.'
    """
    found = sentence(re.sub(ASIDE, "", text, flags=re.I))
    end = next((match.start() for match in re.finditer(CLAUSE, found) if len(found[: match.start()].split()) > 3), None)
    return sentence((found if end is None else found[:end]).rstrip(" .,;:!?-") + ".")


def of_stories(count: int, seed: int) -> Iterator[Example]:
    for text in stories.Composer(seed + 2).texts(count):
        first, *more = sources.sentences_of(text)
        if more and first.endswith("."):
            yield Example(text, shortened(first))


def of_reviews(count: int, seed: int) -> Iterator[Example]:
    """Two to four neighbouring sentences of film reviews: a text about anything, in real words."""
    rng = random.Random(seed + 3)
    rows = [row.text for row in english.rows() if row.source == "imdb" and row.part == "train"]
    rng.shuffle(rows)
    unwanted = set(simple_english.ABOUT_FILMS.split()[simple_english.ABOUT_FILMS.split().index("crap") :])
    for row in rows:
        said = sources.sentences_of(row)
        starts = [place for place, one in enumerate(said[:-1]) if 5 <= len(one.split()) <= 24 and one[-1] == "."]
        for place in rng.sample(starts, min(2, len(starts))):
            some = said[place : place + rng.choice([2, 3, 3, 4])]
            plain = re.fullmatch(r"[A-Z][\w ,.'()-]+", some[0]) and not unwanted & set(re.findall(r"\w+", row.lower()))
            if count > 0 and plain and sum(len(one.split()) for one in some) < 70:
                count -= 1
                yield Example(" ".join(some), shortened(some[0]))


# All


def usable(one: Example) -> bool:
    """Not too long, shorter than its text, with nothing left of a pattern, nothing reserved and nothing of dev."""
    words = one.summary.split()
    return (
        3 <= len(words) <= LONGEST
        and len(words) < len(one.text.split())
        and not re.search(r"[{}\[\]|^~]", one.text + one.summary)
        and free(one.text)
        and all(
            guard().clean(said) and digest(said) not in unseen() for text in one for said in sources.sentences_of(text)
        )
    )


def exchanged(one: Example, rng: random.Random) -> Example:
    """The same with one or two words of the summary exchanged for any others: who copies need not understand them."""
    known = [word for word in re.findall(r"\b[a-z]{4,}\b", one.summary) if word not in KEPT.split()]
    for word in rng.sample(known, min(len(known), rng.choice([1, 1, 2]))):
        other = rng.choice(frequent())
        one = Example(*(re.sub(rf"\b{word}\b", other, text) for text in one))
    return one


@cache
def frequent() -> list[str]:
    unwanted = set(simple_english.ABOUT_FILMS.split())
    return [word for word in sources.frequent_words("en")[500:16_000] if len(word) > 3 and word not in unwanted]


def examples(turn: int) -> list[Example]:
    """All everyday texts of the first training with them (0) or of the second (1), each text once."""
    seed, rng = SEED + 10 * turn, random.Random(SEED + turn)
    maker = Maker(seed)
    kinds: dict[str, Callable[[int], Iterator[Example]]] = {
        "blocks": maker.of_blocks,
        "verbs": maker.of_verbs,
        "stories": lambda count: of_stories(count, seed),
        "reviews": lambda count: of_reviews(count, seed),
    }
    found: dict[str, Example] = {}
    for name, make in kinds.items():
        before = len(found)
        for made in make(COUNTS[turn][name]):
            one = exchanged(made, rng) if rng.random() < EXCHANGED[turn] else made
            if usable(one):
                found[one.text] = one
        print(f"{len(found) - before} texts of {name}", flush=True)
    return list(found.values())


# The texts by which a model is chosen


class Judged(NamedTuple):
    """A text with a summary, and what a good one must have: `accept` and `least` as in `first_inputs.right_summary`."""

    example: Example
    accept: list[str]
    least: int


@cache
def dev() -> list[Judged]:
    found = []
    for block in (HERE / "summaries_dev_en.txt").read_text(encoding="utf-8").split("\n\n"):
        text, summary, words = (line for line in block.strip().splitlines() if not line.startswith("# "))
        least, groups = words.removeprefix("+ ").split(": ")
        found.append(Judged(Example(text, summary.removeprefix("= ")), groups.split(), int(least)))
    return found


@cache
def unseen() -> set[bytes]:
    """Digests of reserved and held-out sentences: none may be shared, not even as a collision."""
    texts = (HERE / "reserved_sentences.txt").read_text(encoding="utf-8").splitlines()
    texts += [row.context for _, row in answers.by_hand()] + [one.row.context for one in answers.everyday_dev()]
    texts += [text for _, (text, _) in entities.by_hand("en")]
    held_out = {digest(said) for text in texts for said in (text, *sources.sentences_of(text))}
    return held_out | read_digests(HERE / "review_test_hashes.bin")


@cache
def guard() -> Guard:
    return Guard(text for one in dev() for text in sources.sentences_of(one.example.text))


def right(one: Judged, said: str) -> bool:
    """Enough of the words that count, no name or number that the text has not, and shorter than the text."""
    from .first_inputs import right_summary

    row = {"input": one.example.text, "accept": one.accept, "least": one.least, "refuse": []}
    return right_summary(row, said)
