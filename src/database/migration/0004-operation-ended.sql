-- Operations that ended are kept for a day, and then found by when that was.
CREATE INDEX operation_ended ON operation (ended_at);
