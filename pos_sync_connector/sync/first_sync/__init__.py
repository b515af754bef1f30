from . import look_ahead, undo_first_sync
