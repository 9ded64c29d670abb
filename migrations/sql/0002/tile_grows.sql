-- A tile only ever grows: what it held it goes on holding.
CREATE FUNCTION log.tile_grows() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (NEW.level, NEW.index) = (OLD.level, OLD.index)
        AND substring(NEW.hashes FOR octet_length(OLD.hashes)) = OLD.hashes
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a tile of the tree only grows: level %, index %', OLD.level, OLD.index
        USING ERRCODE = 'LG001';
END
$$;

CREATE TRIGGER tile_grows BEFORE UPDATE ON log.tiles
FOR EACH ROW EXECUTE FUNCTION log.tile_grows();
