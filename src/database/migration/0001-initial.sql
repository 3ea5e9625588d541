CREATE TABLE allowed_move (
  machine TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  PRIMARY KEY (machine, from_state, to_state)
);

CREATE TABLE event (
  sequence {{identity}},
  machine TEXT NOT NULL,
  subject TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  event TEXT NOT NULL,
  at TEXT NOT NULL,
  by_object_id TEXT NOT NULL,
  by_name TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX event_subject ON event (subject, sequence);

CREATE TABLE resource (
  key TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  parent_key TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  resource_group TEXT,
  location TEXT,
  tags TEXT NOT NULL,
  body TEXT NOT NULL,
  etag TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX resource_parent ON resource (parent_key, type, key);
CREATE INDEX resource_type ON resource (type, key);

CREATE TABLE secret (
  resource_key TEXT NOT NULL REFERENCES resource (key) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  path TEXT NOT NULL,
  sealed {{bytes}} NOT NULL,
  PRIMARY KEY (resource_key, path)
);

CREATE TABLE connection (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  target_key TEXT NOT NULL,
  group_id TEXT NOT NULL,
  endpoint_key TEXT NOT NULL UNIQUE,
  private_endpoint_id TEXT NOT NULL,
  request_message TEXT NOT NULL,
  machine TEXT NOT NULL DEFAULT 'connection' CONSTRAINT connection_machine CHECK (machine = 'connection'),
  prior_state TEXT NOT NULL,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  description TEXT NOT NULL,
  actions_required TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  CONSTRAINT connection_name UNIQUE (target_key, name),
  CONSTRAINT connection_allowed_move FOREIGN KEY (machine, prior_state, state)
    REFERENCES allowed_move (machine, from_state, to_state)
);

CREATE TABLE address (
  network_key TEXT NOT NULL,
  address TEXT NOT NULL,
  endpoint_key TEXT NOT NULL UNIQUE,
  PRIMARY KEY (network_key, address)
);

CREATE TABLE principal (
  object_id TEXT NOT NULL PRIMARY KEY,
  application_id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  secret_hash TEXT NOT NULL,
  created_at TEXT NOT NULL
);

CREATE TABLE role_assignment (
  key TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  scope_key TEXT NOT NULL,
  scope TEXT NOT NULL,
  role_definition_id TEXT NOT NULL,
  principal_id TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at TEXT NOT NULL,
  CONSTRAINT role_assignment_once UNIQUE (scope_key, role_definition_id, principal_id)
);
CREATE INDEX role_assignment_principal ON role_assignment (principal_id);

CREATE TABLE operation (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  resource_key TEXT NOT NULL,
  caller TEXT NOT NULL,
  status TEXT NOT NULL,
  error TEXT,
  started_at TEXT NOT NULL,
  ended_at TEXT
);
CREATE INDEX operation_resource ON operation (resource_key, status);

CREATE TABLE pipeline_run (
  run_id TEXT NOT NULL PRIMARY KEY,
  run_group_id TEXT NOT NULL,
  factory_key TEXT NOT NULL,
  pipeline_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  parameters TEXT NOT NULL,
  invoked_by TEXT NOT NULL,
  machine TEXT NOT NULL DEFAULT 'pipeline_run' CONSTRAINT pipeline_run_machine CHECK (machine = 'pipeline_run'),
  prior_state TEXT NOT NULL,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  message TEXT NOT NULL,
  queued_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  updated_at TEXT NOT NULL,
  CONSTRAINT pipeline_run_allowed_move FOREIGN KEY (machine, prior_state, state)
    REFERENCES allowed_move (machine, from_state, to_state)
);
CREATE INDEX pipeline_run_factory ON pipeline_run (factory_key, updated_at);
CREATE INDEX pipeline_run_state ON pipeline_run (state);

CREATE TABLE activity_run (
  activity_run_id TEXT NOT NULL PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES pipeline_run (run_id) ON DELETE CASCADE,
  factory_key TEXT NOT NULL,
  activity_name TEXT NOT NULL,
  activity_type TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  machine TEXT NOT NULL DEFAULT 'activity_run' CONSTRAINT activity_run_machine CHECK (machine = 'activity_run'),
  prior_state TEXT NOT NULL,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  input TEXT NOT NULL,
  output TEXT NOT NULL,
  error TEXT,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  updated_at TEXT NOT NULL,
  CONSTRAINT activity_run_allowed_move FOREIGN KEY (machine, prior_state, state)
    REFERENCES allowed_move (machine, from_state, to_state)
);
CREATE INDEX activity_run_run ON activity_run (run_id, started_at);
