-- Runs of a factory are read newest first, page by page: the order is an index's.
CREATE INDEX pipeline_run_start ON pipeline_run (factory_key, coalesce(started_at, queued_at), run_id);
