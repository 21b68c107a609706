/** Reads the next partitions that have a share in the page, in the order of the index over topics, timestamp and hash. */
const reading = (order: 'ASC' | 'DESC') => `
      SELECT min(start), max(start) + partition_ns - 1 INTO first_time, last_time FROM (
        SELECT start FROM teahouse.partitions WHERE start BETWEEN from_start AND to_start ORDER BY start ${order} LIMIT span
      ) AS next;
      EXIT WHEN first_time IS NULL;
      SELECT count(*), max(bytes), bool_or(number > 1 AND (number > page_limit OR bytes > max_bytes)), string_agg(
          int8send(timestamp) || hash || CASE WHEN number > 1 AND (number > page_limit OR bytes > max_bytes) THEN int4send(-1)
            ELSE int4send(octet_length(message)) || message END, ''::bytea)
        INTO more_rows, more_bytes, is_full, records FROM (
        SELECT found.*, rows_read + row_number() OVER so_far AS number, bytes_read + sum(octet_length(message)) OVER so_far AS bytes
        FROM (
          SELECT of_topic.* FROM unnest(topics) AS topic, LATERAL (
            SELECT timestamp, hash, message FROM teahouse.messages
            WHERE (pubsub_topic, content_topic, timestamp, hash) > (shard_topic, topic, since, since_hash)
              AND (pubsub_topic, content_topic, timestamp, hash) < (shard_topic, topic, until, until_hash)
              AND timestamp BETWEEN first_time AND last_time
            ORDER BY pubsub_topic ${order}, content_topic ${order}, timestamp ${order}, hash ${order}
            LIMIT page_limit + 1 - rows_read
          ) AS of_topic ORDER BY timestamp ${order}, hash ${order} LIMIT page_limit + 1 - rows_read
        ) AS found WINDOW so_far AS (ROWS UNBOUNDED PRECEDING)
      ) AS numbered;`

/**
 * A page of messages by content topics, as one value: of each message its timestamp (8 bytes), hash (32), and the message after its length (4), which
 * is -1 and alone where the page was full. It reads one partition, then two, four and so on until the page is full: to start on all
 * of them takes longer than a page does. Bounds and order of each are those of the whole index, so that no other index will do. Its statements are
 * planned once a connection. Part of a migration: never edit it once it was released.
 */
export const PAGE_FUNCTION = `CREATE FUNCTION teahouse.page_of_topics(
    forward boolean, since bigint, since_hash bytea, until bigint, until_hash bytea, first_start bigint, partition_ns bigint,
    page_limit bigint, max_bytes bigint, shard_topic bytea, topics bytea[]
  ) RETURNS bytea LANGUAGE plpgsql STABLE AS $page$
  DECLARE
    from_start bigint := first_start;
    to_start bigint := until;
    span bigint := 1;
    first_time bigint;
    last_time bigint;
    records bytea;
    more_rows bigint;
    more_bytes bigint;
    is_full boolean;
    page bytea := '';
    rows_read bigint := 0;
    bytes_read bigint := 0;
  BEGIN
    LOOP
      IF forward THEN${reading('ASC')}
        from_start := last_time + 1;
      ELSE${reading('DESC')}
        to_start := first_time - 1;
      END IF;
      IF more_rows > 0 THEN
        page := page || records;
        rows_read := rows_read + more_rows;
        bytes_read := more_bytes;
      END IF;
      EXIT WHEN is_full;
      span := 2 * span;
    END LOOP;
    RETURN page;
  END $page$`
