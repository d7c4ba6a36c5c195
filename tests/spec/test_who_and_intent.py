"""Who speaks and what for, in small: what each rule of the guideline makes of a text. Written by the author of the rules,
so that nothing here is a measure of them."""

import pyarrow as pa
import pytest

from vigie.enrich.intent import IntentFinder
from vigie.enrich.speaker import SpeakerFinder
from vigie.text.lexicon import Lexicon

FINDERS = {"who": SpeakerFinder(off=frozenset()), "intent": IntentFinder(off=frozenset())}


def said(kind: str, text: str, language: str | None = "fr") -> set[str]:
    texts = pa.array([text], pa.large_string())
    lexicon = Lexicon()
    found = FINDERS[kind].find(texts, [language], lexicon=lexicon, tokens=lexicon.read(texts))
    return set(found["value"].to_pylist())


WHO = [
    ("J'ai été diagnostiquée il y a deux ans", "patient"),
    ("jai arreté mon traitement hier", "patient"),
    ("Mon rhumato m'a dit d'attendre", "patient"),
    ("Je suis diabétique depuis l'enfance.", "patient"),
    ("Je prends ce truc depuis trois semaines", "patient"),
    ("on m'a opéré du genou en mars", "patient"),
    ("Ma mère est sous chimio depuis lundi", "relative"),
    ("Mon fils de 4 ans a fait une réaction au vaccin", "relative"),
    ("En tant qu'aidante, je ne dors plus beaucoup", "patient relative"),
    ("Le traitement de mon mari coûte une fortune", "relative"),
    ("En tant qu'infirmière, je vois ça tous les jours", "professional"),
    ("mes patients me le disent souvent", "professional"),
    ("Je suis pharmacien et je n'en reçois plus", "professional"),
    ("Nous, soignants, sommes épuisés", "professional"),
    ("Selon une étude publiée ce mardi, le risque baisse de 12 % (AFP)", "press"),
    ("Pénurie de médicaments : ce que l'on sait", "press"),
    ("Le laboratoire a été condamné, révèle une enquête de notre rédaction", "press"),
    ("Découvrez notre nouvelle gamme, livraison offerte dès 30 euros", "company"),
    ("Bonjour, nous sommes désolés. Envoyez-nous votre numéro de commande", "company"),
    ("Notre association tient une permanence samedi, nos bénévoles vous attendent", "association"),
    ("Faites un don à la fondation", "association"),
    ("La dose a changé", ""),
    ("Je ne suis pas infirmière", ""),
    ("Si j'étais médecin, je dirais non", ""),
    ("« Je suis diabétique et mon traitement va bien », écrit-il", ""),
    ("> j'ai été diagnostiquée hier\nD'accord.", ""),
    ("Mon mari m'a conduite aux urgences", ""),
    ("mon chat est malade, ma pauvre minette est sous antibiotiques", ""),
    ("J'ai appelé l'association hier", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "labels"), WHO)
def test_who(text: str, labels: str) -> None:
    assert said("who", text) == set(labels.split())


INTENT = [
    ("Quelqu'un a déjà essayé ?", "question"),
    ("Je me demande si ça marche vraiment", "question"),
    ("est ce que je peux le prendre le soir", "question"),
    ("Vous trouvez ça normal ?", ""),
    ("C'est bien fait, non ?", ""),
    ("Voir https://exemple.fr/page?id=3&x=1", ""),
    ("Ce n'est pas une question.", ""),
    ("Aucun effet, argent jeté par les fenêtres", "complaint"),
    ("Service client injoignable, c'est honteux", "complaint"),
    ("aucun effet secondaire pour moi", ""),
    ("Je ne suis pas déçue", ""),
    ("Merci docteur, vous m'avez sauvé la vie", "thanks"),
    ("Un grand merci à toute l'équipe 🙏", "thanks"),
    ("Quelle dose pour un enfant ? Merci d'avance", "question"),
    ("Merci de rappeler le secrétariat", ""),
    ("merci pour rien !", "complaint"),
    ("Aidez-moi svp, je ne sais plus quoi faire", "help"),
    ("Je suis perdue, que faire ?", "help question"),
    ("il parait que ça va être retiré du marché", "rumour"),
    ("On nous cache tout, faites tourner avant que ce soit supprimé", "rumour"),
    ("C'est une fausse rumeur, ne relayez pas", ""),
    ("Bande d'incapables, vous êtes des menteurs", "insult"),
    ("cette putain de migraine", ""),
    ("j'ai été con de l'arrêter", ""),
    ("Je vous conseille d'en parler à votre médecin", "recommendation"),
    ("À fuir !", "complaint recommendation"),
    ("Parlez-en à votre pharmacien", "recommendation"),
    ("Si seulement il existait en sirop", "need"),
    ("À quand un remboursement ?", "need question"),
    ("Nous avons le plaisir de vous annoncer l'ouverture du centre", "announcement"),
    ("Rendez-vous samedi 12 mars à 10 h, inscription gratuite", "announcement"),
    ("Je l'ai pris ce matin", ""),
    ("😀😀", ""),
]


@pytest.mark.parametrize(("text", "labels"), INTENT)
def test_intent(text: str, labels: str) -> None:
    assert said("intent", text) == set(labels.split())


ENGLISH = [
    ("who", "I was diagnosed last year and my doctor told me to wait", "patient"),
    ("who", "My mother has been on chemo since May", "relative"),
    ("who", "As a nurse, I see it every day", "professional"),
    ("who", "According to a new study, the risk falls (Reuters)", "press"),
    ("who", "We're hiring! Join our team", "company"),
    ("who", "Our volunteers need you: donate today", "association"),
    ("intent", "Does anyone know the dose?", "question"),
    ("intent", "Total waste of money, disgraceful service", "complaint"),
    ("intent", "Thank you so much", "thanks"),
    ("intent", "Please help me, I don't know what to do", "help"),
    ("intent", "You are pathetic, shame on you", "complaint insult"),
    ("intent", "I highly recommend it", "recommendation"),
    ("intent", "If only it came as a syrup", "need"),
    ("intent", "We are proud to announce our new app", "announcement"),
    ("intent", "Rumour has it they will stop making it", "rumour"),
    ("intent", "Are you kidding?", ""),
]


@pytest.mark.parametrize(("kind", "text", "labels"), ENGLISH)
def test_english(kind: str, text: str, labels: str) -> None:
    assert said(kind, text, "en") == set(labels.split())


def test_a_text_of_another_language_is_not_read_and_one_of_none_is() -> None:
    assert said("intent", "merci", "es") == set()
    assert said("intent", "merci", None) == {"thanks"}
    assert said("intent", "merci", "und") == {"thanks"}
    assert said("intent", "merci", "fr-CA") == {"thanks"}
