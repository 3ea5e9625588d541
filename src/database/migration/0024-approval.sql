-- Approval policies: who asked, until when an approval holds, whose approvals are given so far, and which policies a
-- decision was made under.
ALTER TABLE connection ADD COLUMN requested_by TEXT NOT NULL DEFAULT '';
UPDATE connection SET requested_by = COALESCE(
  (SELECT by_object_id FROM event WHERE machine = 'connection' AND subject = connection.id AND event = 'Request'), '');
ALTER TABLE connection ADD COLUMN expires_at TEXT;
ALTER TABLE connection ADD COLUMN is_expired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN policy TEXT NOT NULL DEFAULT '';
CREATE TABLE approval (
  connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
  object_id TEXT NOT NULL,
  name TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (connection_id, object_id)
);
