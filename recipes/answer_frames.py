"""Facts as sentences, and the questions they answer: written for this project.

FIELDS: field of the Factbook -> (what of its value is the answer, sentences, questions). {c} is the country, {a} the
answer. The last question of every field is kept for dev. STORIES: frames as in `entity_frames.py`, each followed by
its questions and the number of the slot that answers.
"""

FIELDS: dict[str, tuple[str, list[str], list[str]]] = {
    "Government / Capital / name": (
        "[^(;]+",
        [
            "The capital of {c} is {a}.",
            "{a} is the capital of {c}.",
            "The government of {c} sits in {a}, the capital.",
            "Its capital is {a}.",
        ],
        [
            "What is the capital of {c}?",
            "Which city is the capital of {c}?",
            "What is {c}'s capital?",
            "Name the capital of {c}.",
            "Where is the government of {c}?",
            "What city is {c}'s capital?",
        ],
    ),
    "Geography / Elevation / highest point": (
        "[^\\d(]+",
        [
            "The highest point of {c} is {a}.",
            "{a} is the highest mountain of {c}.",
            "No place in {c} is higher than {a}.",
            "Its highest point is {a}.",
        ],
        [
            "What is the highest point of {c}?",
            "What is the highest mountain in {c}?",
            "Which mountain of {c} is the highest?",
            "What is the highest place in {c}?",
        ],
    ),
    "Geography / Elevation / lowest point": (
        "[^\\d(-]+",
        ["The lowest point is {a}.", "The lowest point of {c} is {a}."],
        ["What is the lowest point of {c}?", "Which place in {c} is the lowest?", "Where is the lowest point of {c}?"],
    ),
    "Geography / Coastline": (
        "[\\d,.]+ km",
        ["The coast of {c} is {a} long.", "{c} has {a} of coast.", "Its coastline measures {a}."],
        [
            "How long is the coast of {c}?",
            "How many kilometres of coast does {c} have?",
            "What is the length of the coastline of {c}?",
            "How long is its coastline?",
        ],
    ),
    "Geography / Area / total ": (
        "[\\d,.]+ sq km",
        ["{c} covers {a}.", "The area of {c} is {a}.", "The country has an area of {a}."],
        ["How large is {c}?", "What is the area of {c}?", "How big is {c}?", "What area does {c} cover?"],
    ),
    "People and Society / Population / total": (
        "[\\d,.]+(?: million)?",
        ["{a} people live in {c}.", "{c} has {a} inhabitants.", "The population of {c} is {a}."],
        [
            "How many people live in {c}?",
            "What is the population of {c}?",
            "How many inhabitants does {c} have?",
            "How large is the population of {c}?",
        ],
    ),
    "Government / Executive branch / chief of state": (
        "[^(;]+",
        ["The head of state is {a}.", "{a} is head of state of {c}.", "{c} is represented by {a}."],
        [
            "Who is the head of state of {c}?",
            "Who is the chief of state?",
            "Who represents {c}?",
            "Who is head of state in {c}?",
        ],
    ),
    "Government / Executive branch / head of government": (
        "[^(;]+",
        ["The head of government is {a}.", "{a} leads the government of {c}.", "The government of {c} is led by {a}."],
        [
            "Who leads the government of {c}?",
            "Who is the head of government of {c}?",
            "Who governs {c}?",
            "Who is at the head of the government?",
        ],
    ),
    "Government / Independence": (
        "\\d+ \\w+ \\d{4}",
        [
            "{c} became independent on {a}.",
            "{c} gained its independence on {a}.",
            "Since {a}, {c} has been independent.",
        ],
        [
            "When did {c} become independent?",
            "When did {c} gain its independence?",
            "Since when has {c} been independent?",
            "On what date did {c} win its independence?",
        ],
    ),
    "Communications / Internet country code": (
        "\\.\\w+",
        ["Its internet country code is {a}.", "Web sites of {c} end in {a}."],
        [
            "What is the internet code of {c}?",
            "How do web sites of {c} end?",
            "What is the internet country code of {c}?",
        ],
    ),
    "Geography / Natural resources": (
        "[^;(.]+",
        ["Its natural resources are {a}.", "{c} is rich in {a}.", "In the ground of {c} there is {a}."],
        ["What are the natural resources of {c}?", "What is {c} rich in?", "Which resources does {c} have?"],
    ),
    "Economy / Agricultural products": (
        "[^(;]+",
        ["Farmers grow {a}.", "The farms of {c} produce {a}.", "Its agricultural products are {a}."],
        [
            "What do farmers grow in {c}?",
            "What do the farms of {c} produce?",
            "What are the agricultural products of {c}?",
            "What grows in {c}?",
        ],
    ),
    "Economy / Exports - commodities": (
        "[^(;]+",
        ["{c} exports {a}.", "It sells {a} to other countries.", "Its main exports are {a}."],
        [
            "What does {c} export?",
            "What are the main exports of {c}?",
            "What does {c} sell to other countries?",
            "What does the country export?",
        ],
    ),
    "Economy / Industries": (
        "[^(;]+",
        ["Its industries are {a}.", "The industry of {c} is known for {a}."],
        [
            "What are the industries of {c}?",
            "What is the industry of {c} known for?",
            "Which industries does {c} have?",
        ],
    ),
    "Geography / Climate": (
        "[^;]+",
        ["The climate is {a}.", "The climate of {c} is {a}."],
        [
            "What is the climate of {c}?",
            "What is the climate like in {c}?",
            "How is the climate of {c}?",
            "What kind of climate does {c} have?",
        ],
    ),
    "Geography / Location": (
        "[^,]+",
        ["{c} lies in {a}.", "{c} is a country in {a}."],
        ["Where is {c}?", "Where does {c} lie?", "In which part of the world is {c}?", "In what region is {c}?"],
    ),
    "Government / National symbol(s)": (
        "[^(;]+",
        ["The national symbol is {a}.", "{c} has {a} as its symbol."],
        ["What is the national symbol of {c}?", "What does {c} have as its symbol?", "Which symbol stands for {c}?"],
    ),
    "Government / National color(s)": (
        "[^(;]+",
        ["The national colors are {a}.", "The colors of {c} are {a}."],
        ["What are the national colors of {c}?", "Which colors stand for {c}?", "What are the colors of {c}?"],
    ),
    "Government / National anthem(s) / title": (
        '\\"[^\\"]+\\"',
        ["People sing {a}, the national anthem.", "The national anthem of {c} is {a}."],
        [
            "What is the national anthem of {c}?",
            "What do people sing in {c}?",
            "What is the name of the anthem of {c}?",
        ],
    ),
    "Government / Government type": (
        "[^(;]+",
        ["{c} is a {a}.", "The state is a {a}."],
        ["What type of government does {c} have?", "What kind of state is {c}?", "How is {c} governed?"],
    ),
    "Government / Legislative branch / legislature name": (
        "[^(;]+",
        ["The parliament is called {a}.", "Laws are made by the {a}."],
        ["What is the parliament of {c} called?", "Who makes the laws in {c}?", "What is the name of the parliament?"],
    ),
    "People and Society / Life expectancy at birth / total population": (
        "[\\d.]+ years",
        ["People live {a} on average.", "Life expectancy is {a}."],
        [
            "How long do people live in {c}?",
            "What is the life expectancy in {c}?",
            "How old do people become on average?",
        ],
    ),
    "Government / National holiday": (
        "[^,(;]+",
        ["The national holiday is {a}.", "{c} celebrates {a}."],
        ["What is the national holiday of {c}?", "What does {c} celebrate?", "Which holiday is celebrated in {c}?"],
    ),
    "Transportation / Airports": (
        "[\\d,]+",
        ["There are {a} airports in {c}.", "{c} has {a} airports."],
        ["How many airports are there in {c}?", "How many airports does {c} have?", "What is the number of airports?"],
    ),
    "People and Society / Nationality / noun": (
        "[^(;,]+",
        ["A person from {c} is called {a}."],
        ["What is a person from {c} called?", "How do you call the people of {c}?"],
    ),
}

