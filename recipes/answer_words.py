"""Words for made questions about everyday texts: what the slots of `answer_patterns.txt` are filled with."""

from .entity_frames import _list


def _words(text: str) -> list[str]:
    return text.split()


GIRLS = _words("""
Anna Maria Lucy Sarah Emma Sophie Julia Laura Alice Kate Jane Mary Lisa Helen Susan Linda Karen Nina Eva Clara Rosa
Olivia Mia Chloe Grace Ruby Ella Zoe Amy Emily Hannah Rachel Rebecca Diana Elena Irene Sandra Monica Angela Barbara
Martha Nora Ingrid Astrid Greta Heidi Fatima Aisha Leila Yasmin Amina Priya Anjali Mei Yuki Hana Sofia Isabel Carmen
Lucia Paula Teresa Ana Marta Claire Camille Juliette Manon Louise Margot Chiara Giulia Francesca Bianca Olga Natasha
Tanya Irina Katya Ewa Zofia Agnes Edith Rose Daisy Violet Molly Holly Jessica Jennifer Michelle Nicole Victoria Tina
Gina Wendy Betty Joan Ruth Judy Carol Pam Sally Polly Tess Ines Vera Marina Nadia Samira Zara Naomi Abigail
""")

BOYS = _words("""
Tom Peter John Paul Mark David James Robert Michael William Richard Thomas Charles Daniel Matthew Andrew George
Henry Jack Harry Oliver Leo Max Sam Ben Adam Noah Luke Lucas Liam Ethan Oscar Felix Hugo Theo Simon Martin Eric
Kevin Brian Steve Frank Tony Bob Bill Jim Joe Mike Nick Dan Alex Chris Greg Phil Ted Fred Ned Ali Omar Hassan Karim
Youssef Ahmed Ibrahim Raj Arjun Vikram Sanjay Wei Jun Hiro Kenji Carlos Pablo Diego Juan Luis Miguel Pedro Jose
Antonio Marco Luca Matteo Paolo Giorgio Pierre Jean Louis Antoine Julien Nicolas Hans Karl Fritz Otto Lars Erik Sven
Nils Ivan Boris Dmitri Igor Pavel Jan Piotr Viktor Anton Stefan Andrei Gabriel Rafael Samuel Joseph Aaron Isaac
Victor Arthur Walter Ralph Roger Keith Neil Colin Graham Owen Finn Sean Patrick
""")

LASTS = _words("""
Smith Jones Brown Taylor Wilson Johnson Davies Miller Moore Clark Lewis Walker Hall Young King Wright Green Baker
Adams Nelson Hill Campbell Mitchell Roberts Carter Phillips Evans Turner Parker Collins Edwards Stewart Morris
Murphy Cook Rogers Morgan Cooper Reed Bailey Bell Howard Ward Cox Watson Brooks Bennett Gray Hughes Price Wood Ross
Foster Garcia Martinez Lopez Silva Costa Santos Rossi Ferrari Weber Fischer Schmidt Wagner Novak Kowalski Ivanov
Petrov Tanaka Sato Kim Lee Chen Wang Singh Patel Khan Hansen Larsen Berg Lindqvist Dubois Martin Moreau Laurent
Okafor Diallo
""")

FEMALE_RELATIONS = _list("""
sister|mother|aunt|grandmother|daughter|niece|wife|cousin|grandma|girlfriend|older sister|little sister|mum
twin sister|granddaughter|mother-in-law|flatmate|neighbour|best friend|colleague|boss|roommate|younger sister
godmother
""")

MALE_RELATIONS = _list("""
brother|father|uncle|grandfather|son|nephew|husband|cousin|grandpa|boyfriend|older brother|little brother|dad
twin brother|grandson|father-in-law|flatmate|neighbour|best friend|colleague|boss|roommate|younger brother|godfather
""")

JOBS = _list("""
teacher|doctor|nurse|baker|driver|bus driver|taxi driver|painter|farmer|cook|chef|lawyer|singer|gardener|engineer
waiter|pilot|dentist|secretary|builder|plumber|carpenter|electrician|mechanic|journalist|writer|photographer|actor
actress|dancer|musician|police officer|firefighter|soldier|judge|librarian|architect|accountant|scientist|biologist
chemist|programmer|designer|hairdresser|tailor|butcher|fisherman|sailor|postman|cashier|shop assistant|manager
salesman|translator|guide|tour guide|coach|football player|vet|pharmacist|surgeon|professor|student|researcher
historian|philosopher|poet|clown|miner|shepherd|beekeeper|florist|jeweller|receptionist|cleaner|guard|detective
flight attendant|train driver|truck driver|web designer|software engineer|maths teacher|music teacher|violinist
pianist|drummer|sculptor|barber|banker|economist|politician|mayor|astronomer|geologist|physicist|waitress|babysitter
""")

COLORS = _list("""
red|blue|green|yellow|black|white|brown|grey|orange|pink|purple|dark blue|light green|silver|golden|beige|turquoise
dark red|light blue|violet|gray|cream|bright yellow|dark green|pale pink|black and white|navy blue
""")

