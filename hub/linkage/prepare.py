"""Brings profiles into the form in which they are compared: every value is worked on once.

Of the field at place n there is `p<n>`, its canonical value, and by its kind `k<n>` (the parts of a
name in a fixed order), `c<n>` (whether a name is written in Chinese characters), `n<n>` (numbers of
an address), `t<n>` (words, each a number that holds its weight in the lowest twelve bits) and
`w<n>` (the sum of these weights).
"""

from __future__ import annotations

from duckdb import DuckDBPyConnection

from hub.linkage.model import Model
from hub.linkage.specification import Compared
from hub.store import identifier, literal
from schemas.linkage import Kind

FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "　"
HALF = "".join(chr(code) for code in range(0x21, 0x7F)) + " "
WORDED: tuple[Kind, ...] = ("organisation_name", "address", "text")
"""Kinds whose values are compared word by word."""
BITS = 12  # of a word's number that hold its weight
SCALE = 128  # steps of one bit of information

_LEGAL = (
    "LIMITED|LTD|INCORPORATED|INC|CORPORATION|CORP|COMPANY|CO|GMBH|MBH|AG|KG|OHG|UG|PLC|LLC|LLP|LP"
    "|SAS|SARL|SA|SRL|SPA|SL|BV|NV|AB|AS|APS|OY|OYJ|PTY|PTE|SDN|BHD|HOLDINGS|HOLDING|GROUP|THE|AND"
)
_LEGAL_HAN = (
    "股份有限公司|有限责任公司|有限公司|责任公司|股份公司|总公司|分公司|公司|集团|个体工商户"
    "|（普通合伙）|有限合伙|普通合伙|合伙企业|特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|省|市"
)
_SHORT = {
    "STREET": "ST", "ROAD": "RD", "AVENUE": "AVE", "AV": "AVE", "DRIVE": "DR", "LANE": "LN",
    "PLACE": "PL", "COURT": "CT", "CRESCENT": "CRES", "CR": "CRES", "BOULEVARD": "BLVD",
    "HIGHWAY": "HWY", "SQUARE": "SQ", "TERRACE": "TCE", "PARADE": "PDE", "CIRCUIT": "CCT",
    "CLOSE": "CL", "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W", "SAINT": "ST",
    "MOUNT": "MT", "FLOOR": "FL", "APARTMENT": "APT", "SUITE": "STE", "BUILDING": "BLDG",
    "PARKWAY": "PKWY", "FREEWAY": "FWY", "CENTRE": "CTR", "CENTER": "CTR",
}  # fmt: skip


def canonical(field: Compared) -> str:
    """SQL of the canonical value of a golden field; null where there is nothing to compare."""
    column = identifier(field.field)
    if field.kind == "number":
        return f"TRY_CAST({column} AS DOUBLE)"
    text = f"CAST({column} AS VARCHAR)"
    if field.kind == "date":
        date = f"TRY_CAST({column} AS DATE)"
        digits = f"nullif(regexp_replace({text}, '[^0-9]+', '', 'g'), '')"
        return f"CASE WHEN {date} IS NOT NULL THEN strftime({date}, '%Y%m%d') ELSE {digits} END"
    if field.kind == "phone":
        return _phone(text)
    if field.kind in ("identifier", "code"):
        return _compact(text)
    if field.kind == "organisation_name":
        return _organisation(_words(text))
    return _words(text)


def _narrow(text: str) -> str:
    """Full-width signs become ASCII, letters capitals without accents."""
    plain = (
        f"CASE WHEN regexp_matches({text}, '[！-～　]') "
        f"THEN translate({text}, {literal(FULL)}, {literal(HALF)}) ELSE {text} END"
    )
    return f"upper(strip_accents({plain}))"


def _compact(text: str) -> str:
    """Capitals and digits with nothing between them."""
    clean = f"regexp_full_match({text}, '[0-9A-Z -]*')"
    signs = f"regexp_replace({_narrow(text)}, '[^\\pL\\pN]+', '', 'g')"
    return f"nullif(CASE WHEN {clean} THEN translate({text}, ' -', '') ELSE {signs} END, '')"


def _phone(text: str) -> str:
    """Digits without country code, and without the zeros before an area code."""
    digits = f"regexp_replace({_narrow(text)}, '[^0-9+]+', '', 'g')"
    bare = f"regexp_replace({digits}, '^([+]|00)86|[+]', '', 'g')"
    clean = f"regexp_full_match({text}, '0?[1-9][0-9 -]*')"
    plain = f"CASE WHEN {clean} THEN translate({text}, ' -', '') ELSE {bare} END"
    return f"nullif(ltrim({plain}, '0'), '')"


_CLEAN = "\\p{Han}[\\p{Han}A-Za-z0-9]*|[A-Za-z0-9]+( [A-Za-z0-9]+)*"
_APOSTROPHES = literal("'’`")