# Other slots than names: {n} a number, {y} a year, {d} a day, {t} a time, {w} work, {x} a thing, {m} a price.
STORIES = [
    (
        "My name is {P} and I live in {C}.",
        "What is my name?>0",
        "Where do I live?>1",
        "Who am I?>0",
        "In which city do I live?>1",
    ),
    (
        "{P} was born in {C} in {y}.",
        "Who was born in {1}?>0",
        "Where was {0} born?>1",
        "When was {0} born?>2",
        "In what year was {0} born?>2",
    ),
    (
        "{P} works for {O} as a {w}.",
        "Who works for {1}?>0",
        "Who does {0} work for?>1",
        "What is the job of {0}?>2",
        "What does {0} do?>2",
    ),
    ("I work as a {w} in {C}.", "What is my job?>0", "Where do I work?>1", "What do I do?>0"),
    (
        "{O} was founded by {P} in {y}.",
        "Who founded {0}?>1",
        "When was {0} founded?>2",
        "What did {1} found?>0",
        "By whom was {0} founded?>1",
    ),
    (
        "{P} wrote {M} in {y}.",
        "Who wrote {1}?>0",
        "What did {0} write?>1",
        "When was {1} written?>2",
        "When did {0} write it?>2",
    ),
    (
        "{F} has {n} cats and {n} dogs.",
        "How many cats does {0} have?>1",
        "How many dogs does {0} have?>2",
        "Who has {1} cats?>0",
    ),
    (
        "{F} and {F} play chess on {d}.",
        "Who plays chess with {0}?>1",
        "When do they play chess?>2",
        "Who plays with {1}?>0",
    ),
    ("The {x} was made in {C} by {P}.", "Who made the {0}?>2", "Where was the {0} made?>1", "What did {2} make?>0"),
    ("{P} studied {S} in {C}.", "What did {0} study?>1", "Where did {0} study?>2", "Who studied {1}?>0"),
    ("It takes {n} hours to go from {C} to {C}.", "How long does it take?>0", "Where does one start?>1"),
    (
        "The program was written by {P} and {P} for {O}.",
        "Who wrote the program with {0}?>1",
        "For whom was it written?>2",
    ),
    ("{F} said that the {x} was in {C}.", "Where was the {1}?>2", "Who said it?>0", "What was in {2}?>1"),
    ("In {y}, {P} moved to {K}.", "When did {1} move?>0", "Where did {1} move?>2", "Who moved to {2}?>1"),
    ("The {x} is in the {r}.", "Where is the {0}?>1", "What is in the {1}?>0"),
    ("Her {k} {F} likes {x}.", "Who likes {2}?>1", "What does {1} like?>2", "What is the name of her {0}?>1"),
]