ANIMALS = _list("""
cat|dog|horse|rabbit|hamster|parrot|goldfish|turtle|pony|canary|guinea pig|snake|duck|goat|sheep|cow|pig|hen|donkey
mouse|kitten|puppy|ferret|lizard|fish|bird|tortoise|budgie|goose|frog|hedgehog|fox|owl|squirrel|monkey|camel|lamb
""")

WILD = _list("""
elephant|lion|tiger|bear|wolf|giraffe|zebra|whale|dolphin|shark|penguin|kangaroo|koala|panda|eagle|owl|bat|crocodile
octopus|gorilla|camel|deer|rhino|hippo|cheetah|ostrich|seal|swan|bee|spider|butterfly|ant|snail|blue whale
polar bear
""")

PETS = _words("""
Rex Bella Max Luna Charlie Milo Coco Rocky Daisy Buddy Oscar Simba Tiger Felix Molly Lola Rusty Shadow Snowball
Fluffy Biscuit Ginger Pepper Toby Lucky Ruby Teddy Poppy Bingo Spot Whiskers Nemo Zeus Mimi Kitty Misty Sunny Rosie
Socks Pip Ziggy Chester Bandit Smokey Duke Gizmo Nala Pluto Bubbles Caramel Cookie Patch Flash Cleo Leo
""")

THINGS = _list("""
bicycle|bike|table|painting|lamp|guitar|phone|clock|ring|letter|violin|coat|key|map|statue|book|bag|watch|camera
laptop|computer|chair|sofa|bed|mirror|umbrella|hat|scarf|jacket|shirt|dress|sweater|pair of shoes|ball|doll|kite|toy
puzzle|game|pen|pencil|notebook|newspaper|magazine|box|basket|bottle|cup|vase|plate|knife|spoon|pan|carpet|curtain
pillow|blanket|car|van|motorbike|boat|scooter|tent|backpack|suitcase|wallet|purse|ticket|postcard|photo|picture
poster|necklace|bracelet|piano|drum|flute|trumpet|television|radio|fridge|washing machine|ladder|hammer|saw|candle
flower|plant|rose|tree|tablet|printer|telescope|microscope|skateboard|sandwich|cake|present|gift|coin|stamp|mug
teapot|desk|bookshelf|wardrobe|helmet|pair of gloves|pair of jeans|swimsuit|tie|belt|skirt|cap|towel|novel
dictionary|diary|parcel|calculator|keyboard|headset|robot|drone|rug|broom|bucket|rope|flag|torch|compass|globe
record|comic book|cookbook
""")

PLURALS = _list("""
apples|oranges|bananas|eggs|books|pens|pencils|tickets|chairs|tables|plates|cups|glasses|bottles|candles|flowers
roses|trees|stamps|coins|postcards|letters|photos|cakes|cookies|sandwiches|potatoes|tomatoes|carrots|onions|lemons
pears|peaches|shirts|socks|hats|dresses|balloons|toys|cars|bicycles|boats|cows|sheep|horses|chickens|cats|dogs|birds
fish|rabbits|ducks|goats|pigs|windows|rooms|doors|bags|boxes|keys|songs|poems|stories|magazines|newspapers|games
films|paintings|pictures|mistakes|emails|messages|kilos of rice|loaves of bread|cups of coffee|pieces of cake|pizzas
cherries|plums|mushrooms|shells|stones|notebooks|envelopes|pillows|towels|spoons|lamps|plants|melons|grapes|olives
strawberries|croissants|rolls|bracelets|rings|marbles|stickers|cards|chocolates|sweets
""")

MEMBERS = _list("""
children|students|pupils|people|players|teachers|girls|boys|guests|passengers|visitors|workers|employees|members
tourists|musicians|doctors|nurses|engineers|soldiers|animals|houses|floors|rooms|shops|restaurants|bridges|museums
islands|rivers|lakes|schools|hospitals|seats|tables|beds|windows|pages|chapters|songs|legs|wings|wheels|stars
planets
""")

FOODS = _list("""
bread|cheese|soup|pizza|pasta|rice|fish|chicken|salad|chocolate|ice cream|cake|fruit|vegetables|potatoes|eggs|beans
noodles|pancakes|sandwiches|apples|bananas|strawberries|honey|jam|butter|yoghurt|lasagne|sushi|curry|tacos|porridge
spaghetti|roast beef|sausages|onion soup|tomato soup|apple pie|biscuits|nuts|grapes|cherries|mushrooms|carrots|steak
tofu|lentils|couscous|dumplings|burgers|chips|popcorn|cornflakes|waffles|toast|an omelette|a salad|a sandwich|salmon
rye bread|cheesecake|fried eggs|grilled fish|chicken soup|meatballs|risotto|croissants|cookies|olives|hot dogs
""")

DRINKS = _list("""
tea|coffee|milk|water|orange juice|apple juice|lemonade|hot chocolate|wine|beer|green tea|black coffee|mineral water
cocoa|tomato juice|a cup of tea|a glass of water|red wine|iced tea|cider|cola|a glass of milk|mint tea|espresso
""")

INSTRUMENTS = _list("""
piano|guitar|violin|flute|drums|trumpet|cello|harp|saxophone|clarinet|accordion|organ|banjo|trombone|double bass
oboe
""")

