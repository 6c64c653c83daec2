"""A release made as a change of the last one: the same pipeline over the entities touched alone.

`opening` decides whether that can be done, `closure` finds the entities touched, `inputs` narrows
the rows to theirs, `sums` keeps counts that can be taken down and up, `twins` compares those that
look alike across the border, `memory` is what a release keeps for the next one.
"""
