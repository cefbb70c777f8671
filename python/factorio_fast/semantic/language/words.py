"""The words of commands: verbs, prepositions, units, and those that say nothing."""

from __future__ import annotations

from factorio_fast.planning.places import DIRECTIONS

__all__ = ["DIRECTION_WORDS", "PHRASES", "SILENT", "TIME_TICKS", "VERBS", "WATTS", "vocabulary"]

PHRASES: dict[tuple[str, ...], str] = {
    ("set", "up"): "setup",
    ("set", "it", "up"): "setup",
    ("put", "up"): "setup",
    ("hook", "up"): "connect",
    ("hook",): "connect",
    ("tear", "down"): "remove",
    ("take", "down"): "remove",
    ("take", "away"): "remove",
    ("get", "rid", "of"): "remove",
    ("rip", "out"): "remove",
    ("pick", "up"): "pickup",
    ("put", "down"): "place",
    ("set", "down"): "place",
    ("lay", "down"): "place",
    ("cut", "down"): "chop",
    ("look", "for"): "find",
    ("search", "for"): "find",
    ("scale", "up"): "expand",
    ("ramp", "up"): "expand",
    ("step", "up"): "expand",
    ("bring", "up"): "expand",
    ("fill", "up"): "fill",
    ("top", "up"): "fill",
    ("next", "to"): "near",
    ("close", "to"): "near",
    ("right", "by"): "near",
    ("out", "of"): "from",
    ("by", "hand"): "byhand",
    ("power", "plant"): "powerplant",
    ("power", "station"): "powerplant",
    ("steam", "plant"): "steamplant",
    ("steam", "power", "plant"): "steamplant",
    ("wire", "up"): "electrify",
    ("hold", "on"): "wait",
    ("hang", "on"): "wait",
    ("power", "grid"): "grid",
    ("power", "network"): "grid",
    ("electric", "network"): "grid",
    ("electric", "grid"): "grid",
    ("electrical", "grid"): "grid",
    ("electrical", "network"): "grid",
    ("assembly", "line"): "line",
    ("production", "line"): "line",
    ("turn", "into"): "smelt",
    ("where", "i", "am"): "here",
    ("where", "i", "stand"): "here",
    ("where", "you", "are"): "here",
    ("where", "you", "stand"): "here",
    ("around", "me"): "here",
    ("near", "me"): "here",
    ("near", "you"): "here",
    ("by", "me"): "here",
    ("to", "me"): "here",
    ("over", "here"): "here",
    ("right", "here"): "here",
    ("this", "spot"): "here",
    ("a", "bit", "more"): "more",
    ("make", "sure"): "please",
    ("as", "well"): "please",
    ("iron", "ore"): "ironore",
}
del PHRASES["iron", "ore"]
"""Words that belong together, and the one word for them."""

