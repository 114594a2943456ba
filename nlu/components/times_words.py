"""The words that the time grammar knows: slips and short forms first, because that is how clients write."""

import functools


def word_set(words: str) -> "frozenset[str]":
    """The words of a line, as a set."""
    return frozenset(words.split())


WEEKDAYS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "monday mon mond munday mondy moday mnday",
            "tuesday tue tues teusday tuseday tusday tuesdy tuesaday chewsday",
            "wednesday wed weds wensday wendsday wednsday wedsday wedensday wednesdy wensdy wenesday",
            "thursday thu thur thurs thursdy thirsday thusday thrusday thurday thurdsay",
            "friday fri firday fridy fryday fryd",
            "saturday sat satday saterday satdy satruday saturdy saturaday",
            "sunday sun sundy sunady",
        )
    )
    for word in words.split()
}
# Weekdays in te reo Māori, read for New Zealand only ("ratu" is also a title elsewhere).
MAORI_WEEKDAYS: dict[str, int] = {
    "rāhina": 0, "rahina": 0, "mane": 0, "rātū": 1, "ratu": 1, "tūrei": 1, "turei": 1, "rāapa": 2, "raapa": 2,
    "wenerei": 2, "rāpare": 3, "rapare": 3, "tāite": 3, "rāmere": 4, "ramere": 4, "paraire": 4,
    "rāhoroi": 5, "rahoroi": 5, "hatarei": 5, "rātapu": 6, "ratapu": 6,
}  # fmt: skip
# Also English words: these name a day only where the words around say so (see times_days).
DOUBTFUL_WEEKDAYS = frozenset(("sat", "sun", "wed", "mon", "mane"))
PLURAL_WEEKDAYS: dict[str, int] = {
    word + "s": number
    for word, number in WEEKDAYS.items()
    if word.endswith("y") or word in ("mon", "fri", "sat", "sun")
}

TODAY = frozenset(("today", "2day", "tday", "todat", "tody", "2dy", "tdy"))
TOMORROW = word_set(
    "tomorrow tomorow tommorow tommorrow tomorro tomorrows tomoro tomoz tomos tmrw tmrow tmoro tmoz tmw "
    "tmr tmz tomo tomora tomorra tommorro tomorrrow 2moro 2moz 2mrw 2morrow 2mora 2mo 2morro tomrrow "
    "tomarrow morrow āpōpō apopo"
)
YESTERDAY = word_set("yesterday yest yesterdays yday ystrday yesturday yesteday yesterdy")
TONIGHT = word_set("tonight tonite 2nite 2night tnite tonigt 2nyt tonyt")

MONTHS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "january jan janurary janury",
            "february feb febuary febry",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec decemeber",
        ),
        start=1,
    )
    for word in words.split()
}

_COUNTING = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
NUMBERS: dict[str, int] = {
    **{word: number for number, word in enumerate(_COUNTING.split(), start=1)},
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "couple": 2,
}
_ORDERING = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
ORDINALS: dict[str, int] = {word: number for number, word in enumerate(_ORDERING.split(), start=1)}

NEXT = frozenset(("next", "nxt", "nex"))
THIS = frozenset(("this", "dis"))
COMING = frozenset(("coming", "upcoming"))
LAST = frozenset(("last", "lst"))
WEEK = frozenset(("week", "wk", "weeks", "wks"))
EVERY = frozenset(("every", "each", "evry"))
TO = frozenset(("to", "till", "til", "until", "-", "–", "—", "thru", "through", "untill"))
OR = frozenset(("or", "/", "|"))

