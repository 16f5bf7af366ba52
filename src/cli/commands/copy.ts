import { copyOptions } from '../../options.js';
import { command, type Note } from '../command.js';
import { displayOptions } from '../options.js';

const options = { ...copyOptions, ...displayOptions } as const;

const placesNote: Note = {
  title: 'SOURCE and TARGET',
  entries: [
    ['orders.csv', '.csv .tsv .ndjson .jsonl, each also .gz'],
    ["'logs/*.csv'", 'source: a quoted pattern or a directory; its files, sorted by name'],
    ['-', 'stdin or stdout (with --format, --to-format)'],
    ['sqlite:shop.db#orders', 'a table of a SQLite database'],
    ['postgres://user@host/db#orders', 'a table of PostgreSQL (#schema.table)'],
    ['mysql://user@host/db#orders', 'a table of MySQL or MariaDB'],
    ['https://host/items', 'target: a request a batch (a record with --per-record)'],
    ['./load.mjs', 'target: a module whose default export gets each batch'],
    ['exec:COMMAND', 'target: a command that reads each batch'],
    ['none:', 'target: reads and checks every record, writes nothing'],
  ],
};

/** `tranche copy SOURCE TARGET`. */
export const copyCommand = command({
  name: 'copy',
  operands: [
    { name: 'SOURCE', summary: 'where records come from' },
    { name: 'TARGET', summary: 'where they go' },
  ],
  options,
  notes: [placesNote],
  examples: [
    {
      line: 'tranche copy orders.csv sqlite:shop.db#orders --resume',
      does: 'into a table; goes on if it was stopped',
    },
    {
      line: "tranche copy 'logs/*.csv.gz' all.ndjson --select time,status --max-errors 100",
      does: 'many files into one, two columns, up to 100 bad records set aside',
    },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 75, 129, 130, 143],
  run: async ({ operands, options: all, given, words }) => {
    const [source, target] = operands as readonly [string, string];
    // Not for --help.
    const { copyRun } = await import('../run-copy.js');
    return copyRun(source, target, all, given, words, options).run();
  },
});
