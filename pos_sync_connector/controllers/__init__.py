from . import export, oauth, webhook