# Minutes from midnight. Six-hour parts, so that morning, afternoon and evening meet without a gap.
PARTS: dict[str, tuple[str, int, int]] = {
    **dict.fromkeys(("morning", "mornin", "morn", "mornings", "ata"), ("morning", 360, 720)),
    **dict.fromkeys(
        ("afternoon", "arvo", "afternoons", "arvos", "afternon", "aftenoon", "afto", "avo", "ahiahi"),
        ("afternoon", 720, 1080),
    ),
    **dict.fromkeys(("evening", "evenin", "evenings", "evning", "eve", "eves"), ("evening", 1080, 1440)),
    **dict.fromkeys(("night", "nite", "nights", "nites"), ("night", 1080, 1440)),
    **dict.fromkeys(("lunchtime", "lunch", "lunchtimes"), ("lunch", 720, 840)),
    **dict.fromkeys(("teatime",), ("tea", 1020, 1140)),
    **dict.fromkeys(("dinnertime", "dinner"), ("dinner", 1080, 1200)),
    **dict.fromkeys(("breakfast", "brekkie", "breakfasttime"), ("breakfast", 420, 540)),
    **dict.fromkeys(("eod", "cob"), ("end of day", 960, 1080)),
}
PLURAL_PARTS = frozenset(
    ("mornings", "afternoons", "arvos", "evenings", "eves", "nights", "nites", "lunchtimes")
)
# Words that are a part of the day only with help ("time", "before", a day beside them).
MEALS = frozenset(("lunch", "dinner", "breakfast", "brekkie", "tea"))
NARROWED: dict[tuple[str, str], tuple[int, int]] = {
    ("early", "morning"): (360, 540),
    ("late", "morning"): (600, 720),
    ("mid", "morning"): (570, 660),
    ("early", "afternoon"): (720, 900),
    ("mid", "afternoon"): (840, 960),
    ("late", "afternoon"): (960, 1080),
    ("early", "evening"): (1080, 1200),
    ("late", "evening"): (1260, 1440),
    ("late", "night"): (1260, 1440),
}

UNITS: dict[str, str] = {
    **dict.fromkeys(word_set("minute minutes min mins mns minuets"), "M"),
    **dict.fromkeys(word_set("hour hours hr hrs hor hours' huor"), "H"),
    **dict.fromkeys(word_set("day days dys"), "D"),
    **dict.fromkeys(word_set("week weeks wk wks weeks'"), "W"),
    **dict.fromkeys(word_set("fortnight fortnights fornight"), "F"),
    **dict.fromkeys(word_set("month months mnth mnths mth mths"), "MO"),
    **dict.fromkeys(word_set("year years yr yrs"), "Y"),
}

# What may follow an hour or a day of the month: anything else ("high st", "people") makes the number a count.
FOLLOWERS = frozenset(["", ",", ".", "!", "?", ";", ":", "\n", ")", "(", "-", "–", "—", "/", "&"]) | word_set(
    "or and if pls plz please ok okay is then works work suits suit wud would wld will be but so for "
    "with to till til until on in at i ill im id ive u you we my me ta thanks thx cheers chur aye eh "
    "mate bro instead again maybe cos coz because cause when while not no just was ish sharp only same shift "
    "appointment appt slot start finish good fine "
    "better best great can cud could should shud shld tho though today tomorrow tonight this next every "
    "about that thats its it the of he she they do does did xx x lol hun love available free bst gmt "
    "onwards k yh yeah yes sweet mum mums need got gotta have has still really a too"
)
NEGATIVES = word_set("dont not no never stop without quiet mute silence cant wont didnt shouldnt nothing")
CONTACT = word_set(
    "text texts texting texted txt txts txting txtin message messages messaging msg msgs contact "
    "contacting ring ringing rings call calls calling phone phoning bother bothering disturb disturbing "
    "buzz ping pings notify notifications notification write reminders reminder alerts alert msging "
    "messagin textin callin ringin quiet silent dnd"
)
AVAILABILITY = word_set("do work working free available make come manage got")
MOVING = word_set(
    "move moved moving change changed changing switch swap push pushed shift rearrange reschedule"
)


@functools.lru_cache(maxsize=1)
def _slips() -> dict[str, int]:
    """Every weekday with one letter left out, doubled or swapped with its neighbour."""
    slips: dict[str, int] = {}
    for word, number in WEEKDAYS.items():
        if not word.endswith("day"):
            continue
        for at in range(len(word)):
            slips.setdefault(word[:at] + word[at + 1 :], number)
            slips.setdefault(word[: at + 1] + word[at:], number)
            slips.setdefault(word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :], number)
    return slips


def weekday_of(word: str, new_zealand: bool = False) -> "int | None":
    """The weekday (Monday is 0) that a word names, read through common slips, or None."""
    number = WEEKDAYS.get(word)
    if number is None and len(word) > 4:
        number = _slips().get(word)
    if number is None and new_zealand:
        number = MAORI_WEEKDAYS.get(word)
    return number
