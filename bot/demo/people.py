"""The fictional services of the demo. Every person, employer and place in here is invented."""

from __future__ import annotations

from dataclasses import dataclass

#: For the demo only; real accounts are made by invitation.
DEMO_PASSWORD = "foothold-demo-2026"  # noqa: S105 (printed on the demo's sign-in page)
DEMO_TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105

OFFICE_HOURS = {str(day): [["09:00", "12:30"], ["13:00", "17:00"]] for day in range(5)}


@dataclass(frozen=True)
class DemoService:
    """A fictional service."""

    ref: str
    name: str
    region: str
    timezone: str
    phone: str
    country: str


@dataclass(frozen=True)
class DemoStaff:
    """A fictional member of staff."""

    name: str
    email: str
    role: str
    service: str
    second_factor: bool


@dataclass(frozen=True)
class DemoLead:
    """A fictional vacancy that a consultant shared."""

    title: str
    employer: str
    place: str
    hours: str
    pay: str
    summary: str
    why: str


@dataclass(frozen=True)
class DemoClient:
    """A fictional client; `meets_in` gives days from now and the local hour of the next meeting."""

    ref: str
    name: str
    consultant: str
    area: str
    phase: str
    status: str
    goals: tuple[str, ...] = ()
    meets_in: tuple[int, int] | None = None
    meets_at: str | None = None
    leads: tuple[DemoLead, ...] = ()
    referred_days_ago: int = 30


SERVICES = (
    DemoService("ashbourne", "Harbour Way Employment", "england", "Europe/London", "01632 960 180", "GB"),
    DemoService("tarahill", "Tara Hill Mahi", "new_zealand", "Pacific/Auckland", "04 555 0180", "NZ"),
)

STAFF = (
    DemoStaff("Amina Yusuf", "amina@demo.example", "consultant", "ashbourne", False),
    DemoStaff("Piotr Nowak", "piotr@demo.example", "consultant", "ashbourne", False),
    DemoStaff("Grace Bell", "grace@demo.example", "manager", "ashbourne", True),
    DemoStaff("Ada Quist", "ada@demo.example", "admin", "ashbourne", True),
    DemoStaff("Jo Lowry", "jo@demo.example", "duty", "ashbourne", True),
    DemoStaff("Mere Tamihana", "mere@demo.example", "consultant", "tarahill", False),
)

_GARDEN = DemoLead(
    "Garden centre assistant",
    "Fernleigh Plants",
    "Westmere",
    "16 hours a week, mornings",
    "£12.60 an hour",
    "Watering, pricing and helping customers find plants. A small team and a quiet start to the day.",
    "It is outdoors and in the mornings, as you asked.",
)
_LIBRARY = DemoLead(
    "Library helper",
    "Westmere Library",
    "Westmere",
    "12 hours a week",
    "£12.45 an hour",
    "Putting books back, helping at the desk for one hour a day, and setting up the reading room.",
    "It is quiet, and the bus stops outside.",
)
_BAKERY = DemoLead(
    "Bakery assistant",
    "Crumb and Co",
    "Northgate",
    "20 hours a week, from 6am",
    "£12.80 an hour",
    "Packing orders and keeping the kitchen clean. The team has its break together at 9am.",
    "You said early mornings suit you.",
)
_WAREHOUSE = DemoLead(
    "Stockroom helper",
    "Kauri Home",
    "Taradale Park",
    "18 hours a week, days",
    "$25.10 an hour",
    "Unpacking deliveries and keeping the shelves full. No heavy lifting on your own.",
    "It is day work, close to the bus.",
)

CLIENTS = (
    DemoClient(
        "sam",
        "Sam Okoro",
        "amina@demo.example",
        "Westmere",
        "job_search",
        "active",
        ("Work with plants, two or three mornings a week",),
        (2, 10),
        "Westmere Library cafe",
        (_GARDEN, _LIBRARY),
        24,
    ),
    DemoClient(
        "leila",
        "Leila Haddad",
        "amina@demo.example",
        "Westmere",
        "planning_preparation",
        "active",
        ("Find out what work I could do with my bad nights",),
        (1, 14),
        "the office",
        (),
        6,
    ),
    DemoClient(
        "dev",
        "Dev Patel",
        "amina@demo.example",
        "Northgate",
        "placement_support",
        "in_work",
        ("Keep my job at the bakery past the winter",),
        (4, 11),
        "by phone",
        (),
        140,
    ),
    DemoClient(
        "joan",
        "Joan Price",
        "amina@demo.example",
        "Northgate",
        "job_search",
        "active",
        ("A quiet office job near home",),
        None,
        None,
        (_LIBRARY,),
        41,
    ),
    DemoClient(
        "marcus",
        "Marcus Webb",
        "amina@demo.example",
        "Westmere",
        "job_search",
        "paused",
        ("Get back to driving work",),
        None,
        None,
        (),
        90,
    ),
    DemoClient(
        "ruth",
        "Ruth Adeyemi",
        "piotr@demo.example",
        "Northgate",
        "job_search",
        "active",
        ("Ten hours a week to start with", "Learn to use a till"),
        (3, 9),
        "Northgate Community Hall",
        (_BAKERY,),
        33,
    ),
    DemoClient(
        "tomas",
        "Tomas Silva",
        "piotr@demo.example",
        "Westmere",
        "planning_preparation",
        "active",
        (),
        (1, 15),
        "the office",
        (),
        3,
    ),
    DemoClient(
        "ellie",
        "Ellie Marsh",
        "piotr@demo.example",
        "Northgate",
        "placement_support",
        "in_work",
        ("Talk to my boss about breaks",),
        None,
        None,
        (),
        200,
    ),
    DemoClient(
        "george",
        "George Lim",
        "piotr@demo.example",
        "Westmere",
        "job_search",
        "active",
        ("Something with animals",),
        None,
        None,
        (_GARDEN,),
        58,
    ),
    DemoClient(
        "aroha",
        "Aroha Rangi",
        "mere@demo.example",
        "Taradale Park",
        "job_search",
        "active",
        ("Day work that fits with my boy's school",),
        (2, 10),
        "the marae cafe",
        (_WAREHOUSE,),
        19,
    ),
    DemoClient(
        "wiremu",
        "Wiremu Paki",
        "mere@demo.example",
        "Taradale Park",
        "planning_preparation",
        "active",
        ("Get my forklift licence back",),
        (5, 13),
        "the office",
        (),
        9,
    ),
    DemoClient(
        "hana",
        "Hana Cole",
        "mere@demo.example",
        "Hillside",
        "placement_support",
        "in_work",
        ("Move up to 20 hours",),
        None,
        None,
        (),
        160,
    ),
)

FIRST_NAMES = (
    "Ada", "Ben", "Cara", "Dan", "Eve", "Finn", "Gita", "Hugo", "Isla", "Jake", "Kit", "Lena", "Milo", "Nia",
    "Omar", "Pia", "Quinn", "Rosa", "Sol", "Tess", "Uma", "Vik", "Wren", "Yan", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Abbot",
    "Brook",
    "Carver",
    "Dale",
    "Ember",
    "Frost",
    "Grove",
    "Heath",
    "Ives",
    "Jarvis",
    "Kemp",
    "Lane",
)