SPORTS = _list("""
football|tennis|basketball|volleyball|golf|chess|hockey|rugby|cricket|baseball|badminton|table tennis|handball|cards
computer games|ice hockey|squash|hide and seek|dominoes|video games
""")

LANGUAGES = _list("""
English|French|Spanish|German|Italian|Portuguese|Russian|Chinese|Japanese|Arabic|Greek|Turkish|Dutch|Swedish|Polish
Hindi|Korean|Latin|Danish|Norwegian|Finnish|Hungarian|Czech|Hebrew|Swahili|Welsh|Irish|Persian|Thai|Vietnamese
""")

SUBJECTS = _list("""
medicine|law|chemistry|music|history|biology|mathematics|English|economics|art|physics|philosophy|geography
literature|computer science|engineering|psychology|architecture|astronomy|maths|geology|politics|drama|French|design
journalism
""")

NATIONALITIES = _list("""
French|Spanish|German|Italian|Portuguese|Russian|Chinese|Japanese|Greek|Turkish|Dutch|Swedish|Polish|Indian|Korean
Danish|Norwegian|Finnish|Hungarian|Irish|English|British|American|Canadian|Mexican|Brazilian|Egyptian|Australian
Austrian|Swiss|Belgian|Scottish|Moroccan|Cuban|Argentine|Czech|Romanian|Ukrainian|Nigerian|South African|Chilean
""")

HOBBIES = _list("""
reading|swimming|cooking|painting|dancing|singing|fishing|gardening|hiking|cycling|skiing|running|climbing
photography|drawing|knitting|travelling|sailing|surfing|yoga|baking|playing chess|playing the guitar
collecting stamps|skating|watching films|riding horses|playing football|bird watching|playing tennis|writing poems
camping|listening to music
""")

CITIES = _list("""
London|Paris|Berlin|Madrid|Rome|Vienna|Lisbon|Dublin|Oslo|Stockholm|Helsinki|Copenhagen|Amsterdam|Brussels|Prague
Warsaw|Budapest|Athens|Moscow|Istanbul|Cairo|Tunis|Rabat|Dakar|Nairobi|Lagos|Accra|Delhi|Mumbai|Tokyo|Kyoto|Osaka
Seoul|Beijing|Shanghai|Bangkok|Hanoi|Manila|Jakarta|Sydney|Melbourne|Perth|Auckland|Toronto|Montreal|Vancouver
Boston|Chicago|Seattle|Denver|Dallas|Miami|Houston|Lima|Bogota|Santiago|Havana|Geneva|Zurich|Milan|Naples|Venice
Florence|Turin|Lyon|Marseille|Nice|Bordeaux|Toulouse|Lille|Nantes|Barcelona|Seville|Valencia|Munich|Hamburg|Cologne
Dresden|Leipzig|Krakow|Gdansk|Bergen|Turku|Tampere|Gothenburg|Aarhus|Bruges|Ghent|Antwerp|Rotterdam|Utrecht|Glasgow
Edinburgh|Cardiff|Liverpool|Manchester|Bristol|Oxford|Cambridge|York|Leeds|Bath|Cork|Galway|Belfast|Porto|Salzburg
Bern|Basel|Riga|Tallinn|Vilnius|Sofia|Bucharest|Belgrade|Zagreb|Ljubljana|Tirana|Kyiv|Minsk|Ankara|Beirut|Amman
Baghdad|Tehran|Dubai|Doha|Casablanca|New York|Los Angeles|San Francisco|Buenos Aires|Rio de Janeiro|Cape Town
Mexico City|Hong Kong|New Delhi|Las Vegas|Washington|Saint Petersburg|Sao Paulo|Kuala Lumpur
""")

COUNTRIES = _list("""
France|Germany|Spain|Italy|Sweden|Norway|Russia|Poland|Turkey|Tunisia|Algeria|Argentina|Bolivia|Scotland|England
Wales|Hungary|Romania|Syria|Brazil|Mexico|Peru|Chile|Senegal|Mali|Denmark|Kenya|Lebanon|India|Japan|South Korea
Egypt|Nigeria|Iran|Iraq|Israel|Ukraine|Thailand|Switzerland|Austria|Belgium|the Netherlands|Greece|Portugal|Ireland
Iceland|Finland|Canada|Australia|New Zealand|China|Vietnam|Cuba|Colombia|Ecuador|Morocco|Ethiopia|Ghana|South Africa
Tanzania|Nepal|Pakistan|Indonesia|Croatia|Serbia|Bulgaria|the United States|the United Kingdom|Mongolia|Jamaica
Madagascar|Malta
""")

CONTINENTS = _list("""
Europe|Asia|Africa|South America|North America|Oceania|Central America|the Middle East|Antarctica
""")

MONTHS = _words("January February March April May June July August September October November December")

DAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")

SEASONS = _words("spring summer autumn winter")

