"""The invented company's own news, as a feed that the demo serves and reads by itself; they are no part of the story.

A feed is read as any other is: by its address, on its schedule, through the guard. So the log of reads and the state of a
space are real, though what they read is made up.
"""

from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

from vigie.demo.cast import VAUBRUN
from vigie.demo.records import DemoNews, DemoSpace
from vigie.schema.vocab import Network, Ownership

SITE = "https://actualites.vaubrun.example"
"""Where the news would stand if the company existed."""

NEWS_SPACE = DemoSpace(
    "actualites-vaubrun", "Les actualités de Vaubrun, lues par la démonstration", Network.FEED.value, f"{SITE}/",
    share=0.0, french=0.75, care=1.0, about="both", audience="visiteurs", kind="feed", ownership=Ownership.OWNED.value,
    brand=VAUBRUN,
)  # fmt: skip
"""Ours, so that its reads stand in the log; nothing of the story is written there."""

NEWS = (
    DemoNews("questions-serelium", 2, "Vos questions sur Sérélium", "Nos pharmaciens répondent aux questions reçues cette semaine sur les comprimés de Sérélium."),
    DemoNews("numero-vert", 6, "Un numéro pour les patients", "Une équipe répond au téléphone aux personnes traitées par Sérélium, tous les jours ouvrés."),
    DemoNews("patient-leaflet", 13, "The Sérélium leaflet, explained", "A page explains each part of the Sérélium leaflet in plain words."),
    DemoNews("souffle-ecoles", 24, "Le souffle à l’école", "Vaubrun Souffle prête des chambres d’inhalation de démonstration aux infirmières scolaires."),
    DemoNews("rencontre-patients", 38, "Rencontre avec les associations", "Le laboratoire Vaubrun a reçu cinq associations de patients de la thyroïde."),
    DemoNews("aerivane-geste", 52, "Aérivane : le bon geste en images", "Un dépliant montre, pas à pas, comment se servir de l’inhalateur Aérivane."),
    DemoNews("recycling", 67, "Bring back empty inhalers", "Pharmacies that take part collect empty Aérivane inhalers."),
    DemoNews("visite-usine", 81, "Portes ouvertes à l’atelier", "Une journée pour voir comment les comprimés sont contrôlés."),
)  # fmt: skip
"""Eight announcements, the newest first."""

ATOM = "http://www.w3.org/2005/Atom"
"""Namespace of Atom (RFC 4287 §2)."""


def feed(*, until: datetime) -> bytes:
    """Return the news as an Atom feed, dated back from the end of the story; the same bytes for the same end."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    _texts(
        root,
        title=f"{VAUBRUN} : actualités (inventées pour la démonstration)",
        id=f"{SITE}/",
        updated=_at(until, NEWS[0]),
    )
    for one in NEWS:
        entry = ET.SubElement(root, f"{{{ATOM}}}entry")
        at = _at(until, one)
        _texts(entry, title=one.title, id=f"{SITE}/{one.slug}", published=at, updated=at, content=one.text)
        _texts(ET.SubElement(entry, f"{{{ATOM}}}author"), name=VAUBRUN)
        ET.SubElement(entry, f"{{{ATOM}}}link", href=f"{SITE}/{one.slug}")
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _texts(parent: ET.Element, **texts: str) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _at(until: datetime, one: DemoNews) -> str:
    return (until - timedelta(days=one.back)).replace(microsecond=0).isoformat()
