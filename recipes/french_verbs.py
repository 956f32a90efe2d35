"""The forms of French and English verbs that everyday sentences need, by rule, with the irregular ones in tables.

Persons are numbered je 0, tu 1, il or elle 2, nous 3, vous 4, ils or elles 5.
"""

from functools import cache

PRESENT = {  # whole forms of the present; the verbs that are formed alike follow in FAMILIES
    "être": "suis es est sommes êtes sont",
    "avoir": "ai as a avons avez ont",
    "aller": "vais vas va allons allez vont",
    "faire": "fais fais fait faisons faites font",
    "dire": "dis dis dit disons dites disent",
    "pouvoir": "peux peux peut pouvons pouvez peuvent",
    "vouloir": "veux veux veut voulons voulez veulent",
    "devoir": "dois dois doit devons devez doivent",
    "savoir": "sais sais sait savons savez savent",
    "voir": "vois vois voit voyons voyez voient",
    "croire": "crois crois croit croyons croyez croient",
    "boire": "bois bois boit buvons buvez boivent",
    "lire": "lis lis lit lisons lisez lisent",
    "rire": "ris ris rit rions riez rient",
    "vivre": "vis vis vit vivons vivez vivent",
    "suivre": "suis suis suit suivons suivez suivent",
    "courir": "cours cours court courons courez courent",
    "mourir": "meurs meurs meurt mourons mourez meurent",
    "plaire": "plais plais plaît plaisons plaisez plaisent",
    "asseoir": "assieds assieds assied asseyons asseyez asseyent",
    "falloir": "faut faut faut faut faut faut",
}
FAMILIES = {  # end of the infinitive -> ends of the six forms
    "prendre": "prends prends prend prenons prenez prennent",
    "venir": "viens viens vient venons venez viennent",
    "tenir": "tiens tiens tient tenons tenez tiennent",
    "mettre": "mets mets met mettons mettez mettent",
    "battre": "bats bats bat battons battez battent",
    "crire": "cris cris crit crivons crivez crivent",
    "uire": "uis uis uit uisons uisez uisent",
    "naître": "nais nais naît naissons naissez naissent",
    "ouvrir": "ouvre ouvres ouvre ouvrons ouvrez ouvrent",
    "ffrir": "ffre ffres ffre ffrons ffrez ffrent",
    "cevoir": "çois çois çoit cevons cevez çoivent",
    "artir": "ars ars art artons artez artent",
    "ortir": "ors ors ort ortons ortez ortent",
    "entir": "ens ens ent entons entez entent",
    "ormir": "ors ors ort ormons ormez orment",
    "ervir": "ers ers ert ervons ervez ervent",
    "eindre": "eins eins eint eignons eignez eignent",
    "aindre": "ains ains aint aignons aignez aignent",
}
PARTICIPLES = {
    "être": "été",
    "avoir": "eu",
    "faire": "fait",
    "dire": "dit",
    "pouvoir": "pu",
    "vouloir": "voulu",
    "devoir": "dû",
    "savoir": "su",
    "voir": "vu",
    "croire": "cru",
    "boire": "bu",
    "lire": "lu",
    "rire": "ri",
    "vivre": "vécu",
    "suivre": "suivi",
    "courir": "couru",
    "mourir": "mort",
    "naître": "né",
    "plaire": "plu",
    "asseoir": "assis",
    "falloir": "fallu",
}
PARTICIPLE_ENDS = {
    "prendre": "pris",
    "venir": "venu",
    "tenir": "tenu",
    "mettre": "mis",
    "battre": "battu",
    "crire": "crit",
    "uire": "uit",
    "naître": "nu",
    "ouvrir": "ouvert",
    "ffrir": "ffert",
    "cevoir": "çu",
    "eindre": "eint",
    "aindre": "aint",
}
FUTURE = {  # stems of the future and the conditional
    "être": "ser",
    "avoir": "aur",
    "aller": "ir",
    "faire": "fer",
    "pouvoir": "pourr",
    "vouloir": "voudr",
    "devoir": "devr",
    "savoir": "saur",
    "voir": "verr",
    "revoir": "reverr",
    "envoyer": "enverr",
    "courir": "courr",
    "mourir": "mourr",
    "asseoir": "assiér",
    "falloir": "faudr",
}
FUTURE_ENDS = {"venir": "viendr", "tenir": "tiendr", "cevoir": "cevr"}
WITH_BE = {
    "aller",
    "venir",
    "arriver",
    "partir",
    "sortir",
    "entrer",
    "rentrer",
    "retourner",
    "revenir",
    "monter",
    "descendre",
    "tomber",
    "rester",
    "naître",
    "mourir",
    "devenir",
    "passer",
}  # être in the passé composé, as all reflexive verbs
HARD_H = (
    "haut",
    "huit",
    "héros",
    "haï",
    "hamster",
    "haricot",
    "hibou",
    "honte",
    "hors",
    "hockey",
    "handball",
    "homard",
)
SUBJECTS = ["je", "tu", "il", "nous", "vous", "ils"]
REFLEXIVE = ["me", "te", "se", "nous", "vous", "se"]


