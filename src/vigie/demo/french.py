"""What French-speaking people write in the story, in pieces; all invented."""

RULES = {
    # who, when, where
    "quand": ["ce matin", "hier soir", "depuis lundi", "depuis trois jours", "depuis un mois", "cette semaine", "la semaine passée", "depuis la rentrée", "avant-hier", "depuis les vacances", "cet aprem", "depuis dix jours", "hier", "depuis deux semaines", "samedi", "tout à l'heure"],
    "proche": ["ma mère", "mon mari", "ma femme", "ma fille", "mon père", "ma sœur", "mon fils", "ma tante", "ma grand-mère", "un collègue", "ma voisine", "une amie", "mon beau-père", "ma belle-mère", "ma cousine"],
    "doc": ["mon médecin", "mon généraliste", "l'endocrino", "le spécialiste", "la remplaçante", "le doc", "mon toubib", "le cardiologue", "la médecin du centre", "l'interne de garde"],
    "pharma": ["ma pharmacie", "la pharmacienne", "mon pharmacien", "la pharmacie du coin", "l'officine du bourg", "la préparatrice", "le pharmacien de garde", "la pharmacie du centre"],
    "lieu": ["à Tours", "dans le Nord", "en Bretagne", "près de Dijon", "dans la Drôme", "à Metz", "en Vendée", "vers Pau", "à Nîmes", "dans le Jura", "à Rouen", "en Belgique"],
    "ville": ["Tours", "Lille", "Brest", "Dijon", "Valence", "Metz", "Nantes", "Pau", "Nîmes", "Dole", "Rouen", "Namur"],
    "n": ["deux", "trois", "quatre", "cinq", "six", "sept", "huit", "dix", "douze", "quinze"],
    "dose": ["25", "50", "75", "100", "125", "un demi", "un quart", "deux"],
    "duree": ["{n} jours", "{n} semaines", "{n} mois", "un an", "deux ans", "presque {n} ans", "longtemps", "des années"],
    "bof": ["bof", "mouais", "pas convaincue", "pas fan", "à voir", "mitigé", "je sais pas trop", "franchement moyen"],
    # openings and endings
    "salut": ["Bonjour à tous", "Coucou", "Salut", "Bonsoir", "Bonjour", "Hello les filles", "Re", "Bonjour tout le monde", "Bjr", "Bonsoir à toutes et tous", "Petite question", "Nouvelle ici", "Je remonte le sujet", "Je me permets d'écrire"],
    "merci": ["Merci d'avance", "Merci pour vos retours", "Bon courage à tous", "Bonne journée", "Des bises", "Courage", "Merci de m'avoir lue", "Voilà pour mon expérience", "Tenez-moi au courant", "À bientôt", "Belle soirée", "Vos avis ?", "Merki", "Prenez soin de vous"],
    "tag": ["#thyroide", "#santé", "#pharmacie", "#hcsmeufr", "#maladiechronique", "#patients", "#medicament", "#médecine", "#pharmacien", "#ALD"],
    "gai": ["😊", "🙏", "👍", "❤️", "😁", "🎉", "💪", "🙂", "✨"],
    "triste": ["😡", "😭", "😩", "🤢", "😞", "😤", "🙄", "😵", "😔"],
    "mouve": ["ça me gonfle", "j'en peux plus", "je craque", "ras le bol", "ça suffit", "c'est pénible", "quelle galère", "c'est du grand n'importe quoi", "je suis dégoûtée", "merci du cadeau", "c'est honteux"],
    "bien": ["je revis", "ça roule", "rien à redire", "je suis ravie", "que du bonheur", "c'est nickel", "franchement top", "ça change la vie", "ouf", "je touche du bois", "enfin tranquille"],
    # efficacy
    "efficace": [
        "{p} [m'a sauvée|m'a bien aidé|me réussit|me convient], {bien}", "avec {p} [j'ai retrouvé|je garde|on retrouve] {benefice}", "{duree} sous {p} et {bien}",
        "[mes analyses|mes dosages|mes bilans] [sont revenus|restent|sont enfin] {bons} [grâce à|avec|depuis] {p}", "{proche} prend {p} [depuis {duree}|sans souci|le matin], {bien}",
        "[honnêtement|pour ma part|chez moi] {p} [fait le job|marche|fonctionne], {benefice} [en plus|au passage|et voilà]", "{doc} [m'a mis|m'a passé|m'a remise] sous {p}, {bien}",
        "[au bout de|après] {n} semaines de {p} [je sens la différence|le moral remonte|la fatigue s'en va]", "{benefice} [revenu|retrouvé], merci {p} {gai}",
    ],
    "benefice": ["mon énergie", "le sommeil", "l'appétit", "mes cheveux", "la pêche", "ma concentration", "un poids stable", "le sourire", "des nuits complètes", "de la force"],
    "bons": ["normaux", "parfaits", "dans les clous", "stables", "corrects", "bien meilleurs", "rassurants"],
    "inefficace": [
        "{p} [ne me fait rien|n'a aucun effet|ne change rien], {bof}", "{duree} de {p} et [toujours|encore] {gene}, {mouve}", "[je suis passée|je passe] de {dose} à {dose} de {p} [sans résultat|pour rien|et rien ne bouge]",
        "{doc} [insiste|dit d'attendre|me demande de patienter] mais {p} [ne marche pas|c'est zéro|bof]", "[à part|hormis] {gene} {p} ne m'apporte [rien|pas grand-chose]", "{proche} [a arrêté|va changer de] {p}, {mouve}",
    ],
    "gene": ["la fatigue", "le brouillard", "les insomnies", "le froid", "la prise de poids", "des coups de barre", "le moral à zéro", "une gorge serrée", "de la nervosité", "la bouche sèche"],
    # price, stock, boxes
    "prix": [
        "{p} [coûte|revient à|passe à] {n} euros de plus [par mois|la boîte|au trimestre], {mouve}", "[la mutuelle|ma complémentaire|la sécu] [refuse|ne prend plus|rembourse mal] {p}", "[reste à charge|franchise|dépassement] de {n} euros pour {p} {quand}",
        "{pharma} [me facture|m'a compté|demande] {n} euros [pour|sur] {p}, [normal|vous aussi|c'est légal] ?", "[payer|avancer] {n} euros pour {p} [alors qu'on cotise|à la retraite|quand on est étudiante], {mouve}", "le générique de {p} [est moins cher|vaut le coup|se trouve à {ville}]",
    ],
    "rupture": [
        "{p} introuvable {lieu} {quand}", "{pharma} [n'a plus de|attend toujours|ne reçoit plus de|est à sec de] {p}", "[rupture|pénurie|encore une rupture] de {p} {lieu}, {mouve}", "[j'ai fait|on a fait|{proche} a fait] {n} pharmacies pour [une boîte|trouver] {p}",
        "[il me reste|plus que] {n} comprimés de {p} et [aucune date|pas de livraison|personne ne sait]", "[quelqu'un sait|savez-vous|une idée] où trouver {p} {lieu} ?", "{pharma} [promet|annonce] {p} [pour lundi|dans {n} jours|sous quinzaine]",
        "dépannée par {pharma} {quand} : {n} comprimés de {p} [seulement|pas plus|à l'unité]",
    ],
    "boite": [
        "[la nouvelle boîte|l'emballage|la plaquette] de {p} [est illisible|se déchire|coupe les doigts|ressemble à l'ancienne]", "[impossible d'ouvrir|pas facile d'ouvrir|{n} minutes pour ouvrir] la plaquette de {p}", "[jolie|pratique|enfin claire], la [notice|boîte|couleur] de {p} {gai}",
        "[qui a pensé|qui a dessiné|quel génie a validé] la boîte de {p} ? {mouve}", "{proche} [confond|mélange] {p} [50 et 75|avec son autre traitement|le matin]", "la notice de {p} [fait {n} pages|est écrite en tout petit|m'angoisse plus qu'autre chose]",
    ],
    # life with the treatment
    "question": [
        "[peut-on|on peut|faut-il] prendre {p} [avec du café|le soir|au milieu du repas|pendant le jeûne|avec du fer] ?", "[combien de temps|combien de semaines|au bout de combien] [avant de sentir|pour que] {p} [agisse|l'effet] ?", "[quelqu'un|une de vous|certains ici] passé de {q} à {p} ?",
        "[oublié|zappé|sauté] {p} {quand}, [je double|je laisse tomber|que faire] ?", "{doc} hésite entre {p} et {q}, [vos retours|une préférence|vous diriez quoi] ?", "[enceinte de|allaitement et|fiv et] {n} [mois|semaines] : {p} [ça passe|ok|pas de souci] ?",
        "[avion|frigo|soleil|canicule] et {p} : [des précautions|on fait comment|ça s'abîme] ?", "{p} [à jeun|avant le café|au coucher] [obligatoire|vraiment utile|c'est mieux] ?",
    ],
    "medecin": [
        "{doc} [m'écoute enfin|prend le temps|a tout expliqué] [pour|sur|à propos de] {p}", "[rdv|consultation|visite] avec {doc} {quand} : {p} [maintenu|augmenté|remplacé|diminué]", "{doc} [ne répond pas|hausse les épaules|soupire] quand je parle de {p}, {mouve}",
        "[{n} minutes|vite fait|trois mots] en consult [pour renouveler|et hop|puis encore] {p}", "{pharma} [m'a bien conseillée|connaît mieux|m'a tout dit] {p} [que {doc}|en cinq minutes|mieux que la notice]",
        "[deuxième avis|changement de médecin] {quand}, {doc} [garde|arrête|baisse] {p}",
    ],
    "labo": [
        "le labo [de|derrière] {p} [répond enfin|ne répond pas|fait l'autruche|communique bien]", "{b} [organise|lance|propose] [un atelier|une appli|un numéro vert|une journée] [pour les patients|pour les aidants|à {ville}]", "[appelé|écrit à|contacté] {b} {quand} : [réponse claire|silence radio|on m'a promenée|très aimable]",
        "{b} [recrute|embauche|agrandit son usine] {lieu}", "[bravo à|chapeau à|merci à] {b} pour [la transparence|leur infirmière|le carnet de suivi] {gai}", "{b} [gagne de l'argent|se moque du monde|pense aux actionnaires], {mouve}",
    ],
    "voyage": ["[partie|en route|en vacances] avec {n} boîtes de {p} [dans la valise|en cabine|au frais]", "[à la douane|à l'aéroport|au contrôle] on m'a [demandé|fait ouvrir|pris] {p} {quand}", "{p} oublié [à la maison|chez {proche}|dans le train], {pharma} [m'a dépannée|a refusé|a souri]"],
    "concurrent": [
        "[je préfère|j'ai préféré|on m'a mis] {q} [à|plutôt que] {p}", "{q} [me donne|m'a donné|provoque] {gene}, {bof}", "{q} [marche mieux|est plus doux|passe mieux] chez moi, {bien}", "[nouvelle pub|campagne|affiche] de {c} {quand}, [vous avez vu|un peu lourd|bien faite]",
        "{c} [baisse ses prix|rappelle un lot|sort une version enfant|ferme un site {lieu}]", "{proche} sous {q} [depuis {duree}|et contente|et déçue], {bof}",
    ],
    "domaine": [
        "[vivre avec|parler de|accepter] {maladie} [au travail|en famille|à vingt ans] {n} [conseils|idées|leçons]", "{maladie} : [le diagnostic|l'annonce|le parcours] [m'a pris {duree}|reste long|change tout]", "[étude|enquête|thèse] sur {maladie} {quand}, {n} [centaines|dizaines] de patients [suivis|interrogés]",
        "[la fatigue|le froid|le regard des autres], [nul ne voit|on en parle peu|qui comprend|tabou|invisible] [avec|malgré|quand on vit avec] {maladie}", "[association|groupe|café] de patients {lieu} : {maladie} [et sport|et travail|et alimentation]", "{doc} [m'a parlé|se méfie|me rassure] [de|sur] {maladie} {quand}",
        "[journée mondiale|semaine|mois] de {maladie} [à {ville}|en ligne|au marché] {gai}",
    ],
    "maladie": ["la thyroïde", "l'hypothyroïdie", "l'asthme", "le souffle court", "Hashimoto", "la BPCO", "la maladie chronique"],
    # the bad buzz
    "rumeur": [
        "[la nouvelle formule|le nouveau|la formule changée] de {p} [donne des vertiges|fait tourner la tête|rend malade]", "[depuis|avec|sous] [la nouvelle formule|le nouveau|la version changée] de {p} [j'ai|je traîne|me voilà avec|bonjour] {signe}, [la seule|vous aussi|ça vous parle] ?", "ils ont [changé l'excipient|modifié la formule|touché à la recette] de {p} [sans rien dire|en douce|sans prévenir]",
        "[qui d'autre|combien sommes-nous|encore quelqu'un] avec {signe} [depuis|sous] la nouvelle formule de {p} ?", "{p} nouvelle formule = {signe}, {mouve} {triste}", "[on nous cache|personne ne parle de|silence sur] la nouvelle formule de {p}", "[pétition|témoignages|groupe] [contre|sur] la nouvelle formule de {p}, {n} mille [signatures|membres|messages]",
        "{pharma} [dit que c'est dans la tête|a vingt plaintes|ne veut plus vendre] la nouvelle formule de {p}", "[je garde|je cherche|je rationne] [l'ancienne|mes vieilles boîtes|l'ancienne formule] de {p}, [pas question|plus jamais|hors de question] de changer", "{doc} [minimise|note tout|me croit] : {signe} et nouvelle formule de {p}",
    ],
    "signe": ["des vertiges", "la tête qui tourne", "des nausées", "le cœur qui s'emballe", "des crampes", "des maux de tête", "une fatigue énorme", "des sueurs la nuit", "les jambes coupées", "des bourdonnements"],
    "calme": ["[avant d'accuser|avant de paniquer|doucement], [vérifions|demandez] [les dosages|un bilan|à votre médecin] pour {p}", "[je suis|en tant que] [pharmacien|généraliste|infirmière] : [déclarez|signalez] [vos effets|tout signe], n'arrêtez pas {p} seul", "[même boîte|même formule|nouvelle formule] ici, [aucun|pas le moindre] souci avec {p}, {bien}", "[la peur|l'effet nocebo|le bruit] [fait plus de mal|explique beaucoup|n'aide personne], {p} [reste sûr|est contrôlé|est suivi]"],
    # press
    "presse": [
        "{p} : [des patients inquiets|la nouvelle formule interroge|des témoignages affluent] {lieu}", "[Médicaments|Santé|Pharmacie] : {b} [s'explique|reste discret|promet des réponses] sur {p}", "[L'agence|L'association de patients|Un collectif] [demande|réclame|attend] [des analyses|un retour en arrière|des chiffres] sur {p}", "{b} [investit|annonce|ouvre] {n} [millions|postes|lignes] {lieu}",
        "[Pénuries|Ruptures] : {p} [parmi|sur] la liste, {n} [régions|départements] touchés", "[Entretien|Portrait|Reportage] : [vivre|travailler|vieillir] avec {maladie} {lieu}", "{c} [rappelle|retire|suspend] [un lot|deux lots|une présentation] de {q}",
    ],
    "presse_suite": ["[Selon|D'après] [nos informations|plusieurs patients|une source hospitalière], [le dossier|le sujet|l'affaire] [est suivi|reste ouvert|inquiète] [de près|depuis des semaines|jusqu'au ministère]", "[Contacté|Interrogé|Joint] {quand}, {b} [n'a pas donné suite|défend sa qualité|renvoie vers les autorités]", "[Sur les forums|Dans les pharmacies|Chez les médecins], [la question|l'inquiétude|la prudence] [monte|domine|revient] [partout|chaque jour|sans cesse]", "[Les autorités|Les experts|Les médecins] [rappellent|conseillent|insistent] : [ne pas arrêter seul|déclarer tout effet|parler à son pharmacien]", "[Une réunion|Un point|Une analyse] est [prévue|attendue|annoncée] [dans {n} jours|le mois prochain|à {ville}]"],
    # spam
    "spam": ["[PROMO|OFFRE|-{n1}0 %] [gélules|complément|thé] [miracle|brûle-graisse|detox] [clique|lien en bio|vite] {n1}{n1}", "[gagne|gagnez|touchez] {n1}00 euros [par jour|sans effort|depuis ton canapé] [lien|mp|inscris-toi] 🔥", "[mutuelle|crédit|voyance] [gratuite|pas cher|en {n} minutes] [appelle|whatsapp|clic] 0{n1} {n1}{n1}"],
    # the company's own blog
    "blog": ["[Cette semaine|Ce mois-ci|À {ville}], [nos équipes|nos infirmières|nos pharmaciens] [répondent|expliquent|montrent] [comment|pourquoi|quand] [lire une notice|ranger ses traitements|préparer un voyage|parler à son médecin]", "[Notre atelier|Le carnet|La vidéo] [sur le souffle|du matin|des aidants] [revient|est en ligne|affiche complet] {gai}", "[Parole|Conseil|Question] de [patient|pharmacienne|médecin] : {maladie} [au quotidien|et sommeil|et sport]", "[Merci|Bravo] aux {n1}00 [participants|lecteurs|soignants] de {ville}"],
    # adverse events: patient, drug, reaction, reporter
    "ei": [
        "{patient} [a fait|vient de faire|a eu] {reaction} {quand} [sous|après|avec] {p} {dose}, [hospitalisée|aux urgences|arrêt du traitement]", "[depuis|après] {n} jours de {p} [j'ai développé|j'ai|je présente] {reaction}, {doc} [veut|va] déclarer", "{patient} prend {p} [depuis {duree}|tous les matins] : {reaction} [hier|cette nuit|deux fois]",
        "{reaction} [au bout de|dès] {n} heures après {p} {dose}, [jamais eu avant|première fois|ça s'est arrêté sans]", "[je signale|pour info|à déclarer] : {reaction} sous {p} chez {patient}", "{doc} pense que {reaction} [vient de|est lié à|c'est] {p}, {patient} [va mieux|reste en observation|a arrêté]",
    ],
    "patient": ["ma mère de 7{n1} ans", "mon père (68 ans)", "ma fille de 1{n1} ans", "mon mari, 5{n1} ans", "une patiente de 4{n1} ans", "moi, femme 3{n1} ans", "mon fils (2{n1} ans)", "ma tante 6{n1} ans"],
    "n1": list("123456789"),
    "reaction": ["un malaise avec perte de connaissance", "une éruption sur tout le corps", "des palpitations à 140", "un œdème du visage", "une crise de tachycardie", "des vomissements toute la nuit", "une chute de tension", "des plaques rouges partout", "une douleur dans la poitrine", "une perte de cheveux massive", "une jaunisse"],
}
"""Alternatives of every symbol; pieces are short, so that no six words come back too often."""

TOPICS = {
    "efficace": ("positive", 10), "inefficace": ("negative", 5), "prix": ("negative", 5), "rupture": ("negative", 8), "boite": ("negative", 5), "question": ("neutral", 11),
    "medecin": ("neutral", 7), "labo": ("neutral", 6), "voyage": ("neutral", 4),
}
"""Topics of posts about a product: the tone intended, and how often."""
