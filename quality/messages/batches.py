"""What is wrong with a batch as a whole: its files, its columns, its time."""

from __future__ import annotations

from quality.messages.message import Message

BATCHES: dict[str, Message] = {
    "batch.empty": Message(
        "全量批次为空，而现有数据不为空",
        "the snapshot is empty although the supply had rows",
        "请确认导出是否成功；数据确已清空的，请书面告知平台管理员。",
        "Check whether the export worked; if the table really is empty, tell the hub's steward.",
    ),
    "batch.late": Message(
        "文件晚于约定的时限送达",
        "the file came later than its contract promises",
        "请检查定时导出任务，按约定的时限送达。",
        "Check the scheduled export so that the next file comes in time.",
    ),
    "batch.missing": Message(
        "上一批次与本批次之间有更新周期未归集到数据",
        "between the last batch and this one, promised periods have none",
        "请检查定时任务，按约定的更新周期送达；漏送的数据请补送。",
        "Check the schedule, deliver in every promised period, and hand over what was left out.",
    ),
    "drift.row_count": Message(
        "行数与近期批次相比明显增减",
        "the number of rows is far from that of the last batches",
        "请核对导出范围与条件；确属业务变化的，请告知平台管理员放行。",
        "Check what was exported; if the business has changed, tell the hub's steward.",
    ),
    "drift.null_rate": Message(
        "{field}：空值占比与近期批次相比明显变化",
        "{field}: the share of empty values is far from that of the last batches",
        "请检查该列的来源与转换；确属业务变化的，请告知平台管理员放行。",
        "Check where the column is filled; if the business has changed, tell the hub's steward.",
    ),
    "drift.distribution": Message(
        "{field}：取值分布与近期批次相比明显变化",
        "{field}: values spread otherwise than in the last batches",
        "请检查该列的代码、计量单位与转换；确属业务变化的，请告知平台管理员放行。",
        "Check the column's codes, unit and conversion; if it is right, tell the hub's steward.",
    ),
    "drift.column_missing": Message(
        "源表缺少约定的列",
        "a promised column is missing at the source",
        "请恢复该列；如系表结构调整，请先变更数据契约。",
        "Bring the column back; if the table was changed on purpose, change the contract first.",
    ),
    "drift.column_unknown": Message(
        "源表出现契约之外的列",
        "the source has a column that the contract does not know",
        "如需归集该列，请将其补入数据契约；否则请从前置表中移除。",
        "Add the column to the contract if it is to be collected, or take it out of the table.",
    ),
    "drift.column_alias": Message(
        "源表的列使用了别名",
        "the source names a column by one of its aliases",
        "平台已能识别，无需修改；建议改回约定的列名。",
        "The hub understands it; the promised name is better in the long run.",
    ),
    "drift.file_unreadable": Message(
        "送达的文件无法读取，请重新送达",
        "the delivered file cannot be read: deliver it again",
        "请检查文件的编码、分隔符和完整性，重新导出并送达。",
        "Check the file's encoding, separator and end, export it again and deliver it.",
    ),
    "drift.type_changed": Message(
        "源表的列类型已改变",
        "a column has another type at the source",
        "请恢复原有列类型；如系表结构调整，请先变更数据契约。",
        "Bring the type back; if it was changed on purpose, change the contract first.",
    ),
}