def elided(text: str) -> bool:
    """A vowel or a silent h comes first."""
    return text[0].lower() in "aeiouyhéêèàâîôûœ" and not text.lower().startswith((*HARD_H, "yaourt", "onze", "oui"))


def before(word: str, rest: str) -> str:
    """ "je", "ne", "de", "que" ... and what follows: elided in front of a vowel."""
    return f"{word[:-1]}'{rest}" if elided(rest) else f"{word} {rest}"


def ending(infinitive: str, ends: dict[str, str]) -> tuple[str, str] | None:
    """The longest of `ends` that the infinitive has, and what stands before it."""
    found = [end for end in ends if infinitive.endswith(end)]
    return (infinitive[: -len(max(found, key=len))], ends[max(found, key=len)]) if found else None


@cache
def present(infinitive: str) -> list[str]:
    """The six forms of the present."""
    if infinitive in PRESENT:
        return PRESENT[infinitive].split()
    if infinitive.endswith(("rire", "dire", "faire", "voir", "lire")) and infinitive[-5:] != "crire":
        for known in ("refaire", "sourire", "revoir", "relire", "redire"):
            if infinitive == known:
                start = "sou" if known == "sourire" else "re"
                return [start + form for form in present(infinitive.removeprefix(start))]
    family = ending(infinitive, FAMILIES)
    if family:
        return [family[0] + form for form in family[1].split()]
    stem, end = infinitive[:-2], infinitive[-2:]
    if end == "ir":
        return [stem + form for form in ("is", "is", "it", "issons", "issez", "issent")]
    if end == "re":
        return [stem + form for form in ("s", "s", "" if stem[-1] in "dt" else "t", "ons", "ez", "ent")]
    strong = mute(infinitive)[:-2]
    us = stem + "e" if stem[-1] == "g" else stem[:-1] + "ç" if stem[-1] == "c" else stem
    return [strong + "e", strong + "es", strong + "e", us + "ons", stem + "ez", strong + "ent"]


def mute(infinitive: str) -> str:
    """An infinitive in -er with the vowel that it has before a mute ending: acheter -> achèter, payer -> paier."""
    stem = infinitive[:-2]
    if infinitive.endswith(("ppeler", "jeter")):
        return stem + stem[-1] + "er"
    if stem.endswith(("oy", "uy", "ay")):
        return stem[:-1] + "ier"
    for vowel in "eé":
        if len(stem) > 2 and stem[-2] == vowel and stem[-1] not in "aeiouyx":
            return f"{stem[:-2]}è{stem[-1]}er"
    return infinitive


@cache
def participle(infinitive: str) -> str:
    """The past participle, masculine singular."""
    if infinitive in PARTICIPLES:
        return PARTICIPLES[infinitive]
    if infinitive in ("refaire", "sourire", "revoir", "relire"):
        return {"refaire": "refait", "sourire": "souri", "revoir": "revu", "relire": "relu"}[infinitive]
    family = ending(infinitive, PARTICIPLE_ENDS)
    if family:
        return family[0] + family[1]
    return infinitive[:-2] + {"er": "é", "ir": "i", "re": "u"}[infinitive[-2:]]


@cache
def stem(infinitive: str) -> str:
    """What the endings of the future and the conditional are put to."""
    if infinitive in FUTURE:
        return FUTURE[infinitive]
    family = ending(infinitive, FUTURE_ENDS)
    if family:
        return family[0] + family[1]
    if infinitive.endswith("er"):
        return infinitive if infinitive[-4:-3] == "é" else mute(infinitive)
    return infinitive.removesuffix("e")


