/** Seconds that a statement waits for a lock of somebody else before it fails, and is tried again. */
const LOCK_SECONDS = 20;
/** Seconds after which the server lets go of a session that asks nothing, its transaction and its locks: that of a process that was stopped, say. */
const IDLE_SECONDS = 60;
/** Seconds that the server waits for bytes in the middle of a statement, or for somebody to take them. */
const NETWORK_SECONDS = 60;
/** As many as the server remembers. */
const MOST_WARNINGS = 65_535;

/**
 * What makes a session ours, whatever the server's defaults are. Strict, so that no value is cut or changed to fit; 0 is a value of its own and not a new
 * number for a column that counts up; times are in UTC.
 */
export const sessionSettings = [
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'",
  "time_zone = '+00:00'",
  'autocommit = 1',
  'sql_notes = 1',
  'sql_warnings = 0',
  `max_error_count = ${MOST_WARNINGS}`,
  `innodb_lock_wait_timeout = ${LOCK_SECONDS}`,
  `lock_wait_timeout = ${LOCK_SECONDS}`,
  `wait_timeout = ${IDLE_SECONDS}`,
  `net_read_timeout = ${NETWORK_SECONDS}`,
  `net_write_timeout = ${NETWORK_SECONDS}`,
].join(', ');
