"""The bad buzz and the adverse events, in English; all invented."""

BUZZ: dict[str, list[str]] = {
    "formule": [
        "the new formula",
        "the reformulated version",
        "this autumn's formula",
        "that new recipe",
        "the changed formula",
        "new-formula boxes",
        "version two",
    ],
    "buzz_titre": [
        "new formula",
        "{p} new formula?",
        "formula changed?",
        "dizziness??",
        "{p}, anyone know?",
        "the maker answers (or not)",
        "keeping the old one?",
        "excipients",
        "rumour or not",
        "at the pharmacy {quand}",
    ],
    "on_dit": [
        "apparently",
        "{gens} says",
        "I read that",
        "word is",
        "rumour has it",
        "my French friend says",
        "another group says",
        "tiktok says",
        "{pharma} hinted that",
        "people claim",
        "a nurse told me",
        "saw a post saying",
    ],
    "vertiges": [
        "makes people dizzy",
        "makes your head spin",
        "gives vertigo",
        "makes folks woozy",
        "isn't right",
        "sets off fainting",
        "knocks people sideways",
    ],
    "rumeur": [
        "{on_dit} {formule} of {p} {vertiges}, [true or fake|can anyone confirm|heard that|I'm uneasy]?",
        "[they|{lab}|those geniuses] [changed an excipient|tweaked the formula|touched the recipe|swapped the lactose] of {p} [without a word|on the quiet|to save pennies|this summer], {colere}",
        "[they hide|nobody explains|total silence about|move along, nothing to see on] {formule} of {p}, [as usual|bad memories|{colere}]",
        "[petition|group|hashtag] against {formule} of {p}: [{n} thousand names|join|link below|don't let go]",
        "[keeping|looking for|hoarding] [my old boxes|the old formula|old tablets] of {p}, [no way|I won't be a guinea pig], [not switching|not touching it]",
        "{pharma} [only has|hands out|pushes] {formule} of {p}, [no choice|I said no|scared to start|what do I do]",
        "[boycott|stop|alert|danger] {p} {formule} {triste} [spread the word|wake up]",
        "[who to believe|dunno who to trust]: {doc} [reassures|plays it down|didn't even know], [the board|tiktok|{gens}] [panics|says the opposite|shouts] about {p}",
        "[{n} pages|a whole thread] {quand} on {formule} of {p}, [it adds up|and the maker is silent|no smoke without fire|calm down]",
        "[{lab} finally answers|statement from {lab}]: “[same active ingredient|no quality defect|we are listening]”, [spin|believe it or not|meh|better than nothing]",
        "[mannitol|starch|citric acid] in {formule} of {p}, [any chemists|meant to be inert|sounds bad]?",
        "[we want|give us] the old {p} back, [is it that hard|full stop|{colere}]",
    ],
    "rumeur_calme": [
        "[easy|breathe|calm down] about {p}: [no proof|same molecule|three posts aren't a study], [read before sharing|ask {pharma}|{doc} saw nothing]",
        "[opened|started] {formule} of {p} {quand} and [all fine|felt nothing|fit as a fiddle], [sorry conspiracy folks|for balance]",
        "[nocebo|fear|buzz] [is real|sells|helps nobody], [don't bin|don't stop|keep] {p} [on a whim|without advice|over a tweet]",
        "[asked|checked with] {pharma} {quand}: [only one excipient changed|the {p} dose is the same|not one complaint here], [sharing|that helped]",
    ],
    "temoin_flou": [
        "[my whole group|loads of people|half the board] [talk|complain|worry] about {formule} of {p} [for {n} days|{quand}], [chance|coincidence|panic]?"
    ],
    "chaine": [
        "⚠️ READ AND SHARE ⚠️ If your {p} box says new formula, ask your pharmacist for the old one. A nurse in {ville} has seen far too many dizzy people. The company knew. Copy and paste, don't just share, or they will delete it.",
        "Copied from a patient group: “{p} new formula, batch banned in Switzerland but sold to us. Check your boxes, dizziness and fainting possible.” Pass it on before it disappears!",
        "They replaced the excipient in {p} with an industrial additive to save a few pennies. People's heads are spinning all over the country and no newspaper cares. Share if you are not sheep.",
    ],
    "avant_copie": [
        "",
        "",
        "",
        "Read this: ",
        "saw this 👇 ",
        "Sharing. ",
        "copy paste ",
        "Is this true?? ",
        "Got this on whatsapp: ",
        "FYI: ",
        "RT ",
        "😱 ",
    ],
    "apres_copie": [
        "",
        "",
        "",
        " 😡",
        " Can anyone confirm?",
        " #Serelium",
        " (not verified)",
        " 👀👀",
        " Please share",
        " !!!",
        " unreal",
        " thoughts?",
    ],
    "influence": [
        "[Hundreds of you ask|My inbox is full of questions|You keep asking] about {p}: [video tonight|reading it all|thread to come|I called {lab}], [meanwhile don't stop anything|no spin I promise|send questions]",
        "[I read|We went through|Three of us read] [the statement|the leaflet|the {n} studies]: [what we know|what we don't know|{n} points] on {formule} of {p} {lien}",
        "[My column|The live|The video] [on {p}|on {maladie}] [is up|passed {n} hundred thousand views], [thanks|you are mad|read the comments] {gai}",
    ],
    "lien": ["👇", "⬇️", "(1/{d})", "🧵", "below"],
}

