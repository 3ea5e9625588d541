-- Whether a run is the latest of its group is asked for every run that is shown.
CREATE INDEX pipeline_run_group ON pipeline_run (run_group_id, queued_at);
