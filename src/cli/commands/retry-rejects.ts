import { type OptionTable, option } from '../../core/options.js';
import { copyOptions } from '../../options.js';
import { command } from '../command.js';
import { displayOptions } from '../options.js';
import { reasonOption } from '../reject-options.js';

/** What a retry has no use for: how a job begins, what it reads, and what it does with what is in the target. */
const {
  job: _job,
  resume: _resume,
  fresh: _fresh,
  onChange: _onChange,
  checkpoint: _checkpoint,
  dryRun: _dryRun,
  limit: _limit,
  skip: _skip,
  rejects: _rejects,
  fromTable: _fromTable,
  query: _query,
  resumeSource: _resumeSource,
  header: _header,
  columns: _columns,
  wholeLines: _wholeLines,
  toFormat: _toFormat,
  overwrite: _overwrite,
  append: _append,
  table: _table,
  mode: _mode,
  ...changeable
} = copyOptions;

const options = {
  reason: reasonOption,
  from: option({
    group: 'job',
    value: 'FILE',
    summary: 'send the records of FILE, exported by "tranche rejects JOB --to" and edited',
    parse: text => {
      if (text === '') throw new TypeError('a file that ends in .csv or .ndjson');
      return text;
    },
  }),
  ...changeable,
  maxErrors: { ...changeable.maxErrors, fallback: '100%' },
  ...displayOptions,
} as const satisfies OptionTable;

/** `tranche retry-rejects JOB`. */
export const retryRejectsCommand = command({
  name: 'retry-rejects',
  operands: [{ name: 'JOB', summary: 'name of a finished job; tranche status lists them' }],
  options,
  notes: [
    {
      title: 'Options',
      entries: [
        ['the job’s own', 'are kept in its checkpoint and used again; those given here replace them'],
        ['the target', 'is gone on with, never emptied or replaced'],
        ['run again', 'with the same words, it goes on where it was stopped; with others, with what is left'],
      ],
    },
  ],
  examples: [
    { line: 'tranche retry-rejects nightly', does: 'all rejects, as the job was run' },
    {
      line: 'tranche retry-rejects nightly --reason type --types price:text',
      does: 'those that did not fit their type, with another type',
    },
  ],
  exitCodes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 75, 129, 130, 143],
  run: async ({ operands, options: values, given, words }) => {
    const [job] = operands as readonly [string];
    // Not for --help.
    const { retryRun } = await import('../run-retry.js');
    return (await retryRun(job, values, given, words)).run();
  },
});
