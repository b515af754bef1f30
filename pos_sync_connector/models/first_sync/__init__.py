from . import connection_first_sync
