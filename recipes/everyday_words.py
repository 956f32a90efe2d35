"""Everyday words in English with their French translation, written for hfquick: what `everyday.py` composes of.

Nouns stand by topic, masculine ones before the bar, feminine ones after it. Adjectives give both French genders.
"""

NOUNS = {
    "things": "book=livre, pencil=crayon, pen=stylo, bag=sac, glass=verre, knife=couteau, phone=téléphone, "
    "computer=ordinateur, newspaper=journal, mirror=miroir, game=jeu, ball=ballon, present=cadeau, gift=cadeau, "
    "basket=panier, umbrella=parapluie, ticket=billet, notebook=cahier, dictionary=dictionnaire, "
    "wallet=portefeuille, passport=passeport, toy=jouet, film=film, photo album=album photo, "
    "drawing=dessin, picture book=livre d'images, novel=roman, poem=poème, camera=appareil photo, backpack=sac à dos, "
    "hammer=marteau, magazine=magazine, ring=anneau, necklace=collier, bracelet=bracelet, piano=piano, violin=violon "
    ", computer game=jeu vidéo, stamp=timbre, calendar=calendrier, keyboard=clavier, screen=écran, "
    "balloon=ballon, kite=cerf-volant, drum=tambour, diamond=diamant, comb=peigne, soap=savon, laptop=ordinateur "
    "portable, paper=papier, message=message, parcel=colis, pillow=oreiller | page=page, envelope=enveloppe, "
    "bowl of soup=assiette de soupe, plate=assiette, brush=brosse, pair of shoes=paire de chaussures, pair of "
    "glasses=paire de lunettes, blanket=couverture, bell=cloche, rope=corde, pipe=pipe, gold coin=pièce d'or, "
    "battery=pile, printer=imprimante, shower=douche, bathtub=baignoire, torch=lampe de poche, key=clé, "
    "suitcase=valise, lamp=lampe, box=boîte, bottle=bouteille, cup=tasse, spoon=cuillère, fork=fourchette, "
    "flower=fleur, "
    "rose=rose, watch=montre, picture=image, photo=photo, letter=lettre, guitar=guitare, doll=poupée, "
    "postcard=carte postale, map=carte, story=histoire, song=chanson, radio=radio, television=télévision, "
    "candle=bougie, ruler=règle, rubber=gomme, card=carte, stone=pierre, painting=peinture, wheel=roue, "
    "ladder=échelle, towel=serviette, toothbrush=brosse à dents",
    "furniture": "bed=lit, desk=bureau, armchair=fauteuil, sofa=canapé, carpet=tapis, cupboard=placard, fridge="
    "réfrigérateur, oven=four, clock=réveil, curtain=rideau | table=table, chair=chaise, shelf=étagère, "
    "washing machine=machine à laver, bookcase=bibliothèque",
    "house": "garden=jardin, wall=mur, roof=toit, living room=salon, garage=garage, balcony=balcon, floor=sol, "
    "stairs=escalier | door=porte, window=fenêtre, kitchen=cuisine, bedroom=chambre, room=pièce, bathroom="
    "salle de bains, dining room=salle à manger, cellar=cave",
    "clothes": "hat=chapeau, coat=manteau, sweater=pull, jacket=blouson, T-shirt=tee-shirt, scarf=foulard, "
    "cap=bonnet, glove=gant, swimsuit=maillot de bain, suit=costume, raincoat=imperméable | shirt=chemise, "
    "skirt=jupe, shoe=chaussure, dress=robe, tie=cravate, boot=botte, sock=chaussette, belt=ceinture",
    "vehicles": "train=train, bicycle=vélo, bike=vélo, boat=bateau, plane=avion, bus=bus, lorry=camion, truck=camion, "
    "taxi=taxi, tram=tramway | car=voiture, motorbike=moto, ambulance=ambulance",
    "countfood": "cake=gâteau, egg=œuf, sandwich=sandwich, croissant=croissant, biscuit=biscuit, sweet=bonbon, "
    "lemon=citron, onion=oignon, mushroom=champignon, apricot=abricot, melon=melon, pineapple=ananas, "
    "hamburger=hamburger, yoghurt=yaourt "
    ", fruit=fruit, vegetable=légume, cabbage=chou, cucumber=concombre, leek=poireau, avocado=avocat, "
    "meal=repas, steak=steak, dessert=dessert | nut=noix, sausage=saucisse, raspberry=framboise, "
    "courgette=courgette, sardine=sardine, date=datte, aubergine=aubergine, lettuce=laitue, waffle=gaufre, "
    "apple=pomme, pear=poire, orange=orange, banana=banane, strawberry=fraise, cherry=cerise, peach=pêche, "
    "carrot=carotte, potato=pomme de terre, tomato=tomate, pizza=pizza, pancake=crêpe, plum=prune, "
    "salad=salade, omelette=omelette, tart=tarte",
    "massfood": "bread=pain, cheese=fromage, butter=beurre, sugar=sucre, salt=sel, rice=riz, chocolate=chocolat, "
    "fish=poisson, chicken=poulet, honey=miel, ham=jambon, pepper=poivre, garlic=ail "
    "| meat=viande, jam=confiture, soup=soupe, salad=salade, cream=crème, flour=farine, ice cream=glace",
    "drinks": "tea=thé, coffee=café, milk=lait, wine=vin, orange juice=jus d'orange, hot chocolate=chocolat chaud, "
    "red wine=vin rouge, apple juice=jus de pomme, white wine=vin blanc, cider=cidre "
    "| water=eau, beer=bière, lemonade=limonade, hot water=eau chaude, cold water=eau froide, mineral water="
    "eau minérale",
    "animals": "cat=chat, dog=chien, horse=cheval, bird=oiseau, rabbit=lapin, lion=lion, tiger=tigre, elephant="
    "éléphant, fish=poisson, pig=cochon, sheep=mouton, bear=ours, monkey=singe, duck=canard, wolf=loup, fox=renard, "
    "snake=serpent, donkey=âne, cockerel=coq, butterfly=papillon, crocodile=crocodile, squirrel=écureuil, "
    "hedgehog=hérisson, swan=cygne, parrot=perroquet, dolphin=dauphin, puppy=chiot, kitten=chaton, goldfish="
    "poisson rouge, hamster=hamster "
    ", camel=chameau, panda=panda, bull=taureau, lamb=agneau, penguin=manchot, pigeon=pigeon, eagle=aigle, "
    "shark=requin, mosquito=moustique, rat=rat, leopard=léopard, insect=insecte, animal=animal, cat=chat, "
    "dog=chien, horse=cheval | ladybird=coccinelle, tortoise=tortue, bat=chauve-souris, panther=panthère, "
    "goose=oie, wasp=guêpe, seagull=mouette, cow=vache, mouse=souris, hen=poule, bee=abeille, spider=araignée, "
    "giraffe=girafe, turtle=tortue, frog="
    "grenouille, goat=chèvre, fly=mouche, ant=fourmi, owl=chouette, whale=baleine",
    "people": "boy=garçon, man=homme, teacher=professeur, doctor=médecin, neighbour=voisin, child=enfant, baby=bébé, "
    "baker=boulanger, friend=ami, student=étudiant, king=roi, driver=chauffeur, policeman=policier, waiter=serveur, "
    "pupil=élève, guest=invité, tourist=touriste, gentleman=monsieur, old man=vieil homme, little boy=petit garçon, "
    "postman=facteur, dentist=dentiste, farmer=fermier, boss=patron, customer=client, young man=jeune homme "
    ", artist=artiste, soldier=soldat, thief=voleur, hero=héros, stranger=inconnu, twin=jumeau, expert=expert, "
    "leader=chef, prince=prince, captain=capitaine, poet=poète, inspector=inspecteur, uncle=oncle, "
    "grandfather=grand-père, husband=mari | aunt=tante, grandmother=grand-mère, mother=mère, sister=sœur, "
    "bride=mariée, witch=sorcière, star=vedette, girl=fille, woman=femme, queen=reine, nurse=infirmière, "
    "lady=dame, person=personne, waitress=serveuse, "
    "little girl=petite fille, old woman=vieille femme, actress=actrice, singer=chanteuse, princess=princesse, "
    "young woman=jeune femme, girlfriend=petite amie",
    "family": "brother=frère, father=père, grandfather=grand-père, son=fils, uncle=oncle, husband=mari, cousin=cousin, "
    "dad=papa, friend=ami, best friend=meilleur ami, neighbour=voisin, nephew=neveu, boyfriend=petit ami, "
    "little brother=petit frère, big brother=grand frère, colleague=collègue, teacher=professeur, boss=patron, "
    "baby=bébé "
    "| sister=sœur, mother=mère, grandmother=grand-mère, daughter=fille, aunt=tante, wife=femme, mum=maman, "
    "niece=nièce, "
    "little sister=petite sœur, big sister=grande sœur, girlfriend=petite amie, family=famille",
    "relatives": "parents=parents, grandparents=grands-parents, children=enfants, friends=amis, brothers=frères, "
    "cousins=cousins, neighbours=voisins, sons=fils, colleagues=collègues, uncles=oncles "
    "| sisters=sœurs, daughters=filles, aunts=tantes",
    "places": "garden=jardin, park=parc, hotel=hôtel, restaurant=restaurant, museum=musée, market=marché, "
    "cinema=cinéma, village=village, theatre=théâtre, zoo=zoo, office=bureau, airport=aéroport, hospital=hôpital, "
    "supermarket=supermarché, café=café, stadium=stade, castle=château, bridge=pont, shop=magasin, port=port, "
    "city centre=centre-ville, town centre=centre-ville, bus stop=arrêt de bus, "
    "car park=parking, police station=poste de police "
    ", playground=terrain de jeux, campsite=camping, tunnel=tunnel, canal=canal, kiosk=kiosque, ground "
    "floor=rez-de-chaussée, first floor=premier étage, gym=gymnase, cemetery=cimetière, shopping centre=centre "
    "commercial, flat=appartement, restaurant=restaurant | tower=tour, prison=prison, cathedral=cathédrale, "
    "country house=maison de campagne, road=route, avenue=avenue, coast=côte, border=frontière, classroom=salle "
    "de classe, petrol station=station-service, town hall=mairie, capital=capitale, region=région, school=école, "
    "library=bibliothèque, station=gare, train station=gare, beach=plage, bakery=boulangerie, "
    "bank=banque, church=église, street=rue, house=maison, town=ville, post office=poste, pharmacy=pharmacie, "
    "forest=forêt, farm=ferme, swimming pool=piscine, university=université, factory=usine, bookshop=librairie, "
    "square=place, exit=sortie, bus station=gare routière, underground station=station de métro, river=rivière, "
    "chemist's=pharmacie, butcher's=boucherie",
    "nature": "tree=arbre, sky=ciel, sun=soleil, lake=lac, snowman=bonhomme de neige, cloud=nuage, wind=vent, "
    "field=champ, path=chemin, rainbow=arc-en-ciel, river=fleuve | sea=mer, mountain=montagne, moon=lune, star=étoile, "
    "island=île, rain=pluie, snow=neige, hill=colline, leaf=feuille, plant=plante, storm=tempête",
    "ideas": "problem=problème, dream=rêve, holiday=jour férié, train ticket=billet de train, "
    "job=travail, flat=appartement, exercise=exercice, word=mot, exam=examen, appointment=rendez-vous, "
    "cold=rhume, plan=projet, "
    "accident=accident, lesson=cours, birthday=anniversaire, meal=repas, concert=concert, trip=voyage, match=match, "
    "secret=secret, success=succès, choice=choix, game=jeu, number=numéro, moment=moment, day=jour, "
    "project=projet, price=prix, sport=sport, dinner=dîner | week=semaine, evening=soirée, night=nuit, life=vie, "
    "hour=heure, minute=minute, love story=histoire d'amour, reason=raison, solution=solution, "
    "discovery=découverte, adventure=aventure, habit=habitude, disease=maladie, piece of news=nouvelle, "
    "race=course, tradition=tradition, shadow=ombre, story=histoire, song=chanson, idea=idée, question=question, "
    "answer=réponse, mistake=erreur, surprise=surprise, "
    "meeting=réunion, party=fête, lesson=leçon, language=langue, address=adresse, headache=migraine",
}
MASS_ONLY = {"garlic"}
PLURAL_ODD = {
    "œil": "yeux",
    "œuf": "œufs",
    "monsieur": "messieurs",
    "festival": "festivals",
    "bleu": "bleus",
    "cheval": "chevaux",
    "journal": "journaux",
    "hôpital": "hôpitaux",
    "animal": "animaux",
    "pneu": "pneus",
    "travail": "travaux",
    "genou": "genoux",
    "chou": "choux",
    "bijou": "bijoux",
    "vieil homme": "vieux hommes",
    "cerf-volant": "cerfs-volants",
    "chauve-souris": "chauves-souris",
    "héros": "héros",
    "station-service": "stations-service",
    "rez-de-chaussée": "rez-de-chaussée",
    "couvre-lit": "couvre-lits",
    "grand-père": "grands-pères",
    "grand-mère": "grands-mères",
    "arc-en-ciel": "arcs-en-ciel",
    "centre-ville": "centres-villes",
}
ENGLISH_PLURAL_ODD = {
    "sheep": "sheep",
    "fish": "fish",
    "goldfish": "goldfish",
    "mouse": "mice",
    "wolf": "wolves",
    "knife": "knives",
    "leaf": "leaves",
    "shelf": "shelves",
    "child": "children",
    "man": "men",
    "woman": "women",
    "old man": "old men",
    "old woman": "old women",
    "young man": "young men",
    "young woman": "young women",
    "gentleman": "gentlemen",
    "policeman": "policemen",
    "postman": "postmen",
    "wife": "wives",
    "person": "people",
    "piano": "pianos",
    "photo": "photos",
    "zoo": "zoos",
    "radio": "radios",
    "roof": "roofs",
    "snowman": "snowmen",
    "pair of shoes": "pairs of shoes",
    "pair of glasses": "pairs of glasses",
    "bowl of soup": "bowls of soup",
    "piece of news": "pieces of news",
    "goose": "geese",
    "thief": "thieves",
    "hero": "heroes",
    "shopping centre": "shopping centres",
    "life": "lives",
    "avocado": "avocados",
    "kilo": "kilos",
    "ground floor": "ground floors",
}
NO_PLURAL = {
    "soap",
    "paper",
    "first floor",
    "butcher's",
    "chemist's",
    "stairs",
    "rain",
    "snow",
    "sun",
    "sky",
    "moon",
    "wind",
    "family",
    "river",
}

