"""French words that sentences are made of: moments, people, places, moods; all invented or common."""

WORDS: dict[str, list[str]] = {
    # when, how long, how many
    "quand": [
        "ce matin", "hier soir", "lundi", "mardi dernier", "cette semaine", "la semaine dernière", "avant-hier", "cet aprem", "hier midi",
        "samedi", "tout à l'heure", "à l'instant", "vendredi en rentrant du boulot", "hier en sortant du travail", "dimanche", "il y a trois jours",
        "ce midi", "jeudi", "en début de semaine", "la nuit dernière", "il y a dix minutes", "mercredi après l'école",
    ],
    "depuis": [
        "depuis {n} jours", "depuis {n} semaines", "depuis {n} mois", "depuis un an", "depuis la rentrée", "depuis l'été", "depuis l'hiver",
        "depuis {annee}", "depuis lundi", "depuis le printemps", "depuis un bail", "depuis longtemps", "depuis {n} ans",
        "depuis Noël", "depuis la fac", "depuis Pâques", "depuis le changement d'heure",
    ],
    "apres": [
        "au bout de {n} jours", "au bout de {n} semaines", "après {n} mois", "en {n} semaines", "après {n} semaines", "en même pas {n} jours", "au bout d'un mois",
        "après un trimestre", "petit à petit", "dès la première semaine", "après six mois de galère", "assez vite",
    ],
    "n": ["deux", "trois", "quatre", "cinq", "six", "sept", "huit", "dix", "douze", "quinze", "3", "4", "2", "6", "10"],
    "annee": ["2012", "2014", "2016", "2017", "2018", "2019", "2020", "2021", "2022", "2023", "2024"],
    "age": ["19", "24", "28", "31", "35", "38", "42", "46", "50", "53", "57", "61", "64", "68", "71", "75"],
    "d": ["2", "3", "4", "5", "6", "7", "8", "9"],
    "heure": ["à 6h", "à 7h pile", "vers 5h30", "le matin à jeun", "au coucher", "en pleine nuit", "avant le café", "à 22h", "entre deux réunions", "au réveil"],
    "euros": ["3 €", "4,20 €", "6 euros", "7,50€", "8 balles", "11 euros", "12,90 €", "15 €", "18 euros", "23€", "une vingtaine d'euros", "9 euros et des poussières"],
    "ville": [
        "Tours", "Lille", "Brest", "Dijon", "Valence", "Metz", "Nantes", "Pau", "Nîmes", "Dole", "Rouen", "Namur", "Angers", "Cahors", "Annecy", "Quimper",
        "Limoges", "Troyes", "Bayonne", "Amiens", "Colmar", "Niort", "Gap", "Laval", "Toulon",
    ],
    "lieu": [
        "à {ville}", "à {ville}", "à {ville}", "près de {ville}", "du côté de {ville}", "en Bretagne", "dans le Nord", "dans la Drôme", "en Vendée", "dans le Jura", "chez moi",
        "dans mon village", "en banlieue de {ville}", "dans le 37", "dans le 59", "dans le 26", "en Auvergne", "sur la côte", "dans la Creuse",
    ],
    # people
    "doc": [
        "mon médecin", "mon généraliste", "ma généraliste", "le spécialiste", "la remplaçante", "mon doc", "mon toubib", "la médecin du centre",
        "l'interne", "le docteur qui me suit", "ma médecin traitante", "le nouveau médecin du village", "{spe}", "{spe}",
    ],
    "pharma": [
        "ma pharmacie", "la pharmacienne", "mon pharmacien", "la pharmacie du coin", "la préparatrice", "la pharmacie de garde", "le pharmacien", "l'officine du bourg",
        "la pharmacie de la gare", "le jeune de la pharmacie", "la dame de la pharmacie", "la pharmacie du centre commercial",
    ],
    "gens": [
        "une collègue", "ma voisine", "un copain", "une amie", "mon beau-frère", "ma cousine", "la maîtresse de mon fils", "ma coiffeuse", "un ami infirmier",
        "quelqu'un du groupe", "une maman de l'école", "ma belle-sœur", "mon chef", "un voisin de palier", "une dame au marché",
    ],
    "relation_f": ["ma mère", "ma mère", "ma femme", "ma fille", "ma grand-mère", "ma sœur", "ma tante", "maman", "ma belle-mère", "ma compagne", "ma mamie"],
    "relation_m": ["mon mari", "mon mari", "mon père", "mon fils", "mon frère", "papa", "mon conjoint", "mon grand-père", "mon beau-père", "mon compagnon", "mon ado"],
    # adverbs and glue
    "franch": ["franchement", "honnêtement", "perso", "pour ma part", "sincèrement", "clairement", "de mon côté", "en vrai", "bref", "en ce qui me concerne", "disons que", "à mon avis"],
    "tres": ["très", "vraiment", "super", "hyper", "plutôt", "assez", "trop", "vachement", "carrément", "franchement", "tellement"],
    "enfin": ["enfin", "finalement", "pour finir", "au final", "du coup", "résultat", "et là", "heureusement", "apparemment"],
    # moods, alone in a sentence
    "joie": [
        "je revis", "que du bonheur", "je suis <ravi/ravie>", "ça change la vie", "je touche du bois", "pourvu que ça dure", "rien à redire", "je recommande", "top", "quel soulagement",
        "je ne pensais pas dire ça un jour", "on respire", "je valide à 100 %", "trop <content/contente>", "ça fait du bien de le dire", "le jour et la nuit", "nickel", "chapeau",
        "une bonne surprise", "je dors mieux rien que d'y penser", "on croise les doigts", "merci la vie", "je ne changerais pour rien au monde", "enfin une bonne nouvelle",
    ],
    "colere": [
        "j'en peux plus", "ras le bol", "ça me gonfle", "c'est honteux", "quelle galère", "on marche sur la tête", "je suis <dégoûté/dégoûtée>", "c'est du grand n'importe quoi", "merci du cadeau",
        "y en a marre", "ça commence à bien faire", "je suis <vert/verte> de rage", "c'est lamentable", "on se moque de nous", "ça m'énerve d'une force", "je suis à bout", "c'est pas sérieux",
        "j'ai failli pleurer au comptoir", "et après on s'étonne", "vive la France", "bravo les champions", "tout va bien dans le meilleur des mondes", "je rigole jaune", "pff", "sérieusement ?",
        "ça me dépasse", "je ne décolère pas", "on est en quelle année déjà ?",
    ],
    "bof": ["bof", "mouais", "pas <convaincu/convaincue>", "à voir", "je reste <mitigé/mitigée>", "moyen moyen", "je sais pas trop quoi en penser", "pas fan", "c'est pas la folie", "on verra bien", "ni bien ni mal"],
    "gai": ["😊", "🙏", "👍", "❤️", "😁", "🎉", "💪", "🙂", "✨", "🥰", "😅", "👏", "😍", "🌞"],
    "triste": ["😡", "😭", "😩", "😞", "😤", "🙄", "😔", "🤦‍♀️", "🤬", "😒", "😑", "💀"],
    "pensif": ["🤔", "😬", "👀", "🤷", "😶", "🧐", "😕"],
    # opening and closing a message
    "salut": [
        "Bonjour à tous", "Coucou", "Salut", "Bonsoir", "Bonjour", "Hello", "Bonjour tout le monde", "Bjr", "Bonsoir à toutes et à tous", "Hello les filles", "Coucou tout le monde",
        "Petite question", "<Nouveau/Nouvelle> ici", "Je remonte ce sujet", "Je me lance", "Bonjour la communauté", "Salut la compagnie", "Bonsoir les gens", "Kikou", "Je débarque",
        "Première fois que j'écris ici", "Me revoilà", "Je vous lis depuis longtemps", "Bonjour, je m'incruste", "Alors voilà",
    ],
    "fin": [
        "Merci d'avance", "Merci pour vos retours", "Bon courage à tous", "Bonne journée", "Des bises", "Courage", "Merci de m'avoir <lu/lue>", "Voilà pour mon expérience", "Tenez-moi au courant",
        "À bientôt", "Belle soirée", "Vos avis ?", "Merki", "Prenez soin de vous", "Bises du {lieu_court}", "Désolé</e> pour le pavé", "Bon week-end", "Merci à celles qui prendront le temps", "Si ça peut aider",
        "Je reviens vous dire", "À vous lire", "Merciii", "Bon dimanche", "Voilà voilà", "Fin du coup de gueule", "Voilà c'était mon histoire", "Des nouvelles bientôt",
    ],
    "lieu_court": ["Sud", "Nord", "Jura", "Pays basque", "Finistère", "Berry"],
}  # fmt: skip
"""Alternatives of each symbol; `<m/f>` follows the author's gender, `~m/f~` that of the relative spoken of."""

