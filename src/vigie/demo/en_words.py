"""English words that sentences are made of: moments, people, places, moods; all invented or common."""

WORDS: dict[str, list[str]] = {
    "quand": [
        "this morning", "last night", "on Monday", "last Tuesday", "this week", "last week", "the other day", "this afternoon", "yesterday lunchtime", "Saturday", "just now", "Friday after work",
        "yesterday", "on Sunday", "three days ago", "at lunch", "Thursday", "earlier today", "ten minutes ago", "over the weekend", "after the school run",
    ],
    "depuis": [
        "for {n} days", "for {n} weeks", "for {n} months", "for a year", "since September", "since summer", "since winter", "since {annee}", "since Monday", "since spring",
        "since we moved", "for ages", "for {n} years", "since Christmas", "since college", "since the clocks changed",
    ],
    "apres": [
        "after {n} days", "after {n} weeks", "{n} months in", "within {n} weeks", "about a month in", "slowly but surely", "in the first week", "after six rough months", "a fortnight later", "{n} weeks down the line", "pretty fast",
    ],
    "n": ["two", "three", "four", "five", "six", "seven", "eight", "ten", "a dozen", "3", "4", "2", "6", "15"],
    "annee": ["2012", "2014", "2016", "2017", "2018", "2019", "2020", "2021", "2022", "2023", "2024"],
    "age": ["19", "24", "28", "31", "35", "38", "42", "46", "50", "53", "57", "61", "64", "68", "71", "75"],
    "d": ["2", "3", "4", "5", "6", "7", "8", "9"],
    "heure": ["at 6am", "at 7 sharp", "around 5:30", "on an empty stomach", "at bedtime", "in the middle of the night", "before coffee", "at 10pm", "between meetings", "when I wake up"],
    "euros": ["£3", "4.20", "six quid", "£7.50", "$11", "12.90", "$15", "eighteen quid", "$23", "twenty-odd dollars", "nine and change", "$40"],
    "ville": ["Leeds", "Cork", "Bristol", "Dayton", "Austin", "Perth", "Halifax", "Tucson", "Derby", "Galway", "Boise", "Hull", "Dundee", "Tampa", "Exeter", "Omaha"],
    "lieu": ["in {ville}", "in {ville}", "near {ville}", "outside {ville}", "up north", "down south", "in my town", "where I live", "in the sticks", "on the coast", "round here", "in our county", "in the whole of {ville}"],
    "doc": ["my doctor", "my GP", "my new GP", "the consultant", "the locum", "my doc", "the nurse practitioner", "the registrar", "the clinic", "the woman who covers for my GP", "{spe}", "{spe}"],
    "pharma": ["my pharmacy", "the pharmacist", "my chemist", "the chemist on the corner", "the pharmacy tech", "the late-night pharmacy", "the lad at the chemist", "the lady at the counter", "the mail-order people", "the supermarket pharmacy"],
    "gens": ["a coworker", "my neighbour", "a mate", "a friend of mine", "my brother-in-law", "my cousin", "my kid's teacher", "my hairdresser", "a nurse friend", "someone in this group", "another mum", "my boss", "a guy in the waiting room"],
    "relation_f": ["my mum", "my mom", "my wife", "my daughter", "my gran", "my sister", "my aunt", "my mother-in-law", "my partner"],
    "relation_m": ["my husband", "my dad", "my son", "my brother", "my grandad", "my father-in-law", "my boyfriend", "my teenager"],
    "franch": ["honestly", "tbh", "for me", "personally", "ngl", "clearly", "speaking for myself", "fwiw", "look", "anyway", "in my case", "let's say", "imo"],
    "joie": [
        "over the moon", "such a relief", "life changing", "touch wood", "long may it last", "can't complain", "would recommend", "never thought I'd say it", "10/10", "so happy", "day and night", "small wins", "happy dance",
        "best news all year", "I could cry", "fingers crossed", "sleeping just thinking about it", "what a difference", "I'll take it", "wouldn't swap it", "finally some good news",
    ],
    "colere": [
        "I'm done", "so fed up", "what a joke", "it's shameful", "ridiculous", "you couldn't make it up", "I'm fuming", "thanks for nothing", "enough is enough", "this is getting old", "I'm livid", "unreal",
        "makes my blood boil", "nearly cried at the counter", "and they wonder why", "slow clap", "make it make sense", "I can't even", "seriously?", "beyond a joke", "what year is this", "absolute shambles", "ugh",
    ],
    "bof": ["meh", "not convinced", "we'll see", "jury's out", "so-so", "not sure what to think", "not a fan", "hardly a revelation", "could go either way", "neither here nor there"],
    "gai": ["😊", "🙏", "👍", "❤️", "😁", "🎉", "💪", "🙂", "✨", "🥰", "😅", "👏", "🌞"],
    "triste": ["😡", "😭", "😩", "😞", "😤", "🙄", "😔", "🤦", "🤬", "😒", "💀"],
    "pensif": ["🤔", "😬", "👀", "🤷", "😶", "🧐"],
    "salut": [
        "Hi all", "Hey", "Hello everyone", "Hi folks", "Evening all", "Hi", "Morning", "Newbie here", "Long time lurker", "Quick question", "Bumping this", "So", "Hiya", "First post, be kind", "Hello from a rainy place",
        "Right then", "Back again", "Hope everyone's ok", "Hey y'all", "Not sure where to post this",
    ],
    "fin": [
        "Thanks in advance", "Thanks for reading", "Hang in there everyone", "Have a good day", "Hugs", "Cheers", "That's my experience anyway", "Keep me posted", "Rant over", "Any thoughts?", "Sorry for the essay", "Take care all",
        "Hope it helps someone", "Will report back", "Ta", "Happy weekend", "End of moan", "Wish me luck", "Over and out", "x", "Sending strength", "Appreciate you all",
    ],
}  # fmt: skip
"""Alternatives of each symbol; `<m/f>` follows the author's gender, `~m/f~` that of the relative spoken of."""

