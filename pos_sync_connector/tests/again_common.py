"""Pulls that are undone, repeated and killed at any step, to compare what they leave behind."""

from contextlib import contextmanager, suppress

from hypothesis import HealthCheck, Phase, settings

from odoo.sql_db import Savepoint

PROFILE = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


class Killed(BaseException):
    """The process ends here, as by kill -9."""


class AgainMixin:
    """For an `EngineCase`."""

    @contextmanager
    def undone(self):
        """What happens inside is rolled back afterwards."""
        self.env.flush_all()
        savepoint = Savepoint(self.env.cr)
        try:
            yield
        finally:
            self.env.cr.clear()
            savepoint.close(rollback=True)
            self.env.invalidate_all()
            self.registry.clear_cache()

    def assertSame(self, found, expected, what):
        differing = {
            key: (found.get(key), expected.get(key))
            for key in {*found, *expected}
            if found.get(key) != expected.get(key)
        }
        self.assertFalse(differing, what)

    def pull_killed(self, flows, *kills):
        """Pulls each flow; the process is killed after so many steps, and again, before it may end in peace."""
        for flow in flows:
            stream = self.connection._stream(flow)
            stream._request()
            for steps in kills:
                self.run_killed(stream, steps)
            self.pull(flow)

    def run_killed(self, stream, steps):
        """Runs the job until it has made so many steps: a question to the system, the moment before a commit or the
        one after it. The process ends there: nothing of it is written any more."""
        left = [steps]

        def step():
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        with self.enter_registry_test_mode():
            cr = self.registry.cursor()
            commit = cr.commit

            def commit_in_steps():
                step()
                commit()
                step()

            cr.commit = commit_in_steps
            self.world.step = step
            try:
                with suppress(Killed):
                    for _slice in range(20):
                        self.env(cr=cr, user=self.env.ref("base.user_root").id)["pos.sync.run_stream"]._run(stream.id)
            finally:
                self.world.step = lambda: None
                del cr.commit
                cr.close()
                # The database frees what a dead session had locked.
                self.env.cr.execute("SELECT pg_advisory_unlock_all()")
        stream.invalidate_recordset()
