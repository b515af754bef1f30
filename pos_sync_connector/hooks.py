"""What the module's data can't do by itself when it comes and goes."""

from .models.secret_box import SecretBox


def uninstall_hook(env):
    """Leaves nothing behind: the crons of the streams with their server actions, and the key file of this database."""
    crons = env["pos.sync.stream"].with_context(active_test=False).search([]).cron_id
    actions = crons.ir_actions_server_id
    crons.unlink()
    actions.unlink()
    SecretBox(env.cr.dbname).forget()
