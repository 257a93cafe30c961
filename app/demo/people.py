"""Plans us, the companies and the people at them."""

import random
from collections.abc import Iterator
from datetime import timedelta

from app.demo.office import Firm, Office, OurUser, Person, Row, TableRow
from app.demo.words import Weighted, dice, slug, words
from models.ids import new_id
from models.records import User
from models.values import (
    Role,
    company_key,
    name_key,
)

_HISTORY_DAYS = 760
_PRIVATE = 0.08  # people who buy for themselves
_SUBSIDIARY = 0.06
_MAIL_HOSTS = ("mail.example", "post.example", "inbox.example")


def plan_users(office: Office) -> Iterator[TableRow]:
    """Plan ourselves; whoever made the demo plays the first part."""
    rng = dice(office.seed, "users")
    made = office.moments.at(office.moments.ago(_HISTORY_DAYS + 40), 9)
    cast = list(words("office")["users"])
    while len(cast) < office.sizes.users:
        given, family = _name("de" if len(cast) % 2 else "en", rng)
        region = rng.choice(["DACH", "West", "North", "South", "Gulf", "Overseas"])
        cast.append(
            {"name": f"{given[0]} {family[0]}", "role": "sales", "region": region, "manager": 0}
            | {"team": rng.choice(["Team North", "Team South"]), "win": rng.uniform(0.25, 0.45)}
        )
    for place, part in enumerate(cast):
        own = office.ground.user_id if place == 0 else None
        name = (office.ground.user_name or part["name"]) if own is not None else part["name"]
        user = OurUser(
            own or new_id(),
            name,
            part["region"],
            part["role"] == "sales",
            part["win"],
            part["team"],
        )
        office.users.append(user)
        if own is None:
            manager = part.get("manager")
            yield (
                User,
                {
                    "id": user.id,
                    "created_at": made,
                    "name": name,
                    "name_key": name_key(name),
                    "email": f"{slug(name).replace('-', '.')}@closeknit.example",
                    "role": Role.MEMBER if place or office.ground.users else Role.OWNER,
                    "team": user.team,
                    "region": user.region,
                    "manager_id": None if manager is None else office.users[manager].id,
                    "time_zone": None,
                },
            )


def plan_people(office: Office) -> None:
    """Plan the companies and the people, with nobody's address twice."""
    _plan_firms(office)
    rng = dice(office.seed, "people")
    countries = Weighted((c, c["weight"]) for c in words("places")["countries"])
    mails: set[str] = set()
    featured = words("people")["featured"]
    by_name = {firm.name: i for i, firm in enumerate(office.firms[:40])}
    for n in range(office.sizes.contacts):
        if n < len(featured):
            known = featured[n]
            firm: int | None = by_name.get(known["company"], 0)
            culture, title = known["culture"], known["title"]
            given, family = (x if isinstance(x, list) else [x, x] for x in known["name"])
        else:
            private = rng.random() < _PRIVATE
            firm = None if private else _firm_of(office, rng)
            country = countries.pick(rng) if firm is None else office.firms[firm].country
            culture = Weighted.of(country["cultures"]).pick(rng)
            given, family = _name(culture, rng)
            title = None if private else rng.choice(words("people")["titles"])
        office.people.append(
            _person(office, rng, firm, culture, (given, family), title, mails, countries)
        )
        if firm is not None:
            office.firms[firm].people.append(n)


def _firm_of(office: Office, rng: random.Random) -> int:
    # Squared: some companies have many people, most have few.
    return int(len(office.firms) * rng.random() ** 1.4)


def _name(culture: str, rng: random.Random) -> tuple[list[str], list[str]]:
    """Return given and family name, each as written and as it stands in an address."""
    known = words("people")["cultures"][culture]
    pair = rng.choice(known["given"]), rng.choice(known["family"])
    given, family = (x if isinstance(x, list) else [x, x] for x in pair)
    return given, family


