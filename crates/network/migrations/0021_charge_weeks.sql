-- Charges are kept by their time and read by it. Where the engine can they are split by weeks, so that old ones go as a whole (suki_store::Split); what was
-- there before is the first part. Programs see the same table, so that older ones go on.
-- only postgres
ALTER TABLE charge RENAME TO charge_before;
ALTER INDEX charge_pkey RENAME TO charge_before_pkey;
CREATE TABLE charge (LIKE charge_before INCLUDING ALL) PARTITION BY RANGE (at);
CREATE TABLE charge_rest PARTITION OF charge DEFAULT;
DO $$ DECLARE
  week CONSTANT BIGINT := 604800000;
  last BIGINT;
BEGIN
  SELECT greatest(coalesce(max(at), 0), CAST(floor(extract(epoch FROM now()) * 1000) AS BIGINT)) / week INTO last FROM charge_before;
  EXECUTE format('ALTER TABLE charge ATTACH PARTITION charge_before FOR VALUES FROM (MINVALUE) TO (%s)', (last + 1) * week);
  EXECUTE format('ALTER TABLE charge_before RENAME TO charge_p%s', last);
END $$;
-- both
