"""Texts to be spoken, and how a recogniser of speech writes them: letters and spaces, numbers in words.

English is written in capitals with the apostrophe, as facebook/wav2vec2-base-960h writes; French in small letters with
its accents. Hyphens become spaces, other punctuation goes. A text with anything that cannot be spelled out is dropped.
"""

import random
import re
from functools import cache

from . import common_sentences, everyday, picture_words
from .common import HERE, SEED, Guard, free, part

INTENTS = (
    "abroad",
    "address",
    "app_error",
    "atm_limit",
    "balance",
    "business_loan",
    "card_issues",
    "cash_deposit",
    "direct_debit",
    "freeze",
    "high_value_payment",
    "joint_account",
    "latest_transactions",
    "pay_bill",
)  # those of MInDS-14, in its order
MARKS = {"!": "sample", "?": "test", "~": "dev"}  # of a request that is not for training
LETTERS = {"en": "A-Z'", "fr": "a-zàâæçéèêëîïôœùûüÿ'"}
LONGEST = 110  # letters of a text: about eight seconds

Text = tuple[str, str, str]  # a text as it is given to a voice, its kind, its intent or ""


# Spelling


ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
FRENCH = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf"
)
ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
FRENCH_TENS = "vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt"
UNITS = {"en": ENGLISH.split(), "fr": FRENCH.split()}
TENS = {"en": ["", "", *ENGLISH_TENS.split()], "fr": ["", "", *FRENCH_TENS.split()]}


def in_words(number: int, language: str) -> str:
    """A number from 0 to 999,999 in words.

    >>> in_words(1971, "fr"), in_words(80, "fr"), in_words(342, "en")
    ('mille neuf cent soixante et onze', 'quatre-vingts', 'three hundred forty-two')
    """
    units, tens = UNITS[language], TENS[language]
    if number < 20:
        return units[number]
    if number < 100:
        ten, unit = divmod(number, 10)
        if language == "fr" and ten in (7, 9):
            ten, unit = ten - 1, unit + 10
        if unit == 0:
            return tens[ten] + "s" * (language == "fr" and ten == 8)
        link = " et " if language == "fr" and unit in (1, 11) and ten < 8 else "-"
        return tens[ten] + link + units[unit]
    size, name = (100, "hundred" if language == "en" else "cent") if number < 1000 else (1000, "")
    name = name or ("thousand" if language == "en" else "mille")
    many, rest = divmod(number, size)
    head = in_words(many, language)
    if language == "fr":
        head = "" if many == 1 else re.sub(r"(quatre-vingt|cent)s$", r"\1", head) if size == 1000 else head
        name += "s" if size == 100 and many > 1 and rest == 0 else ""
    return " ".join(filter(None, (head, name, in_words(rest, language) if rest else "")))


def spelled(text: str, language: str) -> str | None:
    """A text with its numbers in words, to be spoken; None if there is something in it that is not a word."""
    text = text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ").replace("…", ".").strip()
    text = re.sub(r"(?<=\d)[ ,](?=\d{3}\b)", "", text) if language == "en" else text
    text = re.sub(r"(?<![\w.,:/])\d{1,6}(?![\w/:]|[.,]\d)", lambda match: in_words(int(match[0]), language), text)
    if re.search(
        r"\d|[A-ZÀ-Ý]{2}|\b[A-Z]\.|\b(M|Mme|Mlle|Mr|Mrs|Ms|Dr|St|etc|vs|no)\.|[&%$€£@#+*/\\_=<>()\[\]{}|]", text
    ):
        return None
    return text


def normalised(text: str, language: str) -> str | None:
    """What a recogniser should write for a text, or None if it could not.

    >>> normalised("Où est-ce qu'il va ?", "fr"), normalised("It's 5 o'clock.", "en")
    ("où est ce qu'il va", "IT'S FIVE O'CLOCK")
    """
    words = spelled(text, language)
    if words is None:
        return None
    words = words.upper() if language == "en" else words.lower()
    words = re.sub(r"[-–—.,;:!?\"“”«»]", " ", words)
    words = " ".join(word.strip("'") if language == "en" else word for word in words.split())
    return words if re.fullmatch(rf"[{LETTERS[language]} ]+", words) and words.strip("' ") else None


# Requests to a bank


@cache
def request_lines(language: str) -> list[tuple[str, str, str]]:
    """(intent, part, line) of `requests_en.txt` or `requests_fr.txt`; a line of the part "train" is a template.

    What follows " = " is a translation, see `translations`.
    """
    found, intent = [], ""
    for line in (HERE / f"requests_{language}.txt").read_text(encoding="utf-8").splitlines()[2:]:
        if line.startswith("# "):
            intent = line[2:]
        elif line[:1] in MARKS:
            found.append((intent, MARKS[line[0]], line[2:].partition(" = ")[0]))
        elif line:
            found.append((intent, "train", line))
    return found


