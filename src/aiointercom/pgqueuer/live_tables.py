"""What live redaction keeps in Postgres: a row for each workspace, and one for each item that was found."""

CREATE_LIVE = """
CREATE TABLE IF NOT EXISTS {live} (
    workspace text NOT NULL, dry_run boolean NOT NULL, watermark float8 NOT NULL,
    stopped boolean NOT NULL DEFAULT false, resumed_at timestamptz NOT NULL DEFAULT '-infinity',
    notifications bigint NOT NULL DEFAULT 0, read bigint NOT NULL DEFAULT 0, sweeps bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, dry_run)
);
CREATE TABLE IF NOT EXISTS {found} (
    workspace text NOT NULL, dry_run boolean NOT NULL,
    kind text NOT NULL, conversation_id text NOT NULL, target_id text NOT NULL,
    found_at timestamptz NOT NULL, by_sweep boolean NOT NULL,
    PRIMARY KEY (workspace, dry_run, kind, conversation_id, target_id)
);
CREATE INDEX IF NOT EXISTS {name}_live ON {found} (workspace, dry_run, found_at);
CREATE OR REPLACE FUNCTION {admit}(of_workspace text, dry boolean, kinds text[], conversations text[], targets text[],
    dedupe_keys text[], at_most integer, swept boolean) RETURNS SETOF integer LANGUAGE plpgsql AS $$
DECLARE
    kept {live};
    begun bigint;
BEGIN
    SELECT * INTO kept FROM {live} l WHERE l.workspace = of_workspace AND l.dry_run = dry FOR UPDATE;
    IF kept.workspace IS NULL OR kept.stopped THEN
        RETURN;
    END IF;
    SELECT count(*) INTO begun FROM {found} f WHERE f.workspace = of_workspace AND f.dry_run = dry
        AND f.found_at > greatest(clock_timestamp() - interval '1 hour', kept.resumed_at);
    FOR n IN 1 .. cardinality(kinds) LOOP
        IF NOT EXISTS (SELECT 1 FROM {found} f WHERE f.workspace = of_workspace AND f.dry_run = dry
                AND f.kind = kinds[n] AND f.conversation_id = conversations[n] AND f.target_id = targets[n])
            AND NOT EXISTS (SELECT 1 FROM {outcomes} o WHERE o.workspace = of_workspace AND o.kind = kinds[n]
                AND o.conversation_id = conversations[n] AND o.target_id = targets[n])
            AND NOT EXISTS (SELECT 1 FROM {queue} q WHERE q.dedupe_key = dedupe_keys[n]
                AND q.status IN ('queued', 'picked')) THEN
            IF begun >= at_most AND NOT dry THEN
                UPDATE {live} l SET stopped = true WHERE l.workspace = of_workspace AND NOT l.dry_run;
                RETURN;
            END IF;
            INSERT INTO {found} VALUES
                (of_workspace, dry, kinds[n], conversations[n], targets[n], clock_timestamp(), swept);
            begun := begun + 1;
        END IF;
        RETURN NEXT n;
    END LOOP;
END $$;
"""
"""The function decides, under the lock of the workspace's row, which items may be enqueued, and counts those that are
new. It returns their positions, and fewer than it was given once the workspace has stopped. A statement of its own
would count what was there before it waited for the lock."""
LIVE = "SELECT watermark, stopped, resumed_at, notifications, read, sweeps, found_at FROM {live}, {found} LIMIT 0"
ADMIT = "SELECT n FROM {admit}($1, $2, $3, $4, $5, $6, $7, $8) AS n"
TOLD = """
UPDATE {live} SET notifications = notifications + 1 WHERE workspace = $1 AND dry_run = $2 RETURNING stopped
"""
BEGIN = """
INSERT INTO {live} (workspace, dry_run, watermark)
VALUES ($1, $2, coalesce($3::float8, extract(epoch FROM clock_timestamp())::float8)) ON CONFLICT DO NOTHING
"""
WATERMARK = "SELECT watermark, stopped FROM {live} WHERE workspace = $1 AND dry_run = $2"
READ = "UPDATE {live} SET read = read + $3 WHERE workspace = $1 AND dry_run = $2"
SWEPT = """
UPDATE {live} SET watermark = greatest(watermark, $3), sweeps = sweeps + 1
WHERE workspace = $1 AND dry_run = $2 AND NOT stopped
"""
RESUME = """
UPDATE {live} SET stopped = false, resumed_at = clock_timestamp() WHERE workspace = $1 AND NOT dry_run AND stopped
RETURNING 1 AS resumed
"""
DUE = "UPDATE {queue} SET execute_after = now() WHERE dedupe_key = $1 AND status = 'queued'"
SUMMARY = """
SELECT l.notifications, l.read, l.sweeps, l.watermark, l.stopped, count(f.found_at) AS found,
    count(*) FILTER (WHERE f.by_sweep) AS by_sweep, count(*) FILTER (WHERE o.state = 'done') AS redacted,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY greatest(0, o.ended_at - extract(epoch FROM f.found_at)::float8))
        FILTER (WHERE o.state = 'done' AND NOT f.by_sweep) AS median,
    percentile_disc(0.99) WITHIN GROUP (ORDER BY greatest(0, o.ended_at - extract(epoch FROM f.found_at)::float8))
        FILTER (WHERE o.state = 'done' AND NOT f.by_sweep) AS p99
FROM {live} l
LEFT JOIN {found} f USING (workspace, dry_run)
LEFT JOIN {outcomes} o ON NOT l.dry_run AND o.workspace = l.workspace AND o.kind = f.kind
    AND o.conversation_id = f.conversation_id AND o.target_id = f.target_id
WHERE l.workspace = $1 AND l.dry_run = $2
GROUP BY l.workspace, l.dry_run
"""
COUNTED = """
SELECT l.notifications, l.read, count(*) FILTER (WHERE f.by_sweep AND o.outcome = 'redacted') AS by_sweep
FROM {live} l
LEFT JOIN {found} f USING (workspace, dry_run)
LEFT JOIN {outcomes} o ON o.workspace = l.workspace AND o.kind = f.kind
    AND o.conversation_id = f.conversation_id AND o.target_id = f.target_id
WHERE l.workspace = $1 AND NOT l.dry_run
GROUP BY l.workspace, l.dry_run
"""
SECONDS = """
SELECT greatest(0, o.ended_at - extract(epoch FROM f.found_at)::float8) AS seconds
FROM {found} f JOIN {outcomes} o USING (workspace, kind, conversation_id, target_id)
WHERE f.workspace = $1 AND NOT f.dry_run AND NOT f.by_sweep AND o.state = 'done'
ORDER BY o.ended_at DESC LIMIT $2
"""