VERBS: dict[str, str] = {
    **dict.fromkeys(["wait", "pause", "sleep", "idle"], "wait"),
    **dict.fromkeys(["research", "study", "unlock", "investigate"], "research"),
    **dict.fromkeys(["explore", "scout", "survey", "reconnoitre"], "explore"),
    **dict.fromkeys(["find", "locate"], "find"),
    **dict.fromkeys(["defend", "protect", "fortify", "guard", "secure"], "defend"),
    **dict.fromkeys(["clear", "level"], "clear"),
    **dict.fromkeys(["remove", "deconstruct", "dismantle", "demolish", "uninstall"], "remove"),
    "pickup": "pickup",
    **dict.fromkeys(["go", "walk", "run", "travel", "head", "come", "return"], "go"),
    "move": "move",
    **dict.fromkeys(["transfer", "carry", "haul", "deliver", "bring", "transport"], "carry"),
    **dict.fromkeys(["take", "grab", "empty", "retrieve", "unload"], "take"),
    **dict.fromkeys(["put", "insert", "load", "fill", "feed", "fuel", "refuel", "drop"], "put"),
    "add": "add",
    **dict.fromkeys(["set", "configure", "switch", "change", "program"], "set"),
    **dict.fromkeys(["connect", "link", "attach", "join", "belt"], "connect"),
    **dict.fromkeys(["electrify", "wire"], "electrify"),
    **dict.fromkeys(["smelt", "melt"], "smelt"),
    **dict.fromkeys(["automate", "automatic", "automatically", "automated"], "automate"),
    **dict.fromkeys(
        ["expand", "extend", "increase", "boost", "grow", "raise", "enlarge", "scale"], "expand"
    ),
    **dict.fromkeys(["mine", "dig"], "mine"),
    **dict.fromkeys(["gather", "collect", "get", "harvest", "chop", "fetch", "cut"], "gather"),
    **dict.fromkeys(["craft", "handcraft"], "craft"),
    **dict.fromkeys(["make", "produce", "manufacture", "fabricate"], "make"),
    **dict.fromkeys(
        ["build", "setup", "construct", "create", "establish", "erect", "install"], "build"
    ),
    **dict.fromkeys(["place", "lay"], "place"),
    **dict.fromkeys(["need", "want", "require"], "want"),
}
"""The verbs of commands, and what each means."""

DIRECTION_WORDS: dict[str, str] = {
    **{direction: direction for direction in DIRECTIONS},
    **{f"{direction}ward": direction for direction in DIRECTIONS},
    **{f"{direction}wards": direction for direction in DIRECTIONS},
    **{f"{direction}ern": direction for direction in DIRECTIONS},
}

TIME_TICKS: dict[str, int] = {
    "tick": 1,
    **dict.fromkeys(["second", "sec", "s"], 60),
    **dict.fromkeys(["minute", "min"], 3_600),
    **dict.fromkeys(["hour", "hr", "h"], 216_000),
}
"""Ticks of a unit of time."""

WATTS: dict[str, float] = {
    **dict.fromkeys(["watt", "w"], 1.0),
    **dict.fromkeys(["kw", "kilowatt"], 1e3),
    **dict.fromkeys(["mw", "megawatt"], 1e6),
    **dict.fromkeys(["gw", "gigawatt"], 1e9),
}

SILENT = frozenset(
    """
    a an the this that these those some of to for at in on with so now then just please kindly
    can could would will you your i we us our my me want wants need needs like should shall
    must let lets let's i'd i'll we'd we'll go ahead and there here it its them they is are be
    been being do does have has having more additional extra new another further other up by
    from into onto over under also as well too ok okay hey hi hello thanks thank quickly quick
    soon first immediately asap properly good nice enough able job task goal try start begin
    continue working about around roughly approximately least per each every rate total all
    any item items thing things piece pieces unit units worth amount tile tiles minute second
    hour make sure which keep keeps running stuff ready place spot area location site patch
    field deposit vein ore ores side out when while way off back along toward towards until
    again both own stock supply hand everything contents content next few several going
    nearest closest using down bit little lot lots plenty time times
    """.split()  # noqa: SIM905 - a hundred words read better so
)
"""Words that may stand in a command and decide nothing by themselves."""

_OTHER = frozenset(
    """
    against array smelter smelting foundry column line row production output factory plant power
    electricity electric energy grid network powerplant recipe defence defense defences
    defenses mining byhand stack stacks belt belts full lane half north south east west tile
    tiles square near beside around between coordinates coordinate position point x y per
    minute minutes hour hours second seconds megawatt kilowatt watt technology tech research
    furnace bonfire
    """.split()  # noqa: SIM905 - a hundred words read better so
)


def vocabulary() -> frozenset[str]:
    """Return the words of commands that are no names of things."""
    joined = {word for phrase in PHRASES for word in phrase}
    return frozenset(
        {
            *VERBS,
            *DIRECTION_WORDS,
            *TIME_TICKS,
            *WATTS,
            *SILENT,
            *_OTHER,
            *joined,
            *PHRASES.values(),
        }
    )