def _person(
    office: Office,
    rng: random.Random,
    firm: int | None,
    culture: str,
    name: tuple[list[str], list[str]],
    title: str | None,
    mails: set[str],
    countries: "Weighted[Row]",
) -> Person:
    (given, given_ascii), (family, family_ascii) = name
    at = office.firms[firm] if firm is not None else None
    host = at.domain if at is not None else rng.choice(_MAIL_HOSTS)
    local = f"{slug(given_ascii)}.{slug(family_ascii)}"
    mail, twin = f"{local}@{host}", 1
    while mail in mails:
        twin += 1
        mail = f"{local}{twin}@{host}"
    mails.add(mail)
    country = at.country if at is not None else countries.pick(rng)
    earliest = (office.moments.today - at.created).days if at is not None else _HISTORY_DAYS
    return Person(
        new_id(),
        f"{given} {family}",
        given,
        family,
        mail,
        culture,
        title,
        firm,
        country,
        at.city if at is not None else tuple(rng.choice(country["cities"])),
        at.owner if at is not None else rng.choice(office.sellers),
        office.moments.ago(int(earliest * rng.random() ** 0.8)),
    )


def _plan_firms(office: Office) -> None:
    rng = dice(office.seed, "companies")
    known = words("companies")
    countries = words("places")["countries"]
    by_code = {country["code"]: country for country in countries}
    weighted = Weighted((c, c["weight"]) for c in countries)
    industries = Weighted((i, i["weight"]) for i in known["industries"])
    scales = {i["name"]: i["scale"] for i in known["industries"]}
    keys: set[str] = set()
    hosts: set[str] = set()
    for n in range(office.sizes.companies):
        if n < len(known["featured"]):
            given = known["featured"][n]
            keys.add(company_key(given["name"]))
            hosts.add(given["domain"])
            country = by_code[given["country"]]
            city = next(tuple(c) for c in country["cities"] if c[0] == given["city"])
            firm = Firm(
                new_id(), given["name"], given["domain"], country, city, given["industry"],
                scales[given["industry"]], given["employees"], 0 if n % 3 else rng.choice([0, 2]),
                office.moments.ago(_HISTORY_DAYS - 9 * n),
            )  # fmt: skip
        else:
            country = weighted.pick(rng)
            firm = _firm(office, rng, country, industries.pick(rng), keys, hosts)
            if rng.random() < _SUBSIDIARY:
                firm.parent_id = office.firms[rng.randrange(len(office.firms))].id
        office.firms.append(firm)


def _firm(
    office: Office,
    rng: random.Random,
    country: Row,
    industry: Row,
    keys: set[str],
    hosts: set[str],
) -> Firm:
    city = tuple(rng.choice(country["cities"]))
    stems = words("companies")["stems"]
    base, tries = "", 0
    while not base or company_key(base) in keys:
        tries += 1
        base = f"{rng.choice(stems)} {rng.choice(industry['nouns'])}"
        if tries > 4:  # noqa: PLR2004  the short names are taken
            base += f" {city[0]}"
        if tries > 8:  # noqa: PLR2004  and so are those with a place
            base += f" {tries * 7 + rng.randrange(9000)}"
    keys.add(company_key(base))
    host, twin = f"{slug(base)}.example", 1
    while host in hosts:
        twin += 1
        host = f"{slug(base)}-{twin}.example"
    hosts.add(host)
    name = f"{base} {rng.choice(country['legal'])}" if rng.random() < 0.55 else base  # noqa: PLR2004
    regional = [i for i in office.sellers if office.users[i].region == country["region"]]
    owner = rng.choice(regional) if regional and rng.random() < 0.6 else rng.choice(office.sellers)  # noqa: PLR2004
    employees = max(3, int(rng.lognormvariate(4.4, 1.0) * industry["scale"]))
    created = office.moments.ago(int(_HISTORY_DAYS * rng.random() ** 0.7))
    return Firm(
        new_id(), name, host, country, city, industry["name"], industry["scale"],
        employees, owner, created,
    )  # fmt: skip


def first_met(person: Person, firm: Firm | None, days: int, office: Office) -> None:
    """Let a person be known, and the company too, at least as long as their first deal."""
    day = office.moments.today - timedelta(days=days)
    person.created = min(person.created, day)
    if firm is not None:
        firm.created = min(firm.created, day)
