"""What the module's data can't do by itself when it comes and goes."""

from .models.connection.secret_box import SecretBox


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
    end_webhooks(env)
    SecretBox(env.cr.dbname).forget()


def end_webhooks(env):
    """Systems stop sending webhooks once it is certain that nobody takes them any more."""
    connections = env["pos.sync.connection"].sudo().with_context(active_test=False)
    for connection in connections.search([("webhook_registered_url", "!=", False)]):
        farewell = connection._farewell()
        if farewell:
            env.cr.postcommit.add(farewell)
