"""Findings about departments, code lists, 目录 fields, pulls and reconciliation."""

from __future__ import annotations

from schemas.messages.message import Message, warning

DEPARTMENTS = {
    "department_unknown": Message(
        "there is no departments/{name}.yaml for this folder{hint_en}",
        "没有与此文件夹对应的 departments/{name}.yaml{hint_zh}",
    ),
    "department_name": Message(
        "the file is {file}.yaml, the name in it {name!r}",
        "文件名为 {file}.yaml，其中的 name 却是 {name!r}",
    ),
    "department_code_missing": warning(
        "the provider has no code (统一社会信用代码)", "提供方没有代码（统一社会信用代码）"
    ),
    "department_code_invalid": Message(
        "{code!r} is not a valid USCC of GB 32100 (18 places, check digit)",
        "{code!r} 不是有效的统一社会信用代码（GB 32100，18 位，含校验位）",
    ),
    "department_code_duplicate": Message(
        "the code {code} is already that of {other}", "代码 {code} 已被 {other} 使用"
    ),
    "variable_unset": Message(
        "the environment variable {name} is not set", "环境变量 {name} 未设置"
    ),
    "node_missing": Message(
        "{department} promises supplies and has no node",
        "{department} 有归集资源，却没有前置节点 node",
    ),
    "node_url": Message(
        "the hub cannot read from {found!r}; it knows: {expected}",
        "平台无法读取 {found!r}；可用的地址类型：{expected}",
    ),
    "node_hours": Message("{found!r} is not a span of hours", "{found!r} 不是有效的时间段"),
    "password_literal": Message(
        "a password never stands in a catalog: write ${{NAME}}",
        "目录中不得写密码：请写 ${{变量名}}",
    ),
    "host_key_missing": Message(
        "an SFTP node needs host_key, or anybody could answer in its place",
        "SFTP 节点须写 hostKey，否则任何人都可以冒充",
    ),
}

CODELISTS = {
    "codelist_encoding": Message(
        "the file is not UTF-8 from this line on", "文件自此行起不是 UTF-8 编码"
    ),
    "codelist_header": Message(
        "the columns are {expected}; missing: {missing}, unknown: {unknown}",
        "列应为 {expected}；缺少：{missing}，多出：{unknown}",
    ),
    "codelist_row": Message(
        "the row has {found} cells, the header {expected}",
        "此行有 {found} 格，表头有 {expected} 列",
    ),
    "codelist_empty": Message("the list has no codes", "代码表没有任何代码"),
    "code_missing": Message("the row has no code", "此行没有代码"),
    "code_kind": Message(
        "kind {found!r} is none of canonical, fixable, ignorable",
        "kind {found!r} 不是 canonical、fixable、ignorable 之一",
    ),
    "code_duplicate": Message(
        "the code {code!r} stands in line {other} too, for the same time",
        "代码 {code!r} 在第 {other} 行也出现，且有效期重叠",
    ),
    "code_canonical": Message(
        "the fixable code {code!r} leads to {canonical!r}, which is no canonical code",
        "可修正代码 {code!r} 指向 {canonical!r}，而它不是规范代码",
    ),
    "code_canonical_self": Message(
        "the {kind} code {code!r} cannot have the canonical code {canonical!r}",
        "{kind} 类代码 {code!r} 不能有规范代码 {canonical!r}",
    ),
    "code_date": Message(
        "{column} {found!r} is not a date YYYY-MM-DD", "{column} {found!r} 不是 YYYY-MM-DD 日期"
    ),
    "code_date_order": Message(
        "the code is valid until {until}, before it begins on {since}",
        "代码有效期止 {until} 早于起 {since}",
    ),
    "code_label": warning("the code {code!r} has no label", "代码 {code!r} 没有名称"),
}

