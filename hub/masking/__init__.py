"""What leaves the hub: one pure function of a grant's terms and a release, used by every door."""

from hub.masking.columns import masked_fields as masked_fields
from hub.masking.columns import schema as schema
from hub.masking.keys import bring_scope as bring_scope
from hub.masking.keys import pseudonym as pseudonym
from hub.masking.keys import record_id as record_id
from hub.masking.keys import record_id_sql as record_id_sql
from hub.masking.keys import scope_key as scope_key
from hub.masking.select import admitted as admitted
from hub.masking.select import form as form
from hub.masking.select import select as select
from schemas.terms import RECORD_ID as RECORD_ID
