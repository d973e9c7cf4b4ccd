-- The data model that the portal was built on, as its writers know it.
CREATE TABLE {schema}.account (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    name VARCHAR NOT NULL,
    description TEXT,
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
);
CREATE TABLE {schema}.user (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    email VARCHAR NOT NULL UNIQUE,
    hashed_password VARCHAR NOT NULL,
    full_name VARCHAR,
    account_id UUID NOT NULL REFERENCES {schema}.account(id),
    is_active BOOLEAN NOT NULL DEFAULT true,
    is_superuser BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
);
CREATE TABLE {schema}.restaurant (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    account_id UUID NOT NULL REFERENCES {schema}.account(id),
    name VARCHAR NOT NULL,
    address TEXT,
    phone VARCHAR,
    email VARCHAR,
    timezone VARCHAR,
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    iiko_id VARCHAR,
    iiko_sync_status VARCHAR,
    iiko_last_synced_at TIMESTAMP WITHOUT TIME ZONE,
    iiko_sync_error VARCHAR
);
CREATE TABLE {schema}.bot_instance (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    account_id UUID NOT NULL REFERENCES {schema}.account(id),
    name VARCHAR NOT NULL,
    description TEXT,
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
);
CREATE TABLE {schema}.bot_platform_credential (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    bot_id UUID NOT NULL REFERENCES {schema}.bot_instance(id),
    platform VARCHAR NOT NULL,
    credentials JSONB NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
);
CREATE TABLE {schema}.bot_scenario (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    bot_id UUID NOT NULL REFERENCES {schema}.bot_instance(id),
    name VARCHAR NOT NULL,
    description TEXT,
    scenario_data JSONB NOT NULL,
    version VARCHAR NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
);
CREATE TABLE {schema}.bot_dialog_state (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    bot_id UUID NOT NULL REFERENCES {schema}.bot_instance(id),
    platform VARCHAR NOT NULL,
    platform_chat_id VARCHAR NOT NULL,
    current_step VARCHAR NOT NULL,
    collected_data JSONB NOT NULL DEFAULT '{}',
    last_interaction_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now()
);
CREATE TABLE {schema}.account_integration_credentials (
    id UUID PRIMARY KEY DEFAULT uuid_generate_v4(),
    account_id UUID NOT NULL REFERENCES {schema}.account(id),
    integration_type VARCHAR NOT NULL,
    credentials JSONB NOT NULL,
    base_url VARCHAR,
    is_active BOOLEAN NOT NULL DEFAULT true,
    created_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    updated_at TIMESTAMP WITHOUT TIME ZONE NOT NULL DEFAULT now(),
    last_connected_at TIMESTAMP WITHOUT TIME ZONE,
    connection_status VARCHAR,
    connection_error VARCHAR,
    CONSTRAINT uix_account_integration_type UNIQUE (account_id, integration_type)
);
CREATE INDEX ix_bot_dialog_state_bot_id ON {schema}.bot_dialog_state(bot_id);
CREATE INDEX ix_bot_dialog_state_platform_chat_id ON {schema}.bot_dialog_state(platform_chat_id);
CREATE INDEX ix_restaurant_iiko_id ON {schema}.restaurant(iiko_id);