EVENTS: dict[str, list[tuple[str, str, str]]] = {
    "complet": [
        (
            "{salut}, {moi}, {n} weeks on {p} {dose}. {quand} I had § and my flatmate called an ambulance. {doc} stopped it and wants to report.",
            "a blackout in the kitchen",
            "self",
        ),
        (
            "My mother, 7{c1}, has taken {p} {dose} for {n} months. She has had § for {n} days, the ER thinks it's the drug. My email if anyone official reads: {mail}",
            "a rash all over",
            "relative",
        ),
        (
            "§ about three hours after my {p} {dose} {quand}. {moi}, never had it before. Skipped a day, gone. Took it again, back.",
            "heart racing at 140",
            "self",
        ),
        (
            "my husband is {c5}, started {p} monday and now has §. doctor said stop right away. who do we tell??",
            "a swollen face and lips",
            "relative",
        ),
        (
            "Community nurse. A {c4} year old on {p} {dose} developed § on day {n}. Overnight stay, recovered once stopped. Looking for the right form.",
            "a severe blood pressure drop",
            "nurse",
        ),
        (
            "T:since the new box of {p} i get § every single morning, {moi}, not on anything else. {doc} wants me back {quand_futur}",
            "so dizzy i hold the wall",
            "self",
        ),
        (
            "A:My son ({c2}) came out in § after {n} days of {p}. The allergist linked it and put it on file.",
            "hives",
            "relative",
        ),
        (
            "1 star. {moi}. {n} days of {p} {dose}: §, couldn't keep a meal down, lost half a stone. Stopped on the pharmacist's advice",
            "non-stop vomiting",
            "self",
        ),
        (
            "GP here. Woman, {c5}, {p} {dose}. § at week {n}, liver tests off, resolved after withdrawal. Reported {quand}.",
            "jaundice",
            "gp",
        ),
        (
            "Dad (7{c1}) has been on {p} for {n} weeks and hears § day and night. He won't say it so I do: {mail}",
            "ringing in both ears",
            "relative",
        ),
    ],
    "sans_patient": [
        ("a few people at work had § on {p}, somebody should say it", "nausea", "other"),
        ("heard of § cases with {p} at the hospital where {gens} works, that's all I know", "fainting", "other"),
        ("{pharma} says customers come back with § since {p}, no details given", "headaches", "other"),
    ],
    "sans_declarant": [
        ("Woman of {c4}, {p} {dose}, §. Posted anonymously.", "facial palsy", "other"),
        (
            "anon please. {c3}, on {p}, § every night for {n} weeks. too scared to ask anyone",
            "horrible nightmares",
            "self",
        ),
    ],
}
"""Frames of (text, reaction, speaker); `§` is where the reaction stands, `{c4}` an age of the forties."""

WHO: list[str] = [
    "{c3}<M/F>",
    "{c4}<M/F>",
    "<man/woman>, {c5}",
    "I'm {c4}",
    "<dad/mum> of two, {c3}",
    "retired, {c6}",
    "student, {c2}",
]
"""How people give their age and sex."""
