"""The invented company: brands, spaces, watches, people. None exists; addresses end in .example or .test."""

from vigie.demo.records import (
    Company,
    DemoBrand,
    DemoCategory,
    DemoDimension,
    DemoProduct,
    DemoSpace,
    DemoUser,
    DemoWatch,
)
from vigie.schema.vocab import Network, Ownership, Purpose, Role

VAUBRUN, AERIVANE_BRAND, KALMEDIS, ORSENNE = "Laboratoire Vaubrun", "Vaubrun Souffle", "Kalmédis", "Orsenne Pharma"
"""Brands: the house with its thyroid tablet, its inhaler's, and two competitors."""

SERELIUM, AERIVANE = "Sérélium", "Aérivane"
"""Our products: a thyroid tablet, whose formula has changed, and an inhaler."""

TYRELAN, KALMAIR, ORSELYS, INSPIRELLE = "Tyrélan", "Kalmair", "Orsélys", "Inspirelle"
"""Competitors' products: Kalmédis's tablet and inhaler, Orsenne's tablet and inhaler."""

THYROID_PRODUCTS, ASTHMA_PRODUCTS = (SERELIUM, TYRELAN, ORSELYS), (AERIVANE, KALMAIR, INSPIRELLE)
"""What competes with what; ours first."""

MAKERS = {
    SERELIUM: ("Vaubrun",),
    AERIVANE: ("Vaubrun", "Vaubrun Souffle", "Vaubrun"),
    TYRELAN: ("Kalmédis",), KALMAIR: ("Kalmédis",),
    ORSELYS: ("Orsenne Pharma", "Orsenne"), INSPIRELLE: ("Orsenne", "Orsenne Pharma"),
}  # fmt: skip
"""How people call the maker of a product."""

SPELLINGS = {
    SERELIUM: ("serelium", "Serelium", "sérélium", "SERELIUM", "Cérélium", "serelyum", "Sérélyum", "Sérélium®"),
    AERIVANE: ("aerivane", "Aerivane", "aérivane", "AERIVANE", "Aérivan", "airivane"),
    TYRELAN: ("tyrelan", "Tyrelan", "Thyrelan"), KALMAIR: ("kalmair", "Kalm'air", "KALMAIR"),
    ORSELYS: ("orselys", "Orselys", "Orcelys"), INSPIRELLE: ("inspirelle", "Inspirel"),
}  # fmt: skip
"""How people write a product when they don't write it right."""

SPACES = (
    DemoSpace("thyroide-entraide", "Thyroïde-Entraide", Network.FORUM.value, "https://forum.thyroide-entraide.example/", 0.17, 1.0, 0.45, "thyroid", "patients"),
    DemoSpace("souffle-forum", "Le forum du souffle", Network.FORUM.value, "https://forum-du-souffle.example/", 0.10, 1.0, 0.5, "asthma", "patients, parents"),
    DemoSpace("mastodon-sante", "Santé sur Mastodon", Network.MASTODON.value, "https://piaf-sante.example/", 0.12, 0.62, 0.65, "both", "patients, soignants"),
    DemoSpace("bluesky-sante", "Santé sur Bluesky", Network.BLUESKY.value, "https://ciel-sante.example/", 0.16, 0.60, 0.5, "both", "grand public"),
    DemoSpace("avis-medicaments", "Avis sur les médicaments", Network.REVIEW.value, "https://avis-medicaments.example/", 0.10, 0.66, 0.5, "both", "patients"),
    DemoSpace("video-pharmacie", "Pharmacie expliquée : les commentaires", Network.YOUTUBE.value, "https://videos.example/pharmacie-expliquee", 0.11, 0.72, 0.2, "both", "grand public"),
    DemoSpace("presse-sante", "Revue de presse santé", Network.PRESS.value, "https://revue.presse-sante.example/", 0.06, 0.72, 1.0, "both", "journalistes",
              sites=("courrier-des-deux-rives.example", "echos-du-soin.example", "gazette-d-amont.example", "sante-en-region.example", "pharmacies-magazine.example")),
    DemoSpace("groupe-officine", "Groupe professionnel Officine", Network.LINKEDIN.value, "https://reseau-pro.example/groupes/officine", 0.05, 0.75, 0.95, "both", "professionnels"),
    DemoSpace("thyroid-talk", "Thyroid Talk", Network.FORUM.value, "https://boards.thyroid-talk.example/", 0.09, 0.0, 0.5, "thyroid", "patients"),
    DemoSpace("blog-vaubrun", "Le blog de Vaubrun, billets et commentaires", Network.BLOG.value, "https://blog.vaubrun.example/", 0.04, 0.85, 0.8, "both", "visiteurs",
              ownership=Ownership.OWNED.value, brand=VAUBRUN),
)  # fmt: skip
"""Ten spaces on eight kinds of network; shares add up to one. All are loaded as imports: nothing answers at `.example`."""