AT = _list("""
in the kitchen|in the garden|in the cellar|in the car|in the classroom|in the blue box|in the drawer|in the bathroom
in the hall|in the living room|in the bedroom|in the park|in the forest|in the library|in the office|in the street
in the supermarket|in the school yard|in the cupboard|in the fridge|in the attic|in the garage|in the water
in the swimming pool|in the river|in the lake|in the village|in the mountains|in the city centre|in the old town
in the theatre|in the museum|in the hospital|in the restaurant|in the tree|in the cage|in the basket|in her bag
in his pocket|in my room|in the shop|in the gym|in the church|in the field|in the barn|in the town hall|in the hotel
at the station|at the airport|at the market|at the beach|at the zoo|at school|at home|at work|at the bus stop
at the bakery|at the cinema|at the post office|at the bank|at the university|at the swimming pool|at the corner
at the party|at the concert|at the stadium|at the harbour|at the café|at the doctor's|at the farm|at the museum
at the bookshop|at the supermarket|at a restaurant|at a small hotel|at a friend's house|in a café|in a shop
in a field|on the table|on the sofa|on the bed|on the roof|on the floor|on the shelf|on the beach|on the bus
on the wall|on the hill|on a bench|on the balcony|on the train|on the desk|on the chair|on the island|under the bed
under the table|under a tree|under the bridge|under the chair|behind the house|behind the door|behind the sofa
behind the school|next to the church|next to the window|next to the bank|near the station|near the river
near the beach|near the lake|near the school|in front of the house|in front of the television|in front of the school
by the fire|by the lake|between the two houses|outside the shop|at the top of the hill|at the end of the street
at the back of the room|opposite the post office|beside the road|above the shop|inside the box
""")

DESTINATIONS = _list("""
the park|the beach|the cinema|the market|the zoo|the library|the supermarket|school|work|the museum|the station
the airport|the mountains|the lake|the theatre|the hospital|the doctor|the dentist|the post office|the bakery
the swimming pool|the forest|church|the village|the seaside|the gym|the bank|the countryside|the farm|the stadium
the city centre|the shop|bed|a concert|a party|a restaurant|the island|the old town|the river|the university
""")

ROOMS = _list("""
kitchen|bathroom|bedroom|living room|cellar|attic|garage|garden|office|hall|dining room|classroom|library|balcony
shed
""")

CLOCK = _list("""
seven o'clock|eight o'clock|nine o'clock|ten o'clock|six o'clock|five o'clock|noon|midnight|half past nine
half past six|half past three|quarter past four|quarter to five|8:30|17:45|9:15|10:20|14:00|18:30|7:05|6:50|12:10
20:15|22:40|ten in the morning|five in the afternoon|9 a.m.|7 pm|3 pm|11 am|8 a.m.|6 p.m.|two thirty|noon
one o'clock|4 o'clock|7 o'clock|eleven o'clock|seven in the evening|nine thirty|10 am|5:30 pm|four thirty
""")

WHEN = _list("""
yesterday|last week|last year|last month|last summer|last winter|last night|this morning|yesterday morning|today
two days ago|three weeks ago|ten years ago|a month ago|an hour ago|five minutes ago|last Friday|last Sunday|tonight
on Monday|on Tuesday|on Wednesday|on Thursday|on Friday|on Saturday|on Sunday|on Monday morning|on Friday evening
on Saturday night|on Sunday afternoon|in the morning|in the afternoon|in the evening|at night|at noon|at midnight
at seven o'clock|at half past eight|at 9:30|in January|in March|in April|in May|in June|in July|in August|in October
in December|in spring|in summer|in autumn|in winter|in 1998|in 2005|in 2010|in 2019|in 2021|in the summer
after lunch|after school|before breakfast|before dinner|during the holidays|after work|at the weekend|after the war
on 3 May|on 14 July|on her birthday|on New Year's Eve|at Christmas|on the first of June|after the concert|at dawn
in the summer of 2012|early in the morning|late at night|in the last week of May
""")

FUTURE = _list("""
tomorrow|next week|next year|next month|next summer|tonight|on Monday|on Tuesday|on Saturday|on Sunday
on Friday evening|in two days|in an hour|next Friday|next Monday|tomorrow morning|tomorrow evening|this weekend
in June|in September|at eight o'clock|at six|after dinner|after school|in the spring|on 12 March|at noon
in three weeks|this afternoon|in ten minutes|next Sunday|this evening|on Thursday afternoon|at the end of the month
""")

OFTEN = _list("""
every day|every morning|every evening|every Monday|every Saturday|every summer|every week|every year|twice a week
once a month|three times a week|on Sundays|on Fridays|on Tuesdays|at weekends|every night|every two weeks
once a year|every afternoon|in the evening|every weekend|twice a day|four times a year|on Thursdays|every winter
before breakfast
""")

UNITS = _list("minutes|hours|days|weeks|months|years|nights")

NUMBERS = _list("""
two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|a dozen|12|15|20|24|25
30|36|40|48|50|60|75|80|100|120|150|200|250|300|two hundred|a hundred|3|4|5|6|7|8|9|10|11|13|14|16|18|19|22
""")

SMALL = _list("two|three|four|five|six|seven|eight|nine|ten|2|3|4|5|6|two|three|four|twelve")

PRICES = _list("""
ten dollars|three euros|£20|$15|a hundred pounds|2 euros|nine dollars|fifty cents|five euros|20 dollars|25 euros
$3.50|£7.99|€12|300 euros|two thousand dollars|40 pounds|15 euros|one euro|$5|8 dollars|six pounds|1,200 euros
75 cents|$250|twelve dollars|twenty euros|thirty pounds|$40|£1.50|18 euros|four hundred dollars|90 euros
5,000 dollars|€3.20|€45
""")

