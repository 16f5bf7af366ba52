import { checkpointing } from './checkpointing.mjs';
import { conversions } from './convert.mjs';
import { csvToExec } from './exec.mjs';
import { http } from './http.mjs';
import { memory } from './memory.mjs';
import { csvToModule } from './module.mjs';
import { csvToMysql, mysqlToCsv } from './mysql.mjs';
import { postgres } from './postgres.mjs';
import { csvToNone } from './read.mjs';
import { resume } from './resume.mjs';
import { csvToSqlite, sqliteToCsv } from './sqlite.mjs';
import { startup } from './startup.mjs';
import { csvTransform } from './transform.mjs';

/**
 * Everything that is measured, in the order of the report. A workload has
 *
 * - `name`, `title`, `input` (a file of inputs.mjs, none if absent)
 * - `entries`: what competes. `label`; `program` of programs.mjs; `command(input)`; `stdout` the file to send it to; `exits` allowed (0);
 *   `prepare(input)` once and `before(input)` each run, neither timed; `check(input)` after its first run, throws; `input` of its own;
 *   `tenfold`
 * - `goals` of goals.mjs
 * - `moreRuns` times as many runs as the others; `mostRuns`; `keepsOutputs` from run to run; `chart` it
 */
export const workloads = [
  ...conversions,
  csvToSqlite,
  sqliteToCsv,
  ...postgres,
  csvToMysql,
  mysqlToCsv,
  ...http,
  csvToNone,
  csvTransform,
  csvToModule,
  csvToExec,
  resume,
  checkpointing,
  memory,
  startup,
];