_FORMULA = "formule OR formula OR reformulat* OR excipient* OR vertige* OR dizz* OR mannitol"
"""Words of the bad buzz."""

WATCHES = (
    DemoWatch("Sérélium", "serelium OR cerelium OR serelyum", Purpose.PRODUCT.value, VAUBRUN, VAUBRUN),
    DemoWatch("Sérélium, nouvelle formule", f"(serelium OR cerelium OR serelyum) AND ({_FORMULA})", Purpose.CRISIS.value, VAUBRUN, VAUBRUN),
    DemoWatch("Laboratoire Vaubrun", 'vaubrun NOT "vaubrun souffle"', Purpose.BRAND.value, VAUBRUN, VAUBRUN),
    DemoWatch("Aérivane", 'aerivan* OR airivane OR "vaubrun souffle"', Purpose.PRODUCT.value, AERIVANE_BRAND, AERIVANE_BRAND),
    DemoWatch("Kalmédis", "kalmedis OR tyrelan OR thyrelan OR kalmair OR \"kalm'air\"", Purpose.COMPETITOR.value, VAUBRUN, KALMEDIS),
    DemoWatch("Orsenne Pharma", "orsenne OR orselys OR orcelys OR inspirelle OR inspirel", Purpose.COMPETITOR.value, VAUBRUN, ORSENNE),
    DemoWatch("Vivre avec la thyroïde", "(thyroid* OR hypothyroid* OR hashimoto) AND NOT (serelium OR tyrelan OR orselys)", Purpose.FIELD.value, VAUBRUN, None),
    DemoWatch("Le souffle, en français", '(asthm* OR bpco OR "le souffle") AND language:fr', Purpose.FIELD.value, AERIVANE_BRAND, None),
)  # fmt: skip
"""Eight standing queries: products, brand, crisis, competitors, field."""

DIMENSIONS = (
    DemoDimension("Thème", (
        DemoCategory("Effets ressentis"),
        DemoCategory("Vertiges et malaises", 'vertig* OR malaise* OR "tête qui tourne" OR dizz* OR lightheaded OR "head spins"', "Effets ressentis"),
        DemoCategory("Fatigue", "fatigu* OR epuis* OR creve OR crevee OR tired OR exhaust* OR knackered", "Effets ressentis"),
        DemoCategory("Respiration", "essouffl* OR breath* OR toux OR tousse* OR cough* OR sifflement*", "Effets ressentis"),
        DemoCategory("Composition", "formule* OR formula OR excipient*"),
        DemoCategory("Accès et prix", "ruptur* OR penurie OR stock* OR rembours* OR prix OR price* OR shortage OR pharmac*"),
    )),
)  # fmt: skip
"""What the company sorts its mentions by."""

USERS = (
    DemoUser("Alix Morvan", "admin@vaubrun.test", Role.ADMINISTRATOR.value),
    DemoUser("Camille Roussel", "communaute@vaubrun.test", Role.COMMUNITY_MANAGER.value, (VAUBRUN, AERIVANE_BRAND)),
    DemoUser("Noé Lambert", "vigilance@vaubrun.test", Role.SAFETY_OFFICER.value),
    DemoUser("Inès Garnier", "lecture@vaubrun.test", Role.READER.value, (VAUBRUN, AERIVANE_BRAND)),
    DemoUser("Sacha Perrin", "souffle@vaubrun.test", Role.COMMUNITY_MANAGER.value, (AERIVANE_BRAND,)),
)
"""One user a role, and one who works for a single brand."""


def company() -> Company:
    """Return the company of the story."""
    ours, others = (VAUBRUN, AERIVANE_BRAND), (KALMEDIS, ORSENNE)
    brands = tuple(DemoBrand(name, is_ours=name in ours) for name in (*ours, *others))
    products = tuple(DemoProduct(name, SPELLINGS[name], name in (SERELIUM, AERIVANE)) for name in SPELLINGS)
    return Company(brands, SPACES, WATCHES, USERS, DIMENSIONS, products)