def future(infinitive: str) -> list[str]:
    return [stem(infinitive) + end for end in ("ai", "as", "a", "ons", "ez", "ont")]


def conditional(infinitive: str) -> list[str]:
    return [stem(infinitive) + end for end in ("ais", "ais", "ait", "ions", "iez", "aient")]


def imperfect(infinitive: str) -> list[str]:
    base = "ét" if infinitive == "être" else present(infinitive)[3].removesuffix("ons")
    plain = base[:-1] if base.endswith("ge") else base[:-1] + "c" if base[-1] == "ç" else base
    return [base + "ais", base + "ais", base + "ait", plain + "ions", plain + "iez", base + "aient"]


def command(infinitive: str) -> list[str]:
    """The imperative: tu, nous, vous."""
    if infinitive == "être":
        return ["sois", "soyons", "soyez"]
    if infinitive == "avoir":
        return ["aie", "ayons", "ayez"]
    forms = present(infinitive)
    tu = forms[1][:-1] if forms[1].endswith("es") or infinitive == "aller" else forms[1]
    return [tu, forms[3], forms[4]]


def inverted(form: str, pronoun: str) -> str:
    """A form and its subject after it: habitez-vous, a-t-il."""
    link = "-t-" if pronoun in ("il", "elle", "on") and form[-1] in "aeiouéc" else "-"
    return f"{form}{link}{pronoun}"


# English

ENGLISH = {  # base: past, participle
    line.split()[0]: line.split()[1:]
    for line in """\
be was been
have had had
do did done
go went gone
say said said
see saw seen
take took taken
come came come
give gave given
get got got
make made made
know knew known
think thought thought
find found found
tell told told
leave left left
feel felt felt
put put put
bring brought brought
keep kept kept
hold held held
write wrote written
stand stood stood
hear heard heard
let let let
mean meant meant
meet met met
run ran run
pay paid paid
sit sat sat
speak spoke spoken
lose lost lost
win won won
buy bought bought
send sent sent
build built built
fall fell fallen
cut cut cut
sell sold sold
sleep slept slept
eat ate eaten
drink drank drunk
drive drove driven
read read read
sing sang sung
swim swam swum
begin began begun
break broke broken
choose chose chosen
draw drew drawn
fly flew flown
forget forgot forgotten
understand understood understood
teach taught taught
wear wore worn
wake woke woken
ride rode ridden
grow grew grown
catch caught caught
spend spent spent
throw threw thrown
show showed shown
hide hid hidden
shut shut shut
lend lent lent
feed fed fed
hurt hurt hurt
steal stole stolen
cost cost cost
hit hit hit
bite bit bitten
rise rose risen
shine shone shone
learn learned learned
dream dreamed dreamed
stop stopped stopped
plan planned planned
lay laid laid
set set set
fight fought fought
travel travelled travelled""".splitlines()
}
DOUBLED = {"run", "sit", "swim", "get", "put", "cut", "stop", "begin", "shut", "forget", "let", "hit", "plan", "win"}


def head(verb: str) -> tuple[str, str]:
    """The word that is inflected, and the rest: "look for" -> "look", " for"."""
    first, space, rest = verb.partition(" ")
    return first, space + rest


def third(verb: str) -> str:
    """What he or she does."""
    word, rest = head(verb)
    if word in ("be", "have"):
        return {"be": "is", "have": "has"}[word] + rest
    if word.endswith(("s", "sh", "ch", "x", "o", "z")):
        return word + "es" + rest
    return (word[:-1] + "ies" if word[-1] == "y" and word[-2] not in "aeiou" else word + "s") + rest


def ing(verb: str) -> str:
    word, rest = head(verb)
    if word in DOUBLED:
        return word + word[-1] + "ing" + rest
    if word == "travel":
        return "travelling" + rest
    if word.endswith("ie"):
        return word[:-2] + "ying" + rest
    return (word[:-1] if word.endswith("e") and word not in ("be", "see") else word) + "ing" + rest


def past(verb: str, form: int = 0) -> str:
    """The past, or with form 1 the past participle."""
    word, rest = head(verb)
    if word in ENGLISH:
        return ENGLISH[word][form] + rest
    if word.endswith("e"):
        return word + "d" + rest
    return (word[:-1] + "ied" if word[-1] == "y" and word[-2] not in "aeiou" else word + "ed") + rest