VEHICLES = _list("bus|train|car|bike|bicycle|tram|taxi|boat|plane|ferry|metro|ship|motorbike|underground|helicopter")

BIG = _list("car|house|bicycle|bag|coat|door|dress|hat|scarf|boat|umbrella|sofa|shirt|van|jacket|ball|chair|cup|kite")

WEATHER = _list("""
rainy|sunny|cold|hot|windy|cloudy|foggy|warm|stormy|icy|cold and wet|warm and sunny|very hot|freezing|humid|mild
""")

ADJECTIVES = _list("""
delicious|too salty|very good|cold|expensive|cheap|broken|empty|full|heavy|very old|dirty|clean|beautiful|boring
funny|difficult|easy|noisy|quiet|fresh|hot|sweet|bitter|soft|hard|dangerous|friendly|ill|tired|happy|sad|angry
hungry|late
""")

FEELINGS = _words("""
happy sad tired angry hungry thirsty ill nervous bored excited scared proud lonely surprised worried
""")

MATERIALS = _list("""
wood|glass|gold|silver|stone|paper|leather|wool|cotton|plastic|steel|iron|brick|clay|marble|silk|copper|bronze|sand
concrete|ice|flour and water|milk and sugar
""")

COMPANIES = _list("""
Nokia|Siemens|Google|Microsoft|Apple|Amazon|IBM|Sony|Toyota|Volvo|Renault|Airbus|Boeing|Philips|Samsung|Nestle|Ikea
Shell|Intel|Ford|BMW|Fiat|a bank|a small bakery|a law firm|an insurance company|a big hotel|a newspaper
a car factory|a hospital|a school|the post office|the railway|a software company|the city council|a travel agency
a restaurant
""")

WORKPLACES = _list("""
a hospital|a school|a bank|a bakery|a restaurant|an office|a factory|a library|a shop|a museum|a hotel|a farm
a garage|a supermarket|a university|a laboratory|a theatre|a bookshop|a kindergarten|a pharmacy|a café|a post office
the airport
""")

EVENTS = _list("""
concert|meeting|party|film|match|lesson|wedding|exam|show|play|game|race|conference|festival|exhibition|class|course
lecture|competition|sale|interview|trip|ceremony|dance class|football match|school play|birthday party|piano lesson
cooking class|book fair|town meeting
""")

SHOPS = _list("""
shop|museum|library|bank|restaurant|bakery|supermarket|post office|swimming pool|pharmacy|zoo|café|gym|cinema|market
bookshop|office|castle|gallery|park|clinic
""")

INVENTIONS = _list("""
the telephone|the radio|the light bulb|the steam engine|the bicycle|the aeroplane|the printing press|dynamite
the zipper|the telescope|the microscope|the computer mouse|the sewing machine|the typewriter|the television
the safety pin|paper|the World Wide Web|the battery|the thermometer|the piano|the pencil|the elevator|the parachute
the camera|the laser|the refrigerator|the transistor|basketball|the stethoscope|the match|the hot-air balloon
the helicopter|the lawn mower
""")

DISCOVERIES = _list("""
radium|oxygen|gravity|penicillin|a new planet|Uranus|X-rays|insulin|a comet|the electron|a new star
the law of motion|a sea route to India|the cause of malaria|the moons of Jupiter|hydrogen|a lost city|the tomb
a new island|polonium
""")

WORKS = _list("""
Hamlet|Don Quixote|War and Peace|Pride and Prejudice|Oliver Twist|The Hobbit|Faust|Dracula|Emma|The Odyssey
Moby Dick|The Old Man and the Sea|The Little Prince|Les Misérables|Harry Potter|The Trial|Ulysses|The Jungle Book
Heidi|1984|The Silent River|A Winter in the North|The Red House|The Last Garden|Letters to a Friend|The Clockmaker
Blue Mountains|Songs of the Sea|The Lost Key|The Glass Tower|Night Train|The Baker's Daughter|The Green Door
A Long Road Home
""")

PAINTINGS = _list("""
The Starry Night|The Scream|Guernica|The Night Watch|the Mona Lisa|Sunflowers|The Kiss|The Birth of Venus
Water Lilies|The Last Supper|Girl with a Pearl Earring|The Hay Wain|The Blue Boat|The Old Mill|Woman in Red
The Potato Eaters
""")

MUSIC = _list("""
The Four Seasons|The Magic Flute|Carmen|Swan Lake|the Ninth Symphony|Yesterday|Imagine|Bolero|Aida
the Moonlight Sonata|The Nutcracker|the song Morning Light|the opera Silver Moon|Rhapsody in Blue|Peter and the Wolf
The Planets|Dancing Queen
""")

LANDMARKS = _list("""
the Eiffel Tower|the Golden Gate Bridge|Big Ben|the Statue of Liberty|the Colosseum|the Taj Mahal|the Louvre
the Prado|the Great Wall|the Opera House|the Old Bridge|the White Tower|the Royal Palace|the Blue Mosque
the Empire State Building|the National Library|the Grand Hotel|the Central Station|Tower Bridge|the Town Hall
the Castle|the Cathedral|the Sagrada|the Brandenburg Gate|the Kremlin|the Alhambra|the Acropolis|the Burj Tower
the Lighthouse|the Stone Church|the City Museum
""")