# English: masculine feminine; "before" adjectives stand before the French noun. What they can be said of comes first.
LOOKS = {
    "colour": "red=rouge rouge, green=vert verte, black=noir noire, white=blanc blanche, yellow=jaune jaune, "
    "brown=marron marron, blue=bleu bleue, grey=gris grise, pink=rose rose, purple=violet violette, "
    "orange=orange orange",
    "thing": "round=rond ronde, broken=cassé cassée, clean=propre propre, dirty=sale sale, expensive=cher chère, "
    "cheap=bon_marché bon_marché, strange=étrange étrange, heavy=lourd lourde, light=léger légère, "
    "magnificent=magnifique magnifique, interesting=intéressant intéressante, important=important importante, "
    "useful=utile utile, comfortable=confortable confortable, empty=vide vide, full=plein pleine, "
    "modern=moderne moderne, open=ouvert ouverte, closed=fermé fermée, wet=mouillé mouillée, dry=sec sèche, "
    "warm=chaud chaude, cold=froid froide, hard=dur dure, soft=doux douce, simple=simple simple, "
    "wonderful=merveilleux merveilleuse, boring=ennuyeux ennuyeuse, dangerous=dangereux dangereuse, "
    "difficult=difficile difficile, easy=facile facile, free=gratuit gratuite, famous=célèbre célèbre, "
    "perfect=parfait parfaite, quiet=calme calme, different=différent différente, ready=prêt prête, "
    "small=petit petite, big=grand grande, large=grand grande, beautiful=beau belle, old=vieux vieille, "
    "new=nouveau nouvelle, "
    "pretty=joli jolie, long=long longue, short=court courte, funny=drôle drôle",
    "taste": "delicious=délicieux délicieuse, good=bon bonne, bad=mauvais mauvaise, hot=chaud chaude, cold=froid "
    "froide, "
    "fresh=frais fraîche, sweet=sucré sucrée, excellent=excellent excellente, too salty=trop_salé trop_salée",
    "person": "happy=heureux heureuse, sad=triste triste, tired=fatigué fatiguée, ill=malade malade, sick=malade "
    "malade, "
    "ready=prêt prête, alone=seul seule, angry=fâché fâchée, young=jeune jeune, old=vieux vieille, tall=grand grande, "
    "kind=gentil gentille, late=en_retard en_retard, surprised=surpris surprise, rich=riche riche, poor=pauvre pauvre, "
    "funny=drôle drôle, nice=gentil gentille, intelligent=intelligent intelligente, clever=intelligent intelligente, "
    "busy=occupé occupée, strong=fort forte, polite=poli polie, shy=timide timide, brave=courageux courageuse, "
    "worried=inquiet inquiète, nervous=nerveux nerveuse, married=marié mariée, "
    "proud=fier fière, calm=calme calme, curious=curieux curieuse, beautiful=beau belle, famous=célèbre célèbre, "
    "jealous=jaloux jalouse, lazy=paresseux paresseuse, serious=sérieux sérieuse, small=petit petite, "
    "French=français française, English=anglais anglaise, German=allemand allemande, American=américain américaine, "
    "Italian=italien italienne, Spanish=espagnol espagnole, Canadian=canadien canadienne, Japanese=japonais japonaise, "
    "disappointed=déçu déçue, in love=amoureux amoureuse, sorry=désolé désolée, "
    "pleased=content contente, glad=content contente, blind=aveugle aveugle, deaf=sourd sourde, "
    "sure=sûr sûre, certain=certain certaine, lost=perdu perdue, free=libre libre, on time=à_l'heure à_l'heure, "
    "early=en_avance en_avance, on holiday=en_vacances en_vacances, at home=à_la_maison à_la_maison, "
    "well=en_forme en_forme, "
    "excited=enthousiaste enthousiaste, injured=blessé blessée, quiet=silencieux silencieuse, dead=mort morte",
}
BEFORE = {  # French adjectives that stand before the noun
    "petit", "grand", "beau", "vieux", "nouveau", "joli", "bon", "mauvais", "jeune", "long", "excellent", "gentil",
}  # fmt: skip
BEFORE_VOWEL = {"beau": "bel", "vieux": "vieil", "nouveau": "nouvel"}
NOT_BEFORE_NOUN = {
    "ready",
    "late",
    "alone",
    "tired",
    "ill",
    "sorry",
    "early",
    "ashamed",
    "open",
    "closed",
    "free",
    "quiet",
    "well",
    "sure",
    "glad",
    "pleased",
    "lost",
    "certain",
    "dead",
    "light",
    "bored",
    "in_love",
    "on_time",
    "on_holiday",
    "at_home",
    "right_here",
    "too_salty",
    "cheap",
}
PROFESSIONS = (
    "doctor=médecin médecin, teacher=professeur professeure, nurse=infirmier infirmière, student=étudiant étudiante, "
    "engineer=ingénieur ingénieure, lawyer=avocat avocate, baker=boulanger boulangère, cook=cuisinier cuisinière, "
    "farmer=agriculteur agricultrice, journalist=journaliste journaliste, musician=musicien musicienne, "
    "singer=chanteur chanteuse, actor=acteur actrice, waiter=serveur serveuse, dentist=dentiste dentiste, "
    "painter=peintre peintre, writer=écrivain écrivaine, secretary=secrétaire secrétaire, driver=chauffeur chauffeuse, "
    "mechanic=mécanicien mécanicienne, police officer=policier policière, firefighter=pompier pompière, "
    "hairdresser=coiffeur coiffeuse, architect=architecte architecte, pilot=pilote pilote, scientist=scientifique "
    "scientifique, photographer=photographe photographe, librarian=bibliothécaire bibliothécaire, vet=vétérinaire "
    "vétérinaire, gardener=jardinier jardinière, butcher=boucher bouchère, programmer=programmeur programmeuse, "
    "pharmacist=pharmacien pharmacienne"
)
COUNTRIES = (  # English=French with its "in"
    "France=en France, England=en Angleterre, Germany=en Allemagne, Italy=en Italie, Spain=en Espagne, "
    "Belgium=en Belgique, Switzerland=en Suisse, Portugal=au Portugal, Canada=au Canada, Japan=au Japon, "
    "Russia=en Russie, China=en Chine, India=en Inde, Africa=en Afrique, Brazil=au Brésil, Mexico=au Mexique, "
    "Morocco=au Maroc, the United States=aux États-Unis, Ireland=en Irlande, Scotland=en Écosse, Europe=en Europe, "
    "Greece=en Grèce, Poland=en Pologne, Australia=en Australie, Sweden=en Suède, Senegal=au Sénégal, Algeria=en "
    "Algérie, "
    "Turkey=en Turquie, Egypt=en Égypte, Norway=en Norvège, the Netherlands=aux Pays-Bas"
)
CITIES = (
    "Paris, Lyon, Berlin, Rome, Madrid, Lisbon=Lisbonne, Brussels=Bruxelles, Geneva=Genève, Vienna=Vienne, Dublin, "
    "London=Londres, New York, Marseille, Bordeaux, Nice, Toulouse, Lille, Strasbourg, Nantes, Montreal=Montréal, "
    "Tokyo, Moscow=Moscou, Athens=Athènes, Barcelona=Barcelone, Venice=Venise, Boston, Quebec=Québec, Dakar, Rennes"
)
LANGUAGES = (
    "French=français, English=anglais, German=allemand, Spanish=espagnol, Italian=italien, Russian=russe, "
    "Chinese=chinois, Japanese=japonais, Arabic=arabe, Portuguese=portugais, Dutch=néerlandais"
)
NAMES = (
    [
        "Anna",
        "Marie",
        "Julie",
        "Emma",
        "Alice",
        "Sophie",
        "Clara",
        "Nina",
        "Sarah",
        "Laura",
        "Camille",
        "Léa",
        "Claire",
        "Mary",
        "Jane",
        "Lucy",
        "Charlotte",
        "Helen",
        "Kate",
        "Zoé",
        "Eva",
        "Lisa",
        "Louise",
        "Amélie",
        "Nadia",
        "Susan",
    ],
    [
        "Paul",
        "Peter",
        "Lucas",
        "Tom",
        "David",
        "Hugo",
        "Martin",
        "Louis",
        "John",
        "Pierre",
        "Thomas",
        "Nicolas",
        "Max",
        "Antoine",
        "Jack",
        "Daniel",
        "Simon",
        "Robert",
        "Karim",
        "Michael",
        "Oliver",
        "Théo",
        "Jules",
        "Henri",
        "George",
        "Leo",
        "James",
        "Ben",
        "Mark",
    ],
)
NUMBERS = (
    "two=deux, three=trois, four=quatre, five=cinq, six=six, seven=sept, eight=huit, nine=neuf, ten=dix, eleven=onze, "
    "twelve=douze, twenty=vingt, 2=2, 3=3, 5=5, 10=10, twenty-five=vingt-cinq, thirty=trente, fifteen=quinze, "
    "a hundred=cent, fifty=cinquante"
)
AGES = (
    "five=cinq, six=six, seven=sept, eight=huit, nine=neuf, ten=dix, eleven=onze, twelve=douze, thirteen=treize, "
    "fourteen=quatorze, fifteen=quinze, sixteen=seize, seventeen=dix-sept, eighteen=dix-huit, nineteen=dix-neuf, "
    "twenty=vingt, twenty-one=vingt et un, twenty-two=vingt-deux, twenty-three=vingt-trois, "
    "twenty-five=vingt-cinq, twenty-eight=vingt-huit, "
    "thirty=trente, thirty-five=trente-cinq, forty=quarante, fifty=cinquante, sixty=soixante, seventy=soixante-dix, "
    "eighty=quatre-vingts, ninety=quatre-vingt-dix, 8=8, 12=12, 15=15, 18=18, 20=20, 25=25, 30=30, 42=42"
)
HOURS = (
    "one=une heure, two=deux heures, three=trois heures, four=quatre heures, five=cinq heures, six=six heures, "
    "seven=sept heures, eight=huit heures, nine=neuf heures, ten=dix heures, eleven=onze heures"
)
DAYS = (
    "Monday=lundi, Tuesday=mardi, Wednesday=mercredi, Thursday=jeudi, Friday=vendredi, Saturday=samedi, Sunday=dimanche"
)
MONTHS = (
    "January=janvier, February=février, March=mars, April=avril, May=mai, June=juin, July=juillet, August=août, "
    "September=septembre, October=octobre, November=novembre, December=décembre"
)
SEASONS = "spring=au printemps, summer=en été, autumn=en automne, winter=en hiver"
WHERE = (
    "on=sur, under=sous, behind=derrière, in front of=devant, in=dans, next to=à côté de, near=près de, "
    "between the chair and=entre la chaise et, far from=loin de, opposite=en face de"
)
WHEN = {
    "always": "every day=tous les jours, every morning=tous les matins, every evening=tous les soirs, on Sundays="
    "le dimanche, in the morning=le matin, in the evening=le soir, very often=très souvent, too much=trop, a "
    "lot=beaucoup, "
    "every week=toutes les semaines, in the afternoon=l'après-midi, at night=la nuit, on Saturdays=le samedi, "
    "in summer=en été, in winter=en hiver, every year=tous les ans, every Monday=tous les lundis, at the "
    "weekend=le week-end",
    "now": "now=maintenant, today=aujourd'hui, at the moment=en ce moment, this morning=ce matin, this evening=ce soir",
    "past": "yesterday=hier, last night=hier soir, last week=la semaine dernière, this morning=ce matin, "
    "last year=l'année dernière, two days ago=il y a deux jours, last month=le mois dernier, yesterday evening="
    "hier soir, last Sunday=dimanche dernier, yesterday morning=hier matin, three years ago=il y a trois ans, "
    "a week ago=il y a une semaine, last summer=l'été dernier, today=aujourd'hui",
    "future": "tomorrow=demain, this evening=ce soir, tonight=ce soir, next week=la semaine prochaine, soon=bientôt, "
    "tomorrow morning=demain matin, next year=l'année prochaine, on Monday=lundi, on Sunday=dimanche, "
    "on Friday=vendredi, next month=le mois prochain, tomorrow evening=demain soir, this afternoon=cet après-midi, "
    "next Saturday=samedi prochain, at eight o'clock=à huit heures, in an hour=dans une heure, later=plus tard, "
    "this weekend=ce week-end, next summer=l'été prochain",
}
MIDDLE = "often=souvent, always=toujours, sometimes=parfois, never=jamais, also=aussi, really=vraiment, still=encore"

