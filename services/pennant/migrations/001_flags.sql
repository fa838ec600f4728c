CREATE TABLE schema_migrations (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE flags (
    name        text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    description text NOT NULL DEFAULT '',
    enabled     boolean NOT NULL DEFAULT false,
    rollout     smallint NOT NULL DEFAULT 100 CHECK (rollout BETWEEN 0 AND 100)
);