DIRECTORY = {
    "title_missing": warning("the contract has no name (名称)", "契约没有 name（名称）"),
    "title_length": Message(
        "a name is at most 128 characters, this one {found}",
        "名称不得超过 128 个字符，实为 {found}",
    ),
    "title_charset": warning(
        "the name holds {found!r}; importers take Chinese, letters, digits, _ and -",
        "名称含有 {found!r}；目录系统只接受汉字、字母、数字、_ 与 -",
    ),
    "title_duplicate": warning(
        "the name {title!r} is already that of {other}", "名称 {title!r} 已被 {other} 使用"
    ),
    "summary_missing": warning(
        "the contract has no description.purpose (摘要)", "契约没有 description.purpose（摘要）"
    ),
    "resource_code": Message(
        "{found!r} is not 分类码/顺序码: 1, 2 and 3 digits, any more, then / and a number",
        "{found!r} 不是“分类码/顺序码”：类 1 位、项 2 位、目 3 位、细目不定长，再加 / 与顺序码",
    ),
    "resource_code_missing": warning(
        "the resource has no resourceCode (信息资源代码)", "资源没有 resourceCode（信息资源代码）"
    ),
    "resource_code_duplicate": Message(
        "the code {code} is already that of {other}", "信息资源代码 {code} 已被 {other} 使用"
    ),
    "related_resource": warning(
        "relatedResources names {code!r}, which no contract bears",
        "relatedResources 中的 {code!r} 不属于任何契约",
    ),
    "share_condition_missing": warning(
        "conditional sharing needs shareCondition: who may have it, and what for",
        "有条件共享须写 shareCondition（共享条件）",
    ),
    "share_basis_missing": warning(
        "denied sharing needs its legal basis in shareCondition",
        "不予共享须在 shareCondition 写明法律依据",
    ),
    "share_condition_void": Message(
        "{found!r} is no condition: shareType is {share}",
        "共享类型为 {share}，{found!r} 不是条件",
    ),
    "share_condition_contradicts": Message(
        "unconditional sharing cannot have the condition {found!r}",
        "无条件共享不能有条件 {found!r}（只能写“无条件”或不写）",
    ),
    "open_condition_missing": warning(
        "conditional opening needs openCondition", "有条件开放须写 openCondition（开放条件）"
    ),
    "denied_open": Message(
        "what is not shared cannot be open to the public (openType must be denied)",
        "不予共享的不得开放（openType 须为 denied）",
    ),
    "item_share_wider": Message(
        "the item is shared more widely ({item}) than its table ({table})",
        "信息项的共享类型（{item}）宽于所在资源（{table}）",
    ),
    "cycle_slower": warning(
        "updateCycle is {cycle}, yet slaProperties promise {property} {value} {unit}",
        "更新周期为 {cycle}，而 slaProperties 承诺 {property} 为 {value} {unit}",
    ),
}

PULL = {
    "watermark_unknown": Message(
        "pull.watermark {name!r} is no field{hint_en}", "pull.watermark {name!r} 不是字段{hint_zh}"
    ),
    "watermark_type": Message(
        "a watermark must be ordered: {name!r} is {logical}",
        "水位字段必须可排序：{name!r} 为 {logical}",
    ),
    "watermark_nullable": warning(
        "the watermark {name!r} is not required: rows without it are read anew in every window",
        "水位字段 {name!r} 不是必填：没有水位的行每次都会重新读取",
    ),
    "overlap_type": Message(
        "overlap and lag are spans of time, the watermark {name!r} is {logical}",
        "overlap 与 lag 是时间长度，而水位字段 {name!r} 为 {logical}",
    ),
    "increment_without_key": Message(
        "an increment needs a primary key, or late rows would be doubled",
        "增量抽取须有主键，否则重读的行会重复",
    ),
    "deletes_unseen": warning(
        "rows deleted at the source are never noticed: set pull.reconcileKeysEvery",
        "源端删除的行不会被发现：请设置 pull.reconcileKeysEvery",
    ),
    "files_missing": Message(
        "the node hands over files, and the supply says not which (files)",
        "节点交付文件，而资源没有写明读取哪些文件（files）",
    ),
    "files_unused": Message(
        "files is for file drops, the node is a database", "files 只用于文件交换，而节点是数据库"
    ),
    "files_increment": Message(
        "files are pulled one by one: leave pull.mode out and say files.content",
        "文件逐个读取：请去掉 pull.mode，改写 files.content",
    ),
    "sharing_increment": Message(
        "another hub is read version by version: leave pull.mode out",
        "对其他平台按发布版本读取：请去掉 pull.mode",
    ),
    "files_upsert_key": Message(
        "files.content upsert needs a primary key", "files.content 为 upsert 时须有主键"
    ),
    "files_encoding": Message("no encoding is called {found!r}", "没有名为 {found!r} 的编码"),
    "files_character": Message(
        "{property} must be one character, found {found!r}",
        "{property} 须为一个字符，实为 {found!r}",
    ),
    "thresholds_order": Message(
        "the thresholds must rise: warn, hold, reject; found {found}",
        "阈值须依次不减：warn、hold、reject；实为 {found}",
    ),
    "drift_field_unknown": Message(
        "drift names the field {name!r}, which there is not{hint_en}",
        "drift 所列字段 {name!r} 不存在{hint_zh}",
    ),
}

