from . import connectors, controllers, models, sync, wizards
from .hooks import uninstall_hook