WORDS = {
    "w": [
        "teacher",
        "doctor",
        "baker",
        "driver",
        "painter",
        "farmer",
        "cook",
        "lawyer",
        "singer",
        "gardener",
        "engineer",
        "waiter",
        "pilot",
        "dentist",
        "secretary",
        "builder",
    ],
    "x": [
        "bicycle",
        "table",
        "painting",
        "lamp",
        "guitar",
        "cake",
        "bread",
        "milk",
        "coffee",
        "tea",
        "phone",
        "bridge",
        "clock",
        "ring",
        "letter",
        "violin",
        "coat",
        "key",
        "map",
        "statue",
        "sugar",
        "rice",
        "honey",
    ],
    "S": ["medicine", "law", "chemistry", "music", "history", "biology", "mathematics", "English", "economics", "art"],
    "d": [
        "Tuesdays",
        "Wednesdays",
        "Thursdays",
        "Fridays",
        "Sunday",
        "Monday",
        "Saturdays",
        "Friday evening",
        "Thursday",
    ],
    "t": [
        "seven",
        "eight o'clock",
        "noon",
        "half past nine",
        "8:30",
        "17:45",
        "ten in the morning",
        "five in the afternoon",
        "midnight",
        "9 a.m.",
    ],
    "m": ["ten dollars", "three euros", "£20", "$15", "a hundred pounds", "2 euros", "nine dollars", "fifty cents"],
    "r": ["kitchen", "garden", "station", "cellar", "car", "classroom", "blue box", "drawer", "bathroom", "hall"],
    "k": ["sister", "brother", "aunt", "uncle", "cousin", "friend", "daughter", "son", "neighbour"],
    "n": ["two", "three", "four", "five", "six", "seven", "eight", "12", "15", "20", "thirty", "a dozen", "9"],
}