THYROID: dict[str, list[str]] = {
    "spe": ["my endo", "the endocrinologist", "my new endo", "the thyroid clinic"],
    "unite": ["pill", "tablet", "tab"],
    "boite": ["box", "blister pack", "bottle", "pack"],
    "dose": ["25", "50", "75", "88", "100", "112", "125", "137"],
    "doses": ["from 25 to 50", "from 50 to 75", "from 75 to 100", "down from 100 to 88", "from half to a whole", "in tiny steps"],
    "examen": ["my TSH", "my blood test", "the last panel", "my free T4", "the neck scan"],
    "gene": [
        "the fatigue", "brain fog", "the 3pm crash", "feeling cold", "the weight gain", "dry skin", "that tight throat", "low mood", "hair loss", "insomnia", "my goldfish memory", "the slow start",
    ],
    "mieux": ["my energy", "my sleep", "my appetite", "my hair", "my spark", "my focus", "a steady weight", "a smile", "full days", "wanting to go out", "Sunday runs", "my memory", "warm hands", "my old jeans"],
    "maladie": ["hypothyroidism", "an underactive thyroid", "Hashimoto's", "a lazy thyroid", "thyroid nodules", "being hypo", "thyroid disease"],
    "vivre": ["life without a thyroid", "having Hashimoto's", "recovering from a thyroidectomy", "working while hypo", "being pregnant and hypo", "explaining thyroid stuff to my boss"],
    "groupe": ["the patients' group", "the thyroid charity", "our local support group", "the thyroid café"],
    "tag": ["#thyroid", "#health", "#pharmacy", "#spoonie", "#chronicillness", "#patients", "#meds", "#Hashimotos", "#medsky", "#NHS", "#hypothyroidism", "#drugshortage", "#invisibleillness"],
}  # fmt: skip

ASTHMA: dict[str, list[str]] = {
    "spe": ["my lung doctor", "the asthma nurse", "my pulmonologist", "the allergist"],
    "unite": ["puff", "dose", "puff"],
    "boite": ["inhaler", "box", "refill", "canister"],
    "dose": ["100", "200", "80", "160", "50", "400"],
    "doses": ["from two to four puffs", "from once to twice a day", "from 100 to 200", "down from 200 to 100"],
    "examen": ["my peak flow", "my lung function", "the breathing test", "the chest x-ray", "my annual review"],
    "gene": ["the wheeze", "the night cough", "breathlessness on stairs", "the tight chest", "waking at 4am", "the spring flare", "the cold-air cough", "coughing when I laugh", "running out of puff at football", "the cat allergy thing"],
    "mieux": ["my breath", "full nights", "sport", "stairs without a stop", "swimming", "laughing without coughing", "running", "bike rides with the kids", "hill walks", "singing", "a normal winter"],
    "maladie": ["asthma", "exercise asthma", "allergic asthma", "COPD", "badly controlled asthma", "childhood asthma"],
    "vivre": ["running with asthma", "raising an asthmatic kid", "sleeping with asthma", "asthma in an office", "living with COPD", "explaining asthma to school"],
    "groupe": ["the asthma group", "a lung charity", "the breathe-easy club", "the parents' group"],
    "tag": ["#asthma", "#health", "#pharmacy", "#spoonie", "#chronicillness", "#patients", "#meds", "#inhaler", "#medsky", "#NHS", "#COPD", "#drugshortage", "#lungs"],
}  # fmt: skip
