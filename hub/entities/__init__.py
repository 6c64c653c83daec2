"""What `hub entity` shows and decides: who is who, why, and since when.

`lookup` finds an entity by any id that it ever had, `rows` reads its records, `account` puts
together why they are one and which values won, `words` and `text` say it, `page` and `waterfall`
draw it; `deciding` keeps what stewards decide, `training` makes a linkage model on purpose.
"""
