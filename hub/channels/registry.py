"""Which opener reaches which kind of inbox: one line for each scheme."""

from __future__ import annotations

from contextlib import AbstractContextManager

from hub.channels.folder import open_folder
from hub.channels.mysql import open_mysql
from hub.channels.postgresql import open_postgresql
from hub.channels.protocol import Channel, Opener
from hub.channels.sftp import open_sftp
from hub.channels.sqlite import open_sqlite
from hub.errors import DeliveryError
from schemas.properties import Department
from schemas.sharing import Way

OPENERS: dict[tuple[Way, str], Opener] = {
    (Way.FILE, "file"): open_folder,
    (Way.FILE, "sftp"): open_sftp,
    (Way.DATABASE, "mariadb"): open_mysql,
    (Way.DATABASE, "mysql"): open_mysql,
    (Way.DATABASE, "postgresql"): open_postgresql,
    (Way.DATABASE, "sqlite"): open_sqlite,
}
PUSHED = (Way.FILE, Way.DATABASE)


def open_channel(department: Department, way: Way) -> AbstractContextManager[Channel]:
    """Open the inbox of a department for one way; raises `DeliveryError`."""
    inbox = department.inbox
    address = (inbox.file if way is Way.FILE else inbox.database) if inbox else None
    if address is None:
        raise DeliveryError(f"department {department.name} has no inbox for {way.value}")
    scheme = address.url.partition("://")[0].partition("+")[0].lower()
    opener = OPENERS.get((way, scheme))
    if opener is None:
        known = ", ".join(sorted(known for of, known in OPENERS if of is way))
        raise DeliveryError(
            f"the inbox of {department.name} for {way.value} has an address of an unknown kind "
            f"({scheme!r}); known: {known}"
        )
    return opener(address, department.name)
