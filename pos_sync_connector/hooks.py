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
    # Odoo forgets the foreign keys of a module's own models only, not of its columns on others.
    env["ir.model.constraint"].search([("module.name", "=", "pos_sync_connector"), ("type", "=", "f")]).unlink()
    SecretBox(env.cr.dbname).forget()