RECONCILE = {
    "supply_unknown": Message(
        "there is no supply {name!r}{hint_en}", "没有归集资源 {name!r}{hint_zh}"
    ),
    "supply_retired": warning("the supply {name!r} is retired", "归集资源 {name!r} 已停用"),
    "source_duplicate": Message(
        "the supply {name!r} is a source twice", "归集资源 {name!r} 重复作为来源"
    ),
    "source_field_unknown": Message(
        "{supply} has no field {name!r}{hint_en}", "{supply} 没有字段 {name!r}{hint_zh}"
    ),
    "golden_field_unknown": Message(
        "the dataset has no field {name!r}{hint_en}", "数据集没有字段 {name!r}{hint_zh}"
    ),
    "golden_field_unfed": warning(
        "no source feeds the field {name!r}", "没有任何来源提供字段 {name!r}"
    ),
    "source_type": Message(
        "{supply}.{source} is {found}, the dataset's {golden} is {expected}",
        "{supply}.{source} 为 {found}，而数据集字段 {golden} 为 {expected}",
    ),
    "key_space_unknown": Message(
        "there is no key space {name!r} among reconcile.keys{hint_en}",
        "reconcile.keys 中没有键空间 {name!r}{hint_zh}",
    ),
    "key_space_duplicate": Message(
        "the key space {name!r} stands here twice", "键空间 {name!r} 重复"
    ),
    "normaliser_unknown": Message(
        "the hub knows no normaliser {name!r}{hint_en}", "平台没有归一化方法 {name!r}{hint_zh}"
    ),
    "survivor_unsourced": Message(
        "{supply} is in the order of {name!r} and does not feed it",
        "{supply} 在 {name!r} 的次序中，却不提供该字段",
    ),
    "recency_type": Message(
        "recency must be a date or timestamp: {supply}.{name} is {logical}",
        "recency 须为日期或时间戳：{supply}.{name} 为 {logical}",
    ),
    "recency_missing": warning(
        "{name!r} survives by recency, and {supply}, which feeds it, has no recency field: "
        "its values come last",
        "{name!r} 按新近取值，而提供它的 {supply} 没有 recency 字段：其取值排在最后",
    ),
    "dataset_unknown": Message(
        "there is no dataset {name!r}{hint_en}", "没有数据集 {name!r}{hint_zh}"
    ),
    "dataset_cycle": Message(
        "datasets resolve each other in a circle: {cycle}", "数据集互相引用成环：{cycle}"
    ),
    "resolve_pairs": Message(
        "using and key must name the same datasets: {found}",
        "using 与 key 须写相同的数据集：{found}",
    ),
    "balance_amount": Message(
        "a balance adds money exactly: {supply}.{name} must be decimal with a scale of at most 2",
        "平衡须精确到分：{supply}.{name} 须为小数位不多于 2 的 decimal",
    ),
    "linkage_blind": Message(
        "linkage finds no field to compare: two sources must feed one",
        "关联没有可比较的字段：至少要有一个字段由两个来源提供",
    ),
    "linkage_kind": Message(
        "{name!r} is {logical} and cannot be compared as {kind}",
        "{name!r} 为 {logical}，不能按 {kind} 比较",
    ),
    "linkage_unspoken": warning(
        "linkage names {name!r}, which it does not compare: ignored, resolved, or of one source",
        "关联写了 {name!r}，但不比较它：该字段被忽略、由引用填写或只有一个来源",
    ),
    "linkage_blocking_empty": Message(
        "a blocking rule names no field", "一条分块规则没有写任何字段"
    ),
    "sql_invalid": Message("not an SQL condition: {detail}", "不是 SQL 条件：{detail}"),
}
