-- forget the secrets of all connections
UPDATE pos_sync_setting
   SET secret = NULL;
DELETE FROM pos_sync_authorization;
-- switch every connection off
UPDATE pos_sync_connection
   SET state = 'off',
       state_message = 'This is a neutralized copy: its secrets were removed. Enter them again to connect it.'
 WHERE state != 'draft';
