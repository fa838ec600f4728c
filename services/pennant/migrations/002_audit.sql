CREATE TABLE audit (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor  text NOT NULL,
    action text NOT NULL CHECK (action IN ('create', 'change', 'delete', 'recover')),
    flag   text NOT NULL,
    reason text NOT NULL CHECK (length(reason) >= 5),
    before jsonb,
    after  jsonb
);

CREATE INDEX audit_flag ON audit (flag, id DESC);