THYROID: dict[str, list[str]] = {
    "spe": ["l'endocrino", "mon endocrinologue", "ma nouvelle endocrino", "le chef de service d'endocrino"],
    "unite": ["comprimé", "cachet", "comprimé", "cacheton"],
    "un_unite": ["un comprimé", "un cachet", "un comprimé"],
    "boite": ["boîte", "plaquette", "boîte", "boîte de 30"],
    "dose": ["25", "50", "75", "88", "100", "112", "125", "137"],
    "doses": ["de 25 à 50", "de 50 à 75", "de 75 à 100", "de 100 à 88", "de 125 à 112", "d'un demi à un entier", "par paliers de 12,5"],
    "examen": ["ma prise de sang", "ma TSH", "mon bilan", "le dernier dosage", "la T4", "l'écho de contrôle"],
    "gene": [
        "la fatigue", "ce brouillard dans la tête", "le coup de barre de 15h", "cette impression de froid", "la prise de poids", "la peau sèche", "la gorge serrée", "le moral dans les chaussettes",
        "la frilosité", "l'insomnie", "la mémoire de poisson rouge", "la lenteur au réveil",
    ],
    "mieux": [
        "mon énergie", "mes nuits", "l'appétit", "mes cheveux", "la pêche", "ma concentration", "un poids stable", "le sourire", "des journées complètes", "l'envie de sortir",
        "mes 10 km du dimanche", "ma mémoire", "des mains chaudes", "mon jean d'avant",
    ],
    "maladie": ["l'hypothyroïdie", "la thyroïde", "Hashimoto", "une thyroïde paresseuse", "mes nodules", "l'hypo", "la maladie de la thyroïde", "ma thyroïde en vrac"],
    "vivre": ["vivre sans thyroïde", "avoir Hashimoto", "une ablation", "ma thyroïdectomie", "bosser avec une hypo", "une grossesse avec une hypo", "expliquer la thyroïde à mon chef"],
    "groupe": ["l'asso de patients", "le réseau thyroïde régional", "le collectif local", "la fédération thyroïde", "le café des malades", "Thyroïde-Entraide"],
    "tag": ["#thyroide", "#santé", "#pharmacie", "#hcsmeufr", "#maladiechronique", "#patients", "#medicament", "#Hashimoto", "#pharmacien", "#ALD", "#ViedeMalade", "#medsky", "#pénurie", "#hypothyroidie", "#fatiguechronique"],
}  # fmt: skip