RIVERS = _list("""
the Nile|the Danube|the Rhine|the Seine|the Thames|the Volga|the Loire|the Ganges|the Mississippi|the Elbe|the Tagus
the Po|the Vistula|the Mekong|the Congo|the Niger|the Yangtze|the Rhone|the Oder|the Murray|the Severn|the Ebro
the Tiber
""")

MOUNTAINS = _list("""
Mont Blanc|Mount Fuji|Mount Etna|Mount Olympus|Ben Nevis|Mount Kenya|the Matterhorn|Mount Elbrus|Aconcagua|Denali|K2
Snowdon|Mount Ararat|Vesuvius|Mount Cook|Zugspitze|Table Mountain|Mount Rainier|Teide|Mount Logan|Kilimanjaro
Everest
""")

LAKES = _list("""
Lake Geneva|Lake Victoria|Lake Baikal|Lake Como|Lake Garda|Loch Ness|Lake Michigan|Lake Titicaca|Lake Constance
the Black Lake|Green Lake|Lake Superior|Lake Chad|Lake Balaton|Lake Ladoga|the Caspian Sea|the Baltic Sea
the Dead Sea
""")

REASONS = _list("""
it was raining|it was too cold|{he} was tired|{he} was ill|{he} was hungry|{he} was late|{he} had no money
it was broken|{he} missed the bus|it was {his} birthday|{he} had a headache|the shop was closed
{he} forgot {his} keys|it was too hot|{he} wanted to see the sea|{he} was afraid of the dark|the weather was bad
{he} loved music|{he} had an exam|it was late|{he} lost {his} ticket|the train was late|there was too much snow
{he} was bored|{he} needed a rest|{he} felt lonely|{he} had to work|the road was closed|{his} car was broken
there was no milk|{his} friend was ill|{he} had won a prize|{he} was thirsty|the music was too loud
{he} hurt {his} foot|{he} got up too late|it was cheap|{he} heard a noise|{he} liked the colour|{he} wanted a change
{his} mother called {him}|it was snowing|everyone was sleeping
""")

REASONS_NOW = _list("""
{he} is ill|{he} is tired|it is raining|{he} wants to live in {city}|{he} has an exam tomorrow|{he} loves animals
it is good for {his} health|{he} likes the quiet|it is cheap|{he} is hungry|{he} has lost {his} key|it is too hot
{he} has a cold|{he} wants to be a {job}|{he} needs the money|{his} brother lives there|{he} hates meat|it is Sunday
{he} cannot sleep|the weather is nice|it is {his} birthday|{he} has no time|the bus is late|{he} is on holiday
{he} broke {his} leg|{he} lives near the sea|it makes {him} happy|{his} phone is broken|it has no sugar
""")

AIMS = _list("""
to buy bread|to see the doctor|to visit {his} aunt|to learn French|to meet a friend|to catch the train
to see the lions|to stay healthy|to post a letter|to get some milk|to look for work|to find {his} cat|to study music
to watch a film|to save money|to earn some money|to take photos|to help {his} father|to see the sea
to listen to the band
""")

NOISES = _list("""
sleeping|eating|reading a book|playing|cooking dinner|watching television|singing|dancing|swimming|crying|laughing
washing the dishes|playing the piano|writing a letter|running|working|talking on the phone|painting the wall
drinking tea|doing homework|cleaning the kitchen|waiting for the bus|looking at the stars|feeding the ducks
riding a horse|fishing|making a cake|cutting the grass|building a tower|having lunch|having a shower
learning English|listening to music
""")

PARTS = _words("legs wings eyes arms hearts stomachs teeth toes ears humps horns feet fingers stripes")

GROUPS = _list("class|school|team|club|orchestra|choir|village|family|hotel|building|group|office|company|band|town")

HABITATS = _list("""
in the forest|in the desert|in the sea|in rivers and lakes|in the jungle|in Africa|in Asia|in Australia
in the mountains|in cold waters|in South America|in all oceans|on farms|in trees|in warm seas|in the Arctic|in caves
in grassland|in India
""")

MUSEUMS = _list("""
the Louvre|the Prado|the National Gallery|the British Museum|the City Museum|the Uffizi|the Rijksmuseum|a church
the Museum of Modern Art|a private collection|the National Museum|the Art Museum|the Orsay Museum|the town hall
""")

SEAS = _list("""
the Black Sea|the North Sea|the Atlantic Ocean|the Mediterranean Sea|the Baltic Sea|the Pacific Ocean
the Caspian Sea|the Red Sea|the Indian Ocean|the Adriatic Sea|the Arctic Ocean|the Gulf of Mexico|the Yellow Sea
""")

MONEY = _words("dollar euro pound yen krone peso rupee franc real lira zloty dinar won yuan krona forint")

PRIZES = _list("""
Nobel Prize|Nobel Peace Prize|gold medal|first prize|silver medal|Oscar|World Cup|Booker Prize|book prize
city marathon|Tour de France|poetry prize|science award|chess tournament|golden ball|music competition
Nobel Prize in Physics
""")

