"""What the module's data can't do by itself when it comes and goes."""

from .models.secret_box import SecretBox


def uninstall_hook(env):
    """Leaves nothing behind: the crons of the streams with their server actions, and the key file of this database."""
    crons = (
        env["ir.cron"]
        .with_context(active_test=False)
        .search([("model_id.model", "=", "pos.sync.stream"), ("code", "=like", "model._run_job(%")])
    )
    actions = crons.ir_actions_server_id
    crons.unlink()
    actions.unlink()
    SecretBox(env.cr.dbname).forget()