# Verbs with an object: English=French infinitive: topics of its object. "prep" stands before the object in French.
TRANSITIVE = """\
eat=manger: countfood massfood
drink=boire: drinks
buy=acheter: things clothes countfood massfood drinks vehicles furniture
want=vouloir: things countfood drinks massfood clothes
see=voir: things animals people vehicles places nature family
like=aimer: things people animals places family countfood
look for=chercher: things clothes places people animals
find=trouver: things clothes places animals
take=prendre: things vehicles clothes countfood
sell=vendre: things clothes vehicles furniture countfood
draw=dessiner: animals things nature people vehicles
need=avoir besoin de: things clothes furniture
open=ouvrir: house things
close=fermer: house
clean=nettoyer: house furniture
wash=laver: clothes vehicles
wear=porter: clothes
lose=perdre: things clothes
forget=oublier: things clothes ideas
know=connaître: people places family
love=aimer: family people animals nature
watch=regarder: nature animals people
look at=regarder: things nature people animals
listen to=écouter: people family
wait for=attendre: people vehicles family
help=aider: people family
visit=visiter: places
call=appeler: people family
meet=rencontrer: people
invite=inviter: people family
hear=entendre: animals people vehicles
sell=vendre: countfood things
carry=porter: things
bring=apporter: things countfood drinks
prepare=préparer: countfood massfood drinks
cut=couper: massfood countfood
break=casser: things furniture
repair=réparer: vehicles furniture
hide=cacher: things
drive=conduire: vehicles
choose=choisir: things clothes countfood
give=donner: things
show=montrer: things clothes
talk to=parler à: people family
answer=répondre à: people family
think of=penser à: people family ideas
speak about=parler de: people family ideas
write to=écrire à: people family
understand=comprendre: ideas people
have=avoir: ideas things animals vehicles clothes
prefer=préférer: things countfood clothes
remember=se souvenir de: ideas people
paint=peindre: house furniture nature
hate=détester: animals countfood
feed=nourrir: animals
cook=cuisiner: massfood
order=commander: countfood drinks
touch=toucher: things animals
throw=lancer: things
keep=garder: things
steal=voler: things
use=utiliser: things vehicles
leave=quitter: places
photograph=photographier: animals nature people
miss=rater: vehicles
thank=remercier: people family
recognise=reconnaître: people places
pay for=payer: things countfood drinks
turn on=allumer: things
turn off=éteindre: things
fill=remplir: things
look like=ressembler à: family people
ask for=demander: things countfood drinks
introduce=présenter: family people
wake up=réveiller: family people
follow=suivre: people animals
cross=traverser: places nature
enter=entrer dans: house places
learn=apprendre: ideas
repeat=répéter: ideas
explain=expliquer: ideas
translate=traduire: ideas
move=déplacer: furniture
rent=louer: vehicles
collect=collectionner: things
grow=cultiver: countfood
smell=sentir: countfood massfood
taste=goûter: countfood massfood
admire=admirer: people nature
disturb=déranger: people family
forgive=pardonner à: people family"""
STATIVE = {
    "want",
    "like",
    "need",
    "know",
    "love",
    "understand",
    "have",
    "prefer",
    "remember",
    "hate",
    "be",
    "hear",
    "see",
    "recognise",
    "think",
}