def translations() -> dict[str, str]:
    """French request of the embedded set -> English."""
    lines = (HERE / "requests_fr.txt").read_text(encoding="utf-8").splitlines()
    return {one: other for one, between, other in (line[2:].partition(" = ") for line in lines) if between}


def requests(language: str, where: str, seed: int = SEED, most: int = 40) -> list[Text]:
    """The requests of a part; for training as many different ones of each template as it has, `most` at most."""
    rng, found = random.Random(seed), []
    for intent, of, line in request_lines(language):
        if of == where and where != "train":
            found.append((line, "request", intent))
        elif of == where:
            count = min(most, common_sentences.combinations(line))
            texts = (common_sentences.expand(line, rng).text for _ in range(count))
            found += [(text, "request", intent) for text in dict.fromkeys(re.sub(r" +", " ", text) for text in texts)]
    return found


def reserved(language: str) -> list[str]:
    """The requests that no model may be trained on: those of the embedded set, of the tests and of dev."""
    return [line for _, of, line in request_lines(language) if of != "train"]


# Other sentences


def phrases(language: str) -> list[str]:
    """What people say, written by hand: `phrases_en_fr.tsv`."""
    lines = (HERE / "phrases_en_fr.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[language == "fr"] for line in lines if "\t" in line and not line.startswith("#")]


def nouns(language: str) -> list[str]:
    """Things with an article, and alone."""
    found = []
    for topic in everyday.NOUNS.values():
        for noun in topic:
            if language == "fr":
                article = "une" if noun.feminine else "un"
                found += [noun.french, everyday.the(noun), f"{article} {noun.french}"]
            else:
                found += [noun.english, f"the {noun.english}", everyday.an(noun.english)]
    found += [word[1 if language == "fr" else 0] for word in picture_words.COLOUR_WORDS.values()]
    pairs = (everyday.DAYS, everyday.MONTHS, everyday.SEASONS, everyday.COUNTRIES, everyday.CITIES, everyday.LANGUAGES)
    return found + [pair[language == "fr"] for table in pairs for pair in table]


@cache
def listed(name: str) -> list[str]:
    """A list of `everyday_names.txt`."""
    for line in (HERE / "everyday_names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}: "):
            return line.partition(": ")[2].split(", ")
    raise KeyError(name)


def hellos(language: str, rng: random.Random, count: int) -> list[str]:
    """What is said first into a microphone: names, the weather, orders, whether it works."""
    names = listed(f"first_{language}") + rng.sample(listed("first_en" if language == "fr" else "first_fr"), 12)
    cities = [pair[language == "fr"] for pair in everyday.CITIES] + listed(f"city_{language}")[:60]
    lines = (HERE / f"speech_first_{language}.txt").read_text(encoding="utf-8").splitlines()
    templates = [line for line in lines if line and not line.startswith("#")]
    found = []
    for _ in range(count):
        text = common_sentences.expand(rng.choice(templates), rng).text
        text = text.replace("NAME", rng.choice(names)).replace("AGE", in_words(rng.randint(5, 90), language))
        city = rng.choice([city for city in cities if not city.startswith(("L", "l"))])
        found.append(re.sub(r"\bà Le ", "au ", text.replace("CITY", city)).replace("de A", "d'A"))
    return found


def numbers(language: str, rng: random.Random, count: int) -> list[str]:
    """Numbers as they are said: counting, alone, a telephone number, a price, a time, a date, things."""
    say = spoken_number_fr if language == "fr" else spoken_number_en
    found = []
    for _ in range(count):
        kind, n, minute = rng.randrange(8), rng.randint(0, 100), rng.randint(1, 59)
        if kind == 0:
            start = rng.randint(0, 12)
            found.append(", ".join(in_words(k, language) for k in range(start, start + rng.randint(3, 6))))
        elif kind == 1:
            found.append(in_words(n, language))
        elif kind == 2:
            found.append(", ".join(in_words(rng.randint(0, 9), language) for _ in range(rng.randint(3, 7))))
        elif kind == 3:
            found.append(in_words(rng.choice((100, 200, 1000, 500, 2000, rng.randint(101, 9999))), language))
        else:
            found.append(say(("price", "time", "date", "things")[kind - 4], n, minute, rng))
    return found


def spoken_number_en(kind: str, n: int, minute: int, rng: random.Random) -> str:
    if kind == "price":
        start = rng.choice(("it costs", "I need", "I owe you", "I paid", "here are"))
        return f"{start} {in_words(n, 'en')} {rng.choice(('euros', 'dollars', 'pounds'))}"
    if kind == "time":
        hour = in_words(rng.randint(1, 12), "en")
        time = rng.choice((f"{hour} o'clock", f"half past {hour}", f"a quarter to {hour}", f"{hour} thirty"))
        return f"{rng.choice(('it is', 'at', 'see you at'))} {time}"
    if kind == "date":
        return f"{rng.choice(everyday.MONTHS)[0]} {ordinal(rng.randint(1, 31))}"
    animal = rng.choice(everyday.NOUNS["animals"])
    return f"{in_words(rng.randint(2, 20), 'en')} {everyday.plural_en(animal.english)}"


def spoken_number_fr(kind: str, n: int, minute: int, rng: random.Random) -> str:
    if kind == "price":
        return f"{rng.choice(('ça coûte', 'il faut', 'je dois', 'je paie', 'voici'))} {in_words(n, 'fr')} euros"
    if kind == "time":
        hour = rng.randint(1, 23)
        past = rng.choice(("", " et demie", " et quart", f" {in_words(minute, 'fr')}", " moins le quart"))
        hours = "une heure" if hour == 1 else f"{in_words(hour, 'fr')} heures"
        return f"{rng.choice(('il est', 'à', 'rendez-vous à'))} {hours}{past}"
    if kind == "date":
        day = rng.randint(1, 31)
        start = rng.choice(("nous sommes", "je suis né", "on part"))
        return f"{start} le {'premier' if day == 1 else in_words(day, 'fr')} {rng.choice(everyday.MONTHS)[1]}"
    animal = rng.choice(everyday.NOUNS["animals"])
    return f"{in_words(rng.randint(2, 20), 'fr')} {everyday.plural(animal.french)}"


ORDINALS = {1: "first", 2: "second", 3: "third", 5: "fifth", 8: "eighth", 9: "ninth", 12: "twelfth", 20: "twentieth"}


def ordinal(number: int) -> str:
    """An English ordinal from 1 to 39."""
    if number in ORDINALS:
        return ORDINALS[number]
    if number < 20:
        return in_words(number, "en") + "th"
    ten, unit = divmod(number, 10)
    return f"{TENS['en'][ten]}-{ordinal(unit)}" if unit else TENS["en"][ten].replace("ty", "tieth")


# By split

# How many texts of each kind there are at most, for training; of the tests see `split_texts`.
SHARES = {"request": 2200, "phrase": 1500, "sentence": 1300, "made": 500, "hello": 900, "number": 700, "word": 900}
OTHERS = {"dev": 160, "test": 240}  # texts of a split that are no requests


@cache
def everyday_texts(language: str) -> tuple[Text, ...]:
    """All that is not a request, shuffled, each text once, without those that are reserved."""
    rng = random.Random(SEED)
    kinds = {
        "phrase": phrases(language),
        "hello": hellos(language, rng, 2500),
        "number": numbers(language, rng, 1400),
        "word": nouns(language),
        "sentence": [row.text for row in common_sentences.sentences(language)],
        "made": [pair[language == "fr"] for pair in everyday.sentences(1500, SEED)],
    }
    found: dict[str, Text] = {}
    for kind, texts in kinds.items():
        rng.shuffle(texts)
        count = 0
        for text in texts:
            label = normalised(text, language)
            fits = label is not None and len(label) <= LONGEST and label not in found and free(text)
            if fits and label and count < SHARES[kind] / 0.7:  # tests and dev take their part
                found[label] = (text, kind, "")
                count += 1
    rows = list(found.values())
    rng.shuffle(rows)
    return tuple(rows)


def split_texts(language: str, split: str) -> list[Text]:
    """The texts of "train", "dev" or "test". A text is where its letters put it (`common.part`), requests by hand."""
    guard = Guard(reserved(language))
    if split == "train":
        asked = [row for row in requests(language, "train") if guard.clean(row[0])]
        random.Random(SEED).shuffle(asked)
        asked = asked[: SHARES["request"]]
    else:
        asked = requests(language, split) + (requests(language, "sample") if split == "test" else [])
    others, count = [], dict.fromkeys(SHARES, 0)
    for row in everyday_texts(language):
        label = normalised(row[0], language)
        limit = SHARES[row[1]] if split == "train" else OTHERS[split] * SHARES[row[1]] / 5800
        if label and part(label) == split and count[row[1]] < limit:
            count[row[1]] += 1
            others.append(row)
    return [row for row in asked + others if len(normalised(row[0], language) or "") > 0]