STREETS = _list("""
High Street|Park Road|Station Road|Mill Lane|Church Street|Oak Avenue|Green Street|King Street|Main Street
""")

ENDINGS = _words("youngest oldest tallest smallest strongest fastest shortest cleverest")

DOINGS = _list("""
swims/swim|plays tennis/play tennis|goes skiing/go skiing|works in the garden/work in the garden
bakes bread/bake bread|reads books/read books|visits the museum/visit the museum|goes to the beach/go to the beach
cooks dinner/cook dinner|sings in a choir/sing in a choir|cleans the house/clean the house|rides a bike/ride a bike
watches films/watch films|washes the car/wash the car|goes running/go running|feeds the birds/feed the birds
takes a bath/take a bath|plays the piano/play the piano|picks apples/pick apples|makes soup/make soup
goes fishing/go fishing|has a piano lesson/have a piano lesson|skates/skate|calls his mother/call his mother
does yoga/do yoga|learns English/learn English|buys vegetables/buy vegetables|goes to the market/go to the market
sleeps late/sleep late
""")

FILLERS = _list("""
It was a nice day.|They were very happy.|Everybody laughed.|The sun was shining.|It was a long day.
Nobody knows why.|That was a surprise.|It was very quiet.|The neighbours were pleased.|It is a good life.
The children like it very much.|There was a lot of noise.|We talked for hours.|Life is good.|It was great fun.
The weather was fine.|They had a good time.|Then they went home.|It is a big family.|Dinner was ready.
I like that very much.|It rained all day.|He smiled.|She was very pleased.|The streets were empty.|It is not far.
That is all we know.|It was a beautiful evening.
""")

# Verbs in the infinitive, the past and the past participle, and what one does it to: slots after each colon.
VERBS = """
buy bought bought: thing plural food cloth animal text
sell sold sold: thing plural animal
find found found: thing plural animal
lose lost lost: thing
break broke broken: thing
repair repaired repaired: thing
paint painted painted: thing building
carry carried carried: thing plural
bring brought brought: thing plural food drink
steal stole stolen: thing plural
see saw seen: animal wild n building
hide hid hidden: thing plural
borrow borrowed borrowed: thing text
choose chose chosen: thing cloth text
drop dropped dropped: thing
clean cleaned cleaned: thing room
open opened opened: shop text
draw drew drawn: animal wild thing building
build built built: building thing
design designed designed: building thing cloth
throw threw thrown: thing
take took taken: thing plural text
forget forgot forgotten: thing text
send sent sent: text thing plural
order ordered ordered: food drink thing text
want wanted wanted: thing animal food
need needed needed: thing plural
wash washed washed: cloth thing animal
rent rented rented: thing building
photograph photographed photographed: building animal wild n
receive received received: thing text
get got got: thing text animal
make made made: thing food
show showed shown: thing text
keep kept kept: thing animal
eat ate eaten: food plural
cook cooked cooked: food
bake baked baked: food
taste tasted tasted: food drink
prepare prepared prepared: food text
cut cut cut: food
serve served served: food drink
try tried tried: food drink cloth
share shared shared: food
drink drank drunk: drink
pour poured poured: drink
spill spilled spilled: drink
feed fed fed: animal
catch caught caught: animal thing
chase chased chased: animal
train trained trained: animal
brush brushed brushed: animal
ride rode ridden: animal
read read read: text
write wrote written: text
translate translated translated: text
publish published published: text
finish finished finished: text food
study studied studied: subject
teach taught taught: subject lang sport
learn learned learned: lang sport
plant planted planted: plant
water watered watered: plant
pick picked picked: plant
grow grew grown: plant
meet met met: n
visit visited visited: n building city country
help helped helped: n
call called called: n
invite invited invited: n
follow followed followed: n animal
thank thanked thanked: n
hear heard heard: n song animal
kiss kissed kissed: n
sing sang sung: song
play played played: song sport
compose composed composed: song
enter entered entered: building
leave left left: building city
love loved loved: n food hobby city
hate hated hated: food hobby
like liked liked: food hobby city drink
wear wore worn: cloth
mend mended mended: cloth thing
wrap wrapped wrapped: thing
explore explored explored: city country building
move moved moved: thing
fill filled filled: thing
"""

INTRANSITIVE = _list("""
sleep slept|sing sang|dance danced|wait waited|fall fell|sit sat|laugh laughed|cry cried|work worked|swim swam
walk walked|play played|rest rested|stay stayed|stand stood|run ran|wait waited|talk talked|read read|study studied
live lived|have_lunch had_lunch|have_dinner had_dinner|train trained|hide hid|camp camped|arrive arrived
stop stopped
""")

PLANTS = _list("""
roses|tulips|a tree|an apple tree|potatoes|tomatoes|carrots|flowers|beans|a cherry tree|onions|herbs|lettuce
pumpkins|corn|sunflowers|wheat|grapes|lilies|cucumbers|an oak|strawberries|lavender|daisies|peas|garlic|a palm tree
mint
""")

TEXTS = _list("""
letter|book|novel|poem|postcard|email|newspaper|magazine|story|report|diary|message|song|play|article|list|essay
cookbook|dictionary|fairy tale|comic|speech|long letter|short story|shopping list|love letter|travel guide
""")