# What people do, with nothing to fill in: English=French. "his" and "son" agree with whoever does it.
DOINGS = """\
sleep=dormir
sing=chanter
work=travailler
dance=danser
play=jouer
read=lire
eat=manger
wait=attendre
write=écrire
run=courir
walk=marcher
swim=nager
cook=cuisiner
travel=voyager
smoke=fumer
drive=conduire
laugh=rire
cry=pleurer
smile=sourire
shout=crier
speak=parler
talk=parler
listen=écouter
think=réfléchir
fall=tomber
leave=partir
arrive=arriver
come back=revenir
come home=rentrer à la maison
go home=rentrer à la maison
go out=sortir
come=venir
stay at home=rester à la maison
stay in bed=rester au lit
stay here=rester ici
come with us=venir avec nous
come with me=venir avec moi
live here=habiter ici
work here=travailler ici
live in the country=habiter à la campagne
live in a small village=habiter dans un petit village
live in a big house=habiter dans une grande maison
live alone=vivre seul{e}
work in a bank=travailler dans une banque
work in an office=travailler dans un bureau
work at home=travailler à la maison
work in a hospital=travailler dans un hôpital
work in a factory=travailler dans une usine
work in a shop=travailler dans un magasin
work a lot=travailler beaucoup
eat too much=manger trop
eat in a restaurant=manger au restaurant
eat at home=manger à la maison
sleep on the sofa=dormir sur le canapé
play in the garden=jouer dans le jardin
play in the park=jouer dans le parc
play outside=jouer dehors
walk in the forest=marcher dans la forêt
run in the park=courir dans le parc
swim in the sea=nager dans la mer
swim in the lake=nager dans le lac
play football=jouer au football
play tennis=jouer au tennis
play basketball=jouer au basket
play chess=jouer aux échecs
play cards=jouer aux cartes
play the piano=jouer du piano
play the guitar=jouer de la guitare
play the violin=jouer du violon
play video games=jouer aux jeux vidéo
play with the dog=jouer avec le chien
play with a ball=jouer avec un ballon
play with my friends=jouer avec mes amis
go to school=aller à l'école
go to work=aller au travail
go to the cinema=aller au cinéma
go to the beach=aller à la plage
go to the doctor=aller chez le médecin
go to the dentist=aller chez le dentiste
go to the market=aller au marché
go to church=aller à l'église
go on holiday=partir en vacances
go for a walk=se promener
take a walk=se promener
go shopping=faire les courses
do the shopping=faire les courses
go swimming=aller nager
go skiing=aller skier
go fishing=aller à la pêche
go to bed=se coucher
go to bed early=se coucher tôt
go to bed late=se coucher tard
go to sleep=s'endormir
fall asleep=s'endormir
get up=se lever
get up early=se lever tôt
get up at seven o'clock=se lever à sept heures
wake up=se réveiller
wake up early=se réveiller tôt
get dressed=s'habiller
get married=se marier
sit down=s'asseoir
have breakfast=prendre le petit déjeuner
have lunch=déjeuner
have dinner=dîner
have a drink=boire un verre
have a bath=prendre un bain
have a shower=prendre une douche
take a shower=prendre une douche
have fun=s'amuser
wash the dishes=faire la vaisselle
do the dishes=faire la vaisselle
do the washing-up=faire la vaisselle
do the housework=faire le ménage
do sport=faire du sport
clean the house=nettoyer la maison
tidy the room=ranger la chambre
cook dinner=préparer le dîner
make dinner=préparer le dîner
make breakfast=préparer le petit déjeuner
make a cake=faire un gâteau
bake a cake=faire un gâteau
bake bread=faire du pain
make coffee=faire du café
make a mistake=faire une erreur
make mistakes=faire des erreurs
make noise=faire du bruit
watch television=regarder la télévision
watch TV=regarder la télévision
watch a film=regarder un film
listen to music=écouter de la musique
listen to the radio=écouter la radio
read a book=lire un livre
read the newspaper=lire le journal
read books=lire des livres
write a letter=écrire une lettre
write a book=écrire un livre
write emails=écrire des courriels
send an email=envoyer un courriel
send a letter=envoyer une lettre
take photos=prendre des photos
take the train=prendre le train
take the bus=prendre le bus
take a taxi=prendre un taxi
catch the bus=prendre le bus
miss the train=rater le train
miss the bus=rater le bus
drive a car=conduire une voiture
ride a bike=faire du vélo
ride a horse=monter à cheval
speak French=parler français
speak English=parler anglais
speak Spanish=parler espagnol
speak German=parler allemand
speak a little French=parler un peu français
learn French=apprendre le français
learn English=apprendre l'anglais
study=étudier
study at university=étudier à l'université
teach English=enseigner l'anglais
learn a new language=apprendre une nouvelle langue
learn to swim=apprendre à nager
learn to drive=apprendre à conduire
understand=comprendre
understand the question=comprendre la question
know the answer=connaître la réponse
ask a question=poser une question
ask questions=poser des questions
tell a story=raconter une histoire
tell the truth=dire la vérité
say goodbye=dire au revoir
say hello=dire bonjour
call the police=appeler la police
call a doctor=appeler un médecin
call a taxi=appeler un taxi
pay by card=payer par carte
pay the bill=payer l'addition
spend too much money=dépenser trop d'argent
save money=économiser de l'argent
earn a lot of money=gagner beaucoup d'argent
win the match=gagner le match
lose the game=perdre la partie
win=gagner
lose=perdre
open the window=ouvrir la fenêtre
open the door=ouvrir la porte
close the door=fermer la porte
close the window=fermer la fenêtre
turn off the light=éteindre la lumière
turn on the light=allumer la lumière
turn off the television=éteindre la télévision
turn left=tourner à gauche
turn right=tourner à droite
go straight ahead=aller tout droit
cross the street=traverser la rue
wait for the bus=attendre le bus
look out of the window=regarder par la fenêtre
look at the stars=regarder les étoiles
feed the cat=nourrir le chat
walk the dog=promener le chien
water the plants=arroser les plantes
work in the garden=travailler dans le jardin
help people=aider les gens
help at home=aider à la maison
start=commencer
begin=commencer
finish=finir
finish the work=finir le travail
finish the book=finir le livre
stop=s'arrêter
stop smoking=arrêter de fumer
try=essayer
try again=essayer encore
hurry=se dépêcher
rest=se reposer
relax=se détendre
dream=rêver
live in Paris=habiter à Paris
live in London=habiter à Londres
live in France=habiter en France
live near the station=habiter près de la gare
live near the sea=habiter près de la mer
arrive late=arriver en retard
be late=être en retard
be on time=être à l'heure
leave early=partir tôt
come to the party=venir à la fête
visit Paris=visiter Paris
visit France=visiter la France
visit the museum=visiter le musée
see the sea=voir la mer
see the doctor=voir le médecin
see a film=voir un film
eat meat=manger de la viande
eat fish=manger du poisson
eat bread=manger du pain
eat an apple=manger une pomme
eat ice cream=manger de la glace
drink alcohol=boire de l'alcool
drink coffee=boire du café
drink tea=boire du thé
drink milk=boire du lait
drink a lot of water=boire beaucoup d'eau
buy bread=acheter du pain
buy a house=acheter une maison
buy a new car=acheter une nouvelle voiture
buy clothes=acheter des vêtements
sell the house=vendre la maison
rent a car=louer une voiture
rent a flat=louer un appartement
book a room=réserver une chambre
book a table=réserver une table
pack the suitcase=faire la valise
wear glasses=porter des lunettes
wear a hat=porter un chapeau
sing a song=chanter une chanson
sing very well=chanter très bien
dance well=danser bien
cook very well=cuisiner très bien
dance together=danser ensemble
believe in God=croire en Dieu
tell lies=dire des mensonges
fall off the bike=tomber de vélo
play together=jouer ensemble
live together=vivre ensemble
work together=travailler ensemble
eat together=manger ensemble
change the subject=changer de sujet
change jobs=changer de travail
look for a job=chercher un travail
find a job=trouver un travail
find a solution=trouver une solution
grow flowers=faire pousser des fleurs
fly=voler
catch a cold=attraper un rhume
break a glass=casser un verre
paint the wall=peindre le mur
build a house=construire une maison
need help=avoir besoin d'aide
need money=avoir besoin d'argent
need time=avoir besoin de temps
need a holiday=avoir besoin de vacances
celebrate=faire la fête
repeat the question=répéter la question
follow the path=suivre le chemin
come downstairs=descendre
get off the bus=descendre du bus
get on the train=monter dans le train
enter the room=entrer dans la pièce
leave the house=quitter la maison
take the children to school=emmener les enfants à l'école
learn quickly=apprendre vite
run fast=courir vite
drive too fast=conduire trop vite
speak slowly=parler lentement
speak louder=parler plus fort
eat slowly=manger lentement
live in this house=habiter dans cette maison
listen to the teacher=écouter le professeur
wait for the train=attendre le train
wait for my friends=attendre mes amis
do my homework=faire mes devoirs
do their homework=faire leurs devoirs
wash the car=laver la voiture
make the bed=faire le lit
make a phone call=passer un coup de téléphone
make friends=se faire des amis
make progress=faire des progrès
take a holiday=prendre des vacances
take a break=faire une pause
take the plane=prendre l'avion
take the underground=prendre le métro
take the dog for a walk=promener le chien
have a picnic=faire un pique-nique
have a coffee=prendre un café
have a rest=se reposer
have a look=jeter un coup d'œil
give a present=offrir un cadeau
lay the table=mettre la table
set the table=mettre la table
tidy up=ranger
look after the children=s'occuper des enfants
look after the baby=s'occuper du bébé
get up late=se lever tard
get angry=se mettre en colère
grow old=vieillir
grow up=grandir
move=bouger
jump=sauter
climb the tree=grimper à l'arbre
ski=skier
skate=patiner
sail=faire du bateau
camp=camper
paint=peindre
draw=dessiner
count=compter
pray=prier
change=changer
breathe=respirer
live abroad=vivre à l'étranger
live in peace=vivre en paix
die=mourir
succeed=réussir
pass the exam=réussir l'examen
fail the exam=rater l'examen
follow the news=suivre les informations
watch the match=regarder le match
watch cartoons=regarder des dessins animés
go to the mountains=aller à la montagne
go to the sea=aller à la mer
go to the library=aller à la bibliothèque
go to the hairdresser's=aller chez le coiffeur
go to the swimming pool=aller à la piscine
go to the theatre=aller au théâtre
go to the restaurant=aller au restaurant
go by train=aller en train
go for a run=aller courir
come by car=venir en voiture
come by bike=venir à vélo
travel by plane=voyager en avion
travel alone=voyager seul{e}
travel a lot=voyager beaucoup
walk to school=aller à l'école à pied
cycle to work=aller au travail à vélo
drive to work=aller au travail en voiture
learn the alphabet=apprendre l'alphabet
learn Spanish=apprendre l'espagnol
learn a poem=apprendre un poème
speak with the teacher=parler avec le professeur
talk too much=parler trop
talk about the weather=parler du temps
sing in a choir=chanter dans une chorale
sing in the shower=chanter sous la douche
dance all night=danser toute la nuit
work all day=travailler toute la journée
sleep all day=dormir toute la journée
wait a long time=attendre longtemps
stay a week=rester une semaine
stay at the hotel=rester à l'hôtel
stay for dinner=rester dîner
eat chocolate=manger du chocolat
eat vegetables=manger des légumes
eat with a fork=manger avec une fourchette
drink wine=boire du vin
drink beer=boire de la bière
drink water=boire de l'eau
buy flowers=acheter des fleurs
buy a present=acheter un cadeau
buy milk=acheter du lait
write a poem=écrire un poème
write in French=écrire en français
read in bed=lire au lit
read a newspaper=lire un journal
read a lot=lire beaucoup
use the computer=utiliser l'ordinateur
repair the car=réparer la voiture
cut the bread=couper le pain
break the window=casser la fenêtre
close the shutters=fermer les volets
take care of the garden=s'occuper du jardin
plant trees=planter des arbres
pay in cash=payer en espèces
pay the rent=payer le loyer
lose patience=perdre patience
lose weight=perdre du poids
put on weight=grossir
win a prize=gagner un prix
play a game=jouer à un jeu
play hide-and-seek=jouer à cache-cache
play rugby=jouer au rugby
play in the snow=jouer dans la neige
play in the street=jouer dans la rue
play music=jouer de la musique
meet friends=retrouver des amis
see friends=voir des amis
invite friends=inviter des amis
visit the castle=visiter le château
get lost=se perdre
get bored=s'ennuyer
get ready=se préparer
wash=se laver
shave=se raser
get undressed=se déshabiller
remember=se souvenir"""
# States: be or have in English, être or avoir in French.
STATES = """\
be hungry=avoir faim
be very hungry=avoir très faim
be thirsty=avoir soif
be very thirsty=avoir très soif
be cold=avoir froid
be hot=avoir chaud
be afraid=avoir peur
be afraid of spiders=avoir peur des araignées
be afraid of the dark=avoir peur du noir
be afraid of dogs=avoir peur des chiens
be right=avoir raison
be wrong=avoir tort
be sleepy=avoir sommeil
be ashamed=avoir honte
be in the garden=être dans le jardin
be in the kitchen=être dans la cuisine
be in Paris=être à Paris
be in France=être en France
be at home=être à la maison
be at school=être à l'école
be at work=être au travail
be in bed=être au lit
be here=être ici
be there=être là
be in a hurry=être pressé{e}
be at the restaurant=être au restaurant
be on the train=être dans le train
be in the car=être dans la voiture
be at the station=être à la gare
be outside=être dehors
be from France=venir de France
be from England=venir d'Angleterre
be in a meeting=être en réunion
be on the phone=être au téléphone
be in a good mood=être de bonne humeur
be in a bad mood=être de mauvaise humeur
be on holiday=être en vacances
have blue eyes=avoir les yeux bleus
have brown eyes=avoir les yeux marron
have long hair=avoir les cheveux longs
have short hair=avoir les cheveux courts
have brown hair=avoir les cheveux bruns
have blond hair=avoir les cheveux blonds
have a headache=avoir mal à la tête
have a stomach ache=avoir mal au ventre
have a sore throat=avoir mal à la gorge
have toothache=avoir mal aux dents
have a cold=avoir un rhume
have a fever=avoir de la fièvre
have a dog=avoir un chien
have a cat=avoir un chat
have two children=avoir deux enfants
have three children=avoir trois enfants
have a lot of friends=avoir beaucoup d'amis
have a lot of work=avoir beaucoup de travail
have a big family=avoir une grande famille
have a new car=avoir une nouvelle voiture
have a question=avoir une question
have a problem=avoir un problème
have an idea=avoir une idée
have a brother=avoir un frère
have two sisters=avoir deux sœurs
have a brother and a sister=avoir un frère et une sœur
have time=avoir le temps
have enough money=avoir assez d'argent
have an appointment=avoir un rendez-vous
have the key=avoir la clé
know=savoir
know Paul=connaître Paul
like music=aimer la musique
like sport=aimer le sport
like French food=aimer la cuisine française
like animals=aimer les animaux
like the sea=aimer la mer
like this song=aimer cette chanson
like winter=aimer l'hiver
like summer=aimer l'été
love chocolate=adorer le chocolat
love music=adorer la musique
love dogs=adorer les chiens
hate Mondays=détester le lundi
hate the rain=détester la pluie
hate mushrooms=détester les champignons
prefer tea=préférer le thé
prefer coffee=préférer le café
prefer the train=préférer le train
live in Berlin=habiter à Berlin
seem tired=avoir l'air fatigué
look tired=avoir l'air fatigué
look happy=avoir l'air heureux
feel better=se sentir mieux
feel good=se sentir bien
feel bad=se sentir mal
feel tired=se sentir fatigué{e}
belong to me=être à moi
be from Paris=venir de Paris
be in the street=être dans la rue
be at the market=être au marché
be with me=être avec moi
be with my friends=être avec mes amis
be at the beach=être à la plage
be at the doctor's=être chez le médecin
be in the living room=être dans le salon
be on the bus=être dans le bus
be at the hospital=être à l'hôpital
be on the left=être à gauche
be in danger=être en danger
be a child=être un enfant
be an only child=être enfant unique
be good at maths=être bon en maths
be afraid of snakes=avoir peur des serpents
be afraid of flying=avoir peur de l'avion
be afraid of the dog=avoir peur du chien
be allergic to cats=être allergique aux chats
be older than me=être plus âgé{e} que moi
be younger than me=être plus jeune que moi
be taller than me=être plus grand{e} que moi
be used to it=être habitué{e}
have green eyes=avoir les yeux verts
have curly hair=avoir les cheveux bouclés
have a moustache=avoir une moustache
have a garden=avoir un jardin
have a house=avoir une maison
have a bike=avoir un vélo
have a son=avoir un fils
have a daughter=avoir une fille
have a good job=avoir un bon travail
have four children=avoir quatre enfants
have a beautiful smile=avoir un beau sourire
have lots of books=avoir beaucoup de livres
have many friends=avoir beaucoup d'amis
have an exam=avoir un examen
have a secret=avoir un secret
have homework=avoir des devoirs
have a dream=avoir un rêve
have the time=avoir le temps
like tea=aimer le thé
like coffee=aimer le café
like cheese=aimer le fromage
like dogs=aimer les chiens
like football=aimer le football
like school=aimer l'école
like flowers=aimer les fleurs
like horses=aimer les chevaux
like the cinema=aimer le cinéma
like this town=aimer cette ville
like this film=aimer ce film
like chocolate=aimer le chocolat
like children=aimer les enfants
love Paris=adorer Paris
love animals=adorer les animaux
love the sea=adorer la mer
love ice cream=adorer la glace
hate fish=détester le poisson
hate spiders=détester les araignées
hate school=détester l'école
hate winter=détester l'hiver
prefer summer=préférer l'été
prefer cats=préférer les chats
prefer red wine=préférer le vin rouge
know the answer=connaître la réponse
know this song=connaître cette chanson
know Paris=connaître Paris
know the way=connaître le chemin
know the truth=savoir la vérité
want a coffee=vouloir un café
want a dog=vouloir un chien
want the truth=vouloir la vérité
need a doctor=avoir besoin d'un médecin
need a car=avoir besoin d'une voiture
need a new computer=avoir besoin d'un nouvel ordinateur
need sleep=avoir besoin de sommeil
need water=avoir besoin d'eau"""
