-- The three columns that came later.
ALTER TABLE {schema}.bot_platform_credential ADD COLUMN webhook_url VARCHAR;
ALTER TABLE {schema}.bot_platform_credential ADD COLUMN webhook_last_checked TIMESTAMP WITHOUT TIME ZONE;
ALTER TABLE {schema}.bot_platform_credential ADD COLUMN webhook_auto_refresh BOOLEAN NOT NULL DEFAULT true;
