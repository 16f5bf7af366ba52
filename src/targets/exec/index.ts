import { TrancheError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';
import { writtenOptions } from '../../formats/file-format.js';
import { BatchBody, bodyTraits } from '../batch-body.js';
import { flightOptionsFor } from '../options.js';
import type { TargetContext, TargetKind } from '../target-kind.js';
import { inheritedEnvironment } from './environment.js';
import type { ExecTarget } from './exec-target.js';
import { execOptions } from './options.js';

const SCHEME = 'exec:';

/** `exec:COMMAND`. */
export const execTarget: TargetKind = {
  accepts: spec => spec.startsWith(SCHEME),
  options: (spec, given) => ({
    ...execOptions,
    ...flightOptionsFor(spec, given),
    ...writtenOptions(given.toFormat ?? 'ndjson'),
  }),
  create: async (spec, context) => create(spec.slice(SCHEME.length), context),
};

async function create(line: string, context: TargetContext): Promise<ExecTarget> {
  const { options, timeout, report } = context;
  const format = options.toFormat ?? 'ndjson';
  const isStream = options.execMode === 'stream';
  if (line.trim() === '') throw new TrancheError('usage', 'exec: needs a command: exec:COMMAND');
  if (isStream && format !== 'ndjson') {
    throw new TrancheError(
      'usage',
      `--exec-mode stream sends NDJSON: ${format} cannot tell where a batch ends`,
      {
        hint: 'leave --to-format out, or run the command for each batch',
      },
    );
  }
  const tell = (message: string) => report({ type: 'log', message });
  // Loaded when it is needed: most jobs have no use for it.
  const [exec, { BatchRunner }, { StreamRunner }] = await Promise.all([
    import('./exec-target.js'),
    import('./batch-runner.js'),
    import('./stream-runner.js'),
  ]);
  return new exec.ExecTarget({
    name: redact(`${SCHEME}${line}`),
    traits: {
      guarantee: 'at least once',
      because: 'a batch that is in flight when a run ends is given to the command again',
      batchSize: 1000,
      concurrency: Number.POSITIVE_INFINITY,
      confirmed: true,
      keyedByBatch: true,
      ...bodyTraits(format, context),
    },
    body: columns => new BatchBody(format, columns, context),
    runner: variables => {
      const settings = { line, tell, env: { ...inheritedEnvironment(process.env, options), ...variables } };
      return isStream ? new StreamRunner(settings, timeout) : new BatchRunner(settings);
    },
  });
}
