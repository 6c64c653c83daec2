"""Numbers that carry their own proof: resident, social credit, organisation, tax, registration."""

from __future__ import annotations

from quality.messages.message import Message

RESIDENT = "GB 11643-1999"
USCC = "GB 32100-2015"
ORGANISATION = "GB 11714-1997"
DIVISION = "GB/T 2260"
REGISTRATION = "GS 15-2006"
CLAUSES = {
    "resident_id": RESIDENT,
    "uscc": USCC,
    "org_code": ORGANISATION,
    "registration_no": REGISTRATION,
    "division": DIVISION,
}

_AGAIN_ZH = "请对照证件原件逐位核对号码，更正录错的字符。"
_AGAIN_EN = "Compare the number with the original document, digit by digit, and correct it."

IDENTIFIERS: dict[str, Message] = {
    "resident_id.check_digit": Message(
        "{field}：公民身份号码校验码错误（GB 11643）",
        "{field}: the check character of the resident number is wrong (GB 11643)",
        "请对照居民身份证原件逐位核对 18 位号码，更正录错的字符。",
        "Compare all 18 characters with the identity card and correct the wrong one.",
        RESIDENT,
    ),
    "resident_id.calendar_date": Message(
        "{field}：公民身份号码中的出生日期不存在或晚于当日",
        "{field}: the birth date in the resident number does not exist or lies ahead",
        "请对照居民身份证原件核对号码第 7 至 14 位（出生日期）。",
        "Compare characters 7 to 14 (the birth date) with the identity card.",
        RESIDENT,
    ),
    "resident_id.division": Message(
        "{field}：公民身份号码中的行政区划代码未知（GB/T 2260）",
        "{field}: the division in the resident number is unknown (GB/T 2260)",
        "请对照居民身份证原件核对号码前 6 位；原件无误的，请说明情况后申请豁免。",
        "Compare the first six digits with the identity card; if they are right, ask for a waiver.",
        f"{RESIDENT}; {DIVISION}",
    ),
    "uscc.check_digit": Message(
        "{field}：统一社会信用代码校验码错误（GB 32100）",
        "{field}: the check character of the social credit code is wrong (GB 32100)",
        "请对照营业执照或登记证书核对 18 位代码；原件确为此号的，请附证明申请豁免。",
        "Compare the 18 characters with the licence; if it really bears them, ask for a waiver.",
        USCC,
    ),
    "uscc.inner": Message(
        "{field}：统一社会信用代码中的主体标识码校验不符（GB 11714）",
        "{field}: the organisation code inside the social credit code breaks its check (GB 11714)",
        "请对照证照核对代码第 9 至 17 位；原件无误的无需修改。",
        "Compare characters 9 to 17 with the licence; if they are right, nothing is to be done.",
        f"{USCC}; {ORGANISATION}",
    ),
    "uscc.division": Message(
        "{field}：统一社会信用代码中的登记机关行政区划码未知",
        "{field}: the division in the social credit code is unknown",
        "请对照证照核对代码第 3 至 8 位；原件无误的，请说明情况后申请豁免。",
        "Compare characters 3 to 8 with the licence; if they are right, ask for a waiver.",
        f"{USCC}; {DIVISION}",
    ),
    "org_code.check_digit": Message(
        "{field}：组织机构代码校验码错误（GB 11714）",
        "{field}: the check character of the organisation code is wrong (GB 11714)",
        _AGAIN_ZH,
        _AGAIN_EN,
        ORGANISATION,
    ),
    "tax_id.check_digit": Message(
        "{field}：纳税人识别号校验码错误",
        "{field}: the check character of the tax number is wrong",
        _AGAIN_ZH,
        _AGAIN_EN,
    ),
    "registration_no.check_digit": Message(
        "{field}：工商注册号校验码错误（GS 15）",
        "{field}: the check digit of the registration number is wrong (GS 15)",
        _AGAIN_ZH,
        _AGAIN_EN,
        REGISTRATION,
    ),
    "division.known": Message(
        "{field}：行政区划代码未知（GB/T 2260）",
        "{field}: the division is unknown (GB/T 2260)",
        "请改用现行或曾经有效的六位行政区划代码。",
        "Use a six-digit division code that is, or once was, in force.",
        DIVISION,
    ),
}

WHOLE: dict[str, Message] = {
    f"expect_column_values_to_be_valid_{kind}": Message(
        f"{{field}}：{zh}不合规则",
        f"{{field}}: is not a valid {en}",
        _AGAIN_ZH,
        _AGAIN_EN,
        CLAUSES.get(kind),
    )
    for kind, zh, en in (
        ("resident_id", "公民身份号码", "resident number"),
        ("uscc", "统一社会信用代码", "social credit code"),
        ("org_code", "组织机构代码", "organisation code"),
        ("tax_id", "纳税人识别号", "tax number"),
        ("registration_no", "工商注册号", "registration number"),
        ("division", "行政区划代码", "division code"),
    )
}
