-- Who a connection was between, kept when it is gone: the audit trail names connections, and both sides read it later.
CREATE TABLE connection_party (
  connection_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  target_key TEXT NOT NULL,
  group_id TEXT NOT NULL,
  endpoint_key TEXT NOT NULL,
  private_endpoint_id TEXT NOT NULL,
  request_message TEXT NOT NULL
);
CREATE INDEX connection_party_target ON connection_party (target_key);
CREATE INDEX connection_party_endpoint ON connection_party (endpoint_key);
INSERT INTO connection_party (connection_id, name, target_key, group_id, endpoint_key, private_endpoint_id, request_message)
  SELECT id, name, target_key, group_id, endpoint_key, private_endpoint_id, request_message FROM connection;
