"""What the demo knows of the companies behind its accounts."""

import numpy as np

from integrations.demo.portfolio import EXPANSION, SPONSOR_LOST, DemoAccount

DOES = {
    "Manufacturing": "Makes {what} for industrial customers; three plants, sold through dealers.",
    "Finance": "Offers {what} to private and business customers, mostly online.",
    "Health care": "Provides {what} for clinics and practices in the region.",
    "Retail": "Sells {what} in its own shops and online.",
    "Education": "Teaches {what} in courses for companies and public bodies.",
    "Logistics": "Moves {what} for manufacturers and shops, with a fleet of its own.",
}
WHAT = {
    "Manufacturing": ("pumps and valves", "packaging machines", "control cabinets"),
    "Finance": ("accounts and loans", "leasing for machines", "payment services"),
    "Health care": ("laboratory tests", "imaging services", "home care"),
    "Retail": ("household goods", "sports equipment", "organic food"),
    "Education": ("languages", "data skills", "trades and crafts"),
    "Logistics": ("parcels and pallets", "chilled goods", "spare parts"),
}
PLACES = {
    "EMEA": ("Hamburg, Germany", "Lyon, France", "Leeds, United Kingdom", "Utrecht, Netherlands"),
    "Americas": ("Austin, United States", "Toronto, Canada", "Curitiba, Brazil"),
    "APAC": ("Osaka, Japan", "Melbourne, Australia", "Pune, India", "Singapore"),
}
FUNDING = (
    "Family-owned",
    "Family-owned",
    "Listed",
    "Series A, $9 M",
    "Series B, $24 M",
    "Series C, $61 M",
    "Owned by a private equity fund",
)


def company(account: DemoAccount, *, seed: int) -> dict[str, str | int]:
    rng = np.random.default_rng([seed, 6, *account.key.encode()])
    what = WHAT[account.industry][int(rng.integers(len(WHAT[account.industry])))]
    places = PLACES[account.region]
    return {
        "description": DOES[account.industry].format(what=what),
        "industry": account.industry,
        "employees": round(account.seats * int(rng.integers(9, 40)), -1),
        "funding": FUNDING[int(rng.integers(len(FUNDING)))],
        "location": places[int(rng.integers(len(places)))],
        "website": f"https://www.{account.key}.example",
        "linkedin": f"https://social.example/company/{account.key}",
    }


def tags(account: DemoAccount, *, seed: int) -> list[str]:
    rng = np.random.default_rng([seed, 8, *account.key.encode()])
    found = {
        "Strategic": account.plan == "Enterprise",
        "Upsell": account.character == EXPANSION,
        "Save plan": account.character == SPONSOR_LOST,
        "Beta": rng.random() < 0.08,
        "Partner": rng.random() < 0.05,
    }
    return [name for name, holds in found.items() if holds]
