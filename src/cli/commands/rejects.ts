import { flag, option } from '../../core/options.js';
import { parseCount } from '../../core/units.js';
import { engineDefaults, jobOptions } from '../../engine/options.js';
import { command } from '../command.js';
import { print } from '../output.js';
import { reasonOption } from '../reject-options.js';

/** Rejects that are shown unless `--samples` says otherwise. */
const SAMPLES = 10;

const options = {
  reason: reasonOption,
  to: option({
    group: 'job',
    value: 'FILE',
    summary: 'write their raw records to FILE (.csv, .ndjson), to be edited and given back',
    parse: text => {
      if (text === '') throw new TypeError('a file that ends in .csv or .ndjson');
      return text;
    },
  }),
  stateDir: jobOptions.stateDir,
  samples: option({
    group: 'display',
    value: 'N',
    summary: 'how many are shown',
    fallback: String(SAMPLES),
    parse: parseCount(0),
  }),
  json: flag({ group: 'display', summary: 'print counts and samples as one JSON object' }),
} as const;

/** `tranche rejects JOB`. */
export const rejectsCommand = command({
  name: 'rejects',
  operands: [{ name: 'JOB', summary: 'name of the job; tranche status lists them' }],
  options,
  examples: [
    { line: 'tranche rejects nightly', does: 'how many for which reason, and the first of them' },
    {
      line: 'tranche rejects nightly --reason ragged --to fix.csv',
      does: 'to be edited, and given back: tranche retry-rejects nightly --from fix.csv',
    },
  ],
  exitCodes: [0, 1, 2, 5, 8],
  run: async ({ operands, options: { stateDir = engineDefaults.stateDir, reason, to, samples, json } }) => {
    const [job] = operands as readonly [string];
    const { describeRejects, exportRejectsOf } = await import('../show-rejects.js');
    const what = { job, stateDir, reasons: reason };
    const text =
      to === undefined
        ? await describeRejects(what, samples ?? SAMPLES, json === true)
        : await exportRejectsOf(what, to, json === true);
    await print(text);
    return 0;
  },
});