ASTHMA: dict[str, list[str]] = {
    "spe": ["le pneumo", "ma pneumologue", "le pneumologue de l'hôpital", "l'allergologue"],
    "unite": ["bouffée", "dose", "bouffée"],
    "un_unite": ["une bouffée", "une dose"],
    "boite": ["cartouche", "boîte", "recharge"],
    "dose": ["100", "200", "80", "160", "50", "400"],
    "doses": ["de deux à quatre bouffées", "d'une à deux prises", "de 100 à 200", "de 200 à 100", "de matin et soir à matin seulement"],
    "examen": ["mon bilan de souffle", "le peak flow", "mon test de souffle", "la radio", "le dernier contrôle"],
    "gene": [
        "le sifflement", "la toux de nuit", "l'essoufflement dans l'escalier", "la poitrine serrée", "le réveil à 4h", "la crise de printemps", "la gêne au froid", "la toux au moindre fou rire",
        "le souffle court au foot", "la quinte du soir", "la gêne avec les chats", "l'asthme d'effort",
    ],
    "mieux": [
        "mon souffle", "mes nuits", "le sport", "mes escaliers sans pause", "la piscine", "des fous rires sans tousser", "la course à pied", "le vélo avec les enfants", "mes randos", "le chant",
        "une vie normale", "l'hiver sans arrêt de travail",
    ],
    "maladie": ["l'asthme", "mon asthme", "l'asthme d'effort", "l'asthme allergique", "la BPCO", "un asthme mal équilibré", "l'asthme du petit"],
    "vivre": ["courir avec de l'asthme", "un enfant asthmatique", "dormir avec de l'asthme", "l'asthme au bureau", "vivre avec une BPCO", "chanter avec de l'asthme", "expliquer l'asthme à l'école"],
    "groupe": ["le club du souffle", "l'asso des petits souffles", "l'école de l'asthme", "le réseau poumon", "la maison du souffle"],
    "tag": ["#asthme", "#santé", "#pharmacie", "#hcsmeufr", "#maladiechronique", "#patients", "#medicament", "#souffle", "#pharmacien", "#BPCO", "#ViedeMalade", "#medsky", "#pénurie", "#allergies"],
}  # fmt: skip
