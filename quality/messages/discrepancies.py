"""What departments disagree on, or a release lacks, by kind of discrepancy.

The sentences name no field: who shows one puts it in front.
"""

from __future__ import annotations

from quality.messages.message import Message

DISCREPANCIES: dict[str, Message] = {
    "discrepancy.value_conflict": Message(
        "与其他部门的值不一致",
        "differs from another department's value",
        "请核对原始材料：有误的请在源头更正；无误的请回复“确认”，并说明依据。",
        "Check your files: mend it at the source, or confirm the value and say why.",
    ),
    "discrepancy.identity_conflict": Message(
        "同一号码下登记了明显不同的对象",
        "the number belongs to somebody clearly different",
        "请核对该记录的号码是否录错。",
        "Check whether the number was typed in wrongly.",
    ),
    "discrepancy.possible_duplicate": Message(
        "疑似同一对象使用了两个号码",
        "seemingly one and the same under two numbers",
        "请核对是否重复登记；号码有误的请更正，确为两个对象的请回复“确认”。",
        "Check whether it was registered twice; if they really are two, confirm it.",
    ),
    "discrepancy.possible_match": Message(
        "疑似同一对象，证据尚不足以合并",
        "may be one and the same, but the evidence does not suffice",
        "请核对两条记录是否为同一对象；号码缺失或有误的请补录或更正，确为两个对象的请回复“确认”。",
        "Check whether both rows are about one and the same: fill in or mend the number; if they "
        "really are two, confirm it.",
    ),
    "discrepancy.duplicate_in_supply": Message(
        "同一对象在本资源中出现多次",
        "the same one stands in this supply several times",
        "请保留一条，删除或合并其余记录。",
        "Keep one row; delete or merge the others.",
    ),
    "discrepancy.no_key": Message(
        "号码缺失或不是有效号码",
        "the number is missing or is none",
        "请补录正确的号码。",
        "Fill in the right number.",
    ),
    "discrepancy.unresolved_reference": Message(
        "所填号码查无此人或此单位",
        "the number leads to nobody known",
        "请核对所填号码。",
        "Check the number.",
    ),
    "discrepancy.unfit_reference": Message(
        "所填号码指向不应引用的对象（如已注销单位）",
        "the number leads to one that must not be meant, e.g. a cancelled firm",
        "请核对该笔业务的对象是否正确。",
        "Check whom this row is really about.",
    ),
    "discrepancy.balance": Message(
        "该科目收支不平",
        "what came in and what went out of this line do not tie out",
        "请核对该科目的全部入账与出账。",
        "Check everything booked on this line.",
    ),
}
