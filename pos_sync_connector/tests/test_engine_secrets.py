"""Where the key of the secrets comes from, and what happens without it."""

import base64
import errno
import hashlib
import logging
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet, InvalidToken

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from ..hooks import uninstall_hook
from ..models.connection import secret_box
from ..models.connection.authorization import CALLBACK
from ..models.connection.secret_box import SecretBox
from .common import EngineCase


@tagged("post_install", "-at_install")
class TestSecrets(EngineCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(patch.dict(config.options, {"data_dir": str(self.folder)}))
        self.enterContext(patch.dict(os.environ))
        os.environ.pop("POS_SYNC_KEY", None)
        self.box = SecretBox("db")
        self.token = self.connection.setting_ids.filtered(lambda row: row.key == "token")

    def files(self):
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())

    def test_file_made_with_the_first_secret(self):
        self.assertFalse(self.files())
        stored = self.box.encrypt("s3cret")
        self.assertNotIn("s3cret", stored)
        self.assertEqual(SecretBox("db").decrypt(stored), "s3cret")
        self.assertEqual(self.files(), ["db.key"])
        key = self.folder / "pos_sync_connector" / "db.key"
        self.assertEqual((key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777), (0o600, 0o700))

    def test_each_database_has_its_own(self):
        stored = self.box.encrypt("s3cret")
        self.assertIsNone(SecretBox("copy").decrypt(stored), "a copy under another name asks for its secrets again")
        SecretBox("copy").encrypt("other")
        self.assertIsNone(SecretBox("copy").decrypt(stored))

    def test_environment_before_configuration_before_file(self):
        by_file = self.box.encrypt("file")
        with patch.dict(config.options, {"pos_sync_key": "from odoo.conf"}):
            by_config = self.box.encrypt("config")
            self.assertEqual(self.box.decrypt(by_config), "config")
            self.assertIsNone(self.box.decrypt(by_file))
            with patch.dict(os.environ, {"POS_SYNC_KEY": "from the environment"}):
                by_environment = self.box.encrypt("environment")
                self.assertEqual(self.box.decrypt(by_environment), "environment")
                self.assertIsNone(self.box.decrypt(by_config))
        self.assertEqual(self.box.decrypt(by_file), "file")
        self.assertIsNone(self.box.decrypt(by_environment))

    def test_a_key_given_from_outside_makes_no_file(self):
        with patch.dict(os.environ, {"POS_SYNC_KEY": "from the environment"}):
            self.box.encrypt("s3cret")
        self.assertFalse(self.files())

    def test_a_passphrase_is_stretched_and_what_was_hashed_is_still_read(self):
        with patch.dict(os.environ, {"POS_SYNC_KEY": "from the environment"}):
            hashed = base64.urlsafe_b64encode(hashlib.sha256(b"from the environment").digest())
            self.assertEqual(self.box.decrypt(Fernet(hashed).encrypt(b"s3cret").decode()), "s3cret")
            with self.assertRaises(InvalidToken):
                Fernet(hashed).decrypt(self.box.encrypt("s3cret").encode())
        key = Fernet.generate_key()
        with patch.dict(os.environ, {"POS_SYNC_KEY": key.decode()}):
            self.assertEqual(Fernet(key).decrypt(self.box.encrypt("s3cret").encode()), b"s3cret")

    def test_the_key_can_be_changed(self):
        with patch.dict(os.environ, {"POS_SYNC_KEY": "old"}):
            self.token._store_secret("s3cret")
        with patch.dict(os.environ, {"POS_SYNC_KEY": "new", "POS_SYNC_OLD_KEY": "old"}):
            self.assertGreaterEqual(self.env["pos.sync.setting"]._renew_secrets(), 1)
        with patch.dict(os.environ, {"POS_SYNC_KEY": "new"}):
            self.assertEqual(self.token._plain_value(), "s3cret")
        with patch.dict(os.environ, {"POS_SYNC_KEY": "old"}):
            self.assertEqual(self.token._plain_value(), "")

    def test_the_key_file_can_be_renewed(self):
        self.token._store_secret("s3cret")
        path = self.folder / "pos_sync_connector" / f"{self.env.cr.dbname}.key"
        before = path.read_bytes()
        self.assertEqual(self.env["pos.sync.setting"]._renew_secrets(), 1)
        self.assertNotEqual(path.read_bytes(), before)
        self.assertEqual(self.token._plain_value(), "s3cret")

    def test_another_server_never_gets_the_secrets_of_the_one_before(self):
        connection = self.env["pos.sync.connection"].create({"name": "Shop", "system": "odoo"})
        rows = {row.key: row for row in connection.setting_ids}
        rows["url"].value = "https://shop.example.com"
        rows["api_key"].secret_input = "s3cret"
        connection.account_external_id = "the account of the shop"
        self.env.cr.precommit.data.clear()
        rows["url"].value = "https://shop.example.com/odoo"
        self.assertTrue(rows["api_key"].has_secret, "the same server")
        rows["url"].value = "https://evil.example.com"
        self.assertFalse(rows["api_key"].has_secret)
        self.assertIn("address has changed", rows["api_key"].problem)
        connection.write(
            {
                "setting_ids": [
                    (1, rows["api_key"].id, {"secret_input": "of the new one"}),
                    (1, rows["url"].id, {"value": "https://new.example.com"}),
                ]
            }
        )
        self.assertTrue(rows["api_key"].has_secret, "entered together with the address")
        self.assertFalse(rows["api_key"].problem)

    def test_no_row_with_another_address_gets_them_either(self):
        manager = new_test_user(self.env, login="manager", groups="pos_sync_connector.group_manager")
        connections = self.env["pos.sync.connection"].with_user(manager)
        connection, other = connections.create([{"name": name, "system": "odoo"} for name in ("Shop", "Other")])
        rows = {row.key: row for row in connection.setting_ids}
        theirs = {row.key: row for row in other.setting_ids}
        rows["url"].value = "https://shop.example.com"
        theirs["url"].value = "https://evil.example.com"
        rows["api_key"].secret_input = "s3cret"
        connection.sudo().account_external_id = "the account of the shop"
        self.env.cr.precommit.data.clear()
        for what, attempt in {
            "a new row in the place of the old one": rows["url"].unlink,
            "the same from the connection": lambda: connection.write({"setting_ids": [(2, rows["url"].id)]}),
            "the secret at another connection": lambda: rows["api_key"].write({"connection_id": other.id}),
            "the address of another connection": lambda: theirs["url"].write({"connection_id": connection.id}),
            "a secret that everybody may read": lambda: rows["api_key"].write({"value": "s3cret"}),
        }.items():
            with self.subTest(what), self.assertRaises(UserError):
                attempt()

    def test_the_code_of_a_permission_is_in_no_log(self):
        (without_codes,) = [
            known for known in logging.getLogger("werkzeug").filters if type(known).__name__ == "_WithoutCodes"
        ]
        line = f"GET {CALLBACK}?code=s3cret&state=x HTTP/1.1"
        record = logging.LogRecord("werkzeug", logging.INFO, "", 1, '"%s" %s', (line, "302"), None)
        self.assertTrue(without_codes.filter(record))
        self.assertEqual(record.getMessage(), f'"GET {CALLBACK} HTTP/1.1" 302')

    def test_forget(self):
        self.box.encrypt("s3cret")
        SecretBox("other").encrypt("s3cret")
        self.box.forget()
        self.assertEqual(self.files(), ["other.key"])
        SecretBox("other").forget()
        self.assertEqual(list(self.folder.iterdir()), [])
        self.box.forget()

    def test_a_spoiled_or_unreadable_key(self):
        stored = self.box.encrypt("s3cret")
        key = self.folder / "pos_sync_connector" / "db.key"
        key.write_bytes(b"no key")
        self.assertIsNone(self.box.decrypt(stored))
        with patch.object(Path, "read_bytes", side_effect=PermissionError(errno.EACCES, "Permission denied")):
            self.assertIsNone(self.box.decrypt(stored))

    def test_full_disk(self):
        full = OSError(errno.ENOSPC, "No space left on device")
        with patch.object(secret_box.os, "fdopen", side_effect=full), self.assertRaises(UserError) as caught:
            self.token.secret_input = "s3cret"
        self.assertIn("No space left on device", str(caught.exception))
        self.assertIn("pos_sync_key", str(caught.exception))
        self.assertNotIn("s3cret", str(caught.exception))
        self.assertEqual(self.files(), [], "no half-written key stays behind")

    def test_entered_and_used(self):
        self.token.secret_input = "s3cret"
        self.env.flush_all()
        self.assertTrue(self.token.has_secret)
        self.assertFalse(self.token.secret_input)
        self.assertEqual(self.connection._connector().values["token"], "s3cret")
        self.env.cr.execute("SELECT * FROM pos_sync_setting WHERE id = %s", [self.token.id])
        self.assertNotIn("s3cret", repr(self.env.cr.fetchone()))

    def test_without_its_key_a_secret_is_asked_for_again(self):
        self.token.secret_input = "s3cret"
        SecretBox(self.env.cr.dbname).forget()
        self.assertEqual(self.connection._connector().values["token"], "")

    def test_uninstalling_leaves_nothing_behind(self):
        self.token.secret_input = "s3cret"
        self.assertEqual(self.files(), [f"{self.env.cr.dbname}.key"])
        streams = self.env["pos.sync.stream"].with_context(active_test=False).search([])
        crons = streams.cron_id
        actions = crons.ir_actions_server_id
        self.assertTrue(crons and actions)
        # A job whose stream went another way, by SQL say.
        orphan = crons[0].copy()
        uninstall_hook(self.env)
        self.assertFalse(crons.exists() or actions.exists() or orphan.exists())
        self.assertEqual(self.files(), [])
        code = self.env["ir.actions.server"].search([("code", "like", "_run_job(")])
        self.assertFalse(code, code.mapped("name"))