def _words(text: str) -> str:
    """Words apart by one space; Chinese characters without any."""
    whole = f"translate({_narrow(text)}, {_APOSTROPHES}, '')"
    signs = f"regexp_replace({whole}, '[^\\pL\\pN]+', ' ', 'g')"
    after = f"regexp_replace({signs}, '(\\p{{Han}}) +', '\\1', 'g')"
    han = f"regexp_replace({after}, ' +(\\p{{Han}})', '\\1', 'g')"
    spaced = f"CASE WHEN regexp_matches({text}, '\\p{{Han}}') THEN {han} ELSE {signs} END"
    clean = f"regexp_full_match({text}, '{_CLEAN}')"
    return f"CASE WHEN {clean} THEN upper({text}) ELSE nullif(trim({spaced}), '') END"


def _organisation(words: str) -> str:
    """The name without its legal form, unless nothing else is left."""
    latin = f"regexp_replace({words}, '\\b({_LEGAL})\\b', ' ', 'g')"
    core = f"regexp_replace({latin}, '{_LEGAL_HAN}', '', 'g')"
    tidy = f"nullif(trim(regexp_replace({core}, ' +', ' ', 'g')), '')"
    return f"coalesce({tidy}, {words})"


def words_of(column: str) -> str:
    """SQL of the list of words of a canonical value: Latin words, pairs of Chinese characters."""
    latin = f"regexp_extract_all({column}, '[^\\p{{Han}} ]+')"
    short = ", ".join(f"{literal(long)}: {literal(brief)}" for long, brief in _SHORT.items())
    latin = f"[coalesce(MAP {{{short}}}[x], x) FOR x IN {latin}]"
    han = f"regexp_replace({column}, '[^\\p{{Han}}]+', '', 'g')"
    pairs = f"[{han}[i:i + 1] FOR i IN range(1, greatest(length({han}), 2))]"
    return (
        f"list_sort(list_distinct(CASE WHEN regexp_matches({column}, '\\p{{Han}}') "
        f"THEN list_concat({latin}, {pairs}) ELSE {latin} END))"
    )


def canonical_sql(fields: tuple[Compared, ...], profiles: str, once: bool) -> str:
    """A SELECT of code, loose, once and the canonical values of some fields."""
    values = "".join(f", {canonical(field)} AS p{field.place}" for field in fields)
    mask = "once" if once else "CAST(0 AS UBIGINT)"
    return f"SELECT code, loose, {mask} AS once{values} FROM {profiles}"


def prepare(connection: DuckDBPyConnection, model: Model, source: str, into: str) -> None:
    """Create the prepared temp table `into` from a relation of canonical values.

    Needs the frozen frequencies `linkage_value` and `linkage_word`. Words are told apart by the
    engine's hash, so their numbers hold for this connection only.
    """
    columns, joins = ["own.*"], []
    for field, trained in model.compared:
        p, n = f"own.p{field.place}", field.place
        if field.kind == "person_name":
            columns.append(f"regexp_matches({p}, '\\p{{Han}}') AS c{n}")
            columns.append(f"{name_key(p)} AS k{n}")
        if field.kind == "address":
            columns.append(f"list_sort(list_distinct(regexp_extract_all({p}, '[0-9]+'))) AS n{n}")
        columns.append(
            f"CASE WHEN {p} IS NOT NULL THEN coalesce(v{n}.share, {trained.rarest!r}) END "
            f"AS tf_p{n}"
        )
        joins.append(
            f" LEFT JOIN (SELECT value, share FROM linkage_value WHERE place = {n}) AS v{n} "
            f"ON v{n}.value = CAST({p} AS VARCHAR)"
        )
        if field.kind in WORDED:
            _weigh_words(connection, n, trained.rarest_word, source, f"{into}_w{n}")
            columns.append(f"w{n}.t AS t{n}, w{n}.w AS w{n}")
            joins.append(f" LEFT JOIN {into}_w{n} AS w{n} ON w{n}.code = own.code")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS "
        f"SELECT {', '.join(columns)} FROM {source} AS own{''.join(joins)}"
    )
    for field, _ in model.compared:
        if field.kind in WORDED:
            connection.execute(f"DROP TABLE {into}_w{field.place}")


def name_key(column: str) -> str:
    """The parts of a name in the order of the alphabet: of words, or of Chinese characters."""
    return (
        f"CASE WHEN regexp_matches({column}, '\\p{{Han}}') "
        f"THEN array_to_string(list_sort(string_split({column}, '')), '') "
        f"WHEN contains({column}, ' ') "
        f"THEN array_to_string(list_sort(string_split({column}, ' ')), ' ') ELSE {column} END"
    )


def _weigh_words(
    connection: DuckDBPyConnection, place: int, rarest: int, source: str, into: str
) -> None:
    mask = (1 << BITS) - 1
    p = f"p{place}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS "
        f"SELECT code, list(number ORDER BY number) AS t, "
        f"CAST(sum(number & {mask}) AS DOUBLE) AS w FROM ("
        f"SELECT code, (hash(word) & (18446744073709551615 - {mask})::UBIGINT) "
        f"| CAST(coalesce(known.weight, {rarest}) AS UBIGINT) AS number "
        f"FROM (SELECT code, unnest({words_of(p)}) AS word FROM {source} WHERE {p} IS NOT NULL) "
        f"LEFT JOIN (SELECT word, weight FROM linkage_word WHERE place = {place}) AS known "
        f"USING (word)) GROUP BY code"
    )