SONGS = _list("""
a song|a waltz|an old song|a symphony|a tango|a lullaby|a march|an opera|a tune|a carol|a ballad|a sonata
""")

BUILDINGS = _list("""
house|castle|church|tower|bridge|museum|school|barn|hotel|palace|temple|theatre|library|factory|flat|cottage|shop
station|lighthouse|wall|garden shed|villa|chapel|farm|stadium|windmill|old mill|wooden cabin|boat house
""")

CLOTHES = _list("""
hat|coat|dress|shirt|scarf|jacket|sweater|skirt|T-shirt|tie|cap|suit|raincoat|blouse|pullover|uniform
""")

MADE = _list("""
honey|bread|cheese|wine|paper|silk|beer|chocolate|butter|glass|milk|furniture|cider|jam|wool|porcelain|leather|cloth
""")

MAKERS = _list("""
bees|bakers|farmers|monks|small factories|spiders|cows|families|workers|machines|carpenters|women|potters
""")

DEFINED = _list("""
hammer|noun|triangle|violin|glacier|volcano|whale|penguin|tulip|oak|carrot|saxophone|kilometre|century|island|desert
lullaby|telescope|novel|haiku|waltz|canoe|igloo|sari|kimono|limousine|robot|planet|comet|virus|fossil|sonnet|falcon
""")

DEFINITIONS = _list("""
tool|word for a thing|shape with three sides|musical instrument|river of ice|mountain that spits fire
large sea animal|kind of bird|kind of flower|tree|root that people eat|measure of length|period of a hundred years
dry place|kind of boat|piece of land with water around it|song for babies|long story|short poem|dance
house made of snow|long dress|expensive car|machine that works alone|body that goes round a star
very small living thing|vegetable|game for two players|kind of fish
""")

USES = _list("""
cut wood|look at the stars|make music|keep food cold|write letters|carry water|catch fish|open doors|measure time
fly|find the way|wash clothes|send messages|cook rice|clean the floor|draw pictures|light a room|repair cars
mix paint|measure the temperature|stay dry|cross the river|dig holes|count money|take photos|listen to the heart
play games
""")

WORKERS = _list("""
farmers|doctors|children|sailors|bakers|teachers|students|soldiers|painters|cooks|nurses|people|carpenters
""")

PERIODS = _words("week year day month hour minute century decade season game match")

SUBPERIODS = _words("days months hours minutes seconds weeks years periods rounds points")

PLANETS = _words("Mars Venus Jupiter Saturn Mercury Neptune Uranus Pluto Earth")

BANDS = _list("""
The Silver Birds|The Night Owls|Blue Rain|The Beatles|Queen|The Rolling Stones|Green River|The Red Shoes|Abba|U2
The Paper Boats|Black Coffee|The Lost Boys|Golden Hour|Northern Lights|Stone Garden|The Travellers|Radiohead
Coldplay
""")

HOLIDAYS = _list("""
Christmas|Easter|New Year's Day|Mother's Day|Saint Patrick's Day|Independence Day|Halloween|Thanksgiving|Diwali
Midsummer|Bastille Day|Labour Day|Children's Day|Flag Day|Saint Nicholas Day|Republic Day|Valentine's Day
Father's Day
""")

GEO = _list("""
lake|island|city|mountain|river|forest|desert|volcano|waterfall|town|valley|park|harbour|bridge|beach|cave
""")

SUPERLATIVES = _words("largest longest highest deepest oldest smallest biggest most-famous busiest")

TODO = _list("""
water the plants|feed the cat|buy milk|call the dentist|pay the rent|clean the kitchen|bring your books
post the letter|wash the car|book a table|send the report|pick up the children|lock the door|close the windows
take out the rubbish|learn the poem|bake a cake|buy the tickets|return the books|finish the homework|cut the grass
walk the dog|cook dinner
""")

PAST_DOINGS = _list("""
baked a cake/bake a cake|went to the beach/go to the beach|sold the car/sell the car|read a book/read a book
cooked fish/cook fish|ran home/run home|bought a boat/buy a boat|fell asleep/fall asleep
broke a window/break a window|wrote a letter/write a letter|saw a fox/see a fox|lost the key/lose the key
washed the dishes/wash the dishes|painted the door/paint the door|rode a horse/ride a horse
cut the grass/cut the grass|won a prize/win a prize|made breakfast/make breakfast|watched a film/watch a film
played chess/play chess|cleaned the windows/clean the windows|took the train/take the train|drank tea/drink tea
climbed a hill/climb a hill|planted a tree/plant a tree|sang a song/sing a song|left early/leave early
stayed at home/stay at home|came home late/come home late
""")
LARGE = ["{0} million", "{0},{2}", "{1}.{1} million", "{0},000", "{2},{2}", "{1} million", "{1}.5 million", "{2},000"]
SMALL_INSIDE = _words("""
My The A An Our In On At His Her It There He She Every Twice Once Three Four Last Yesterday This After During Before
Late Early Today Tonight
""")
RELATIONS = _words("""
sisters brothers cousins children sons daughters aunts uncles friends nephews nieces grandchildren neighbours
""")
