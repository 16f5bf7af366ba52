import type { Checkpoint } from '../../core/checkpoint.js';
import { TrancheError } from '../../core/errors.js';
import type { TargetTraits } from '../../core/target.js';
import type { Renames } from '../../formats/options.js';
import { chooseColumns } from '../../formats/type-choice.js';
import { outputColumns } from '../columns.js';
import type { CopyPlan } from '../plan.js';

/** The job's checkpoint as the retry is to see it: its columns with the types that are asked for now. Throws `usage` for columns that cannot stand under those of the target. */
export function withColumns(job: Checkpoint, plan: CopyPlan, traits: TargetTraits): Checkpoint {
  const names = job.columns.map(({ name }) => name);
  const types = job.columns.map(({ type }) => type);
  const columns = plan.types === undefined ? job.columns : chooseColumns(names, types, plan.types);
  const select = job.options['select'] as readonly string[] | undefined;
  const output =
    job.output ?? outputColumns(job.columns, select, job.options['rename'] as Renames | undefined);
  if (traits.grows && traits.fixedColumns && plan.transform === undefined) {
    const now = outputColumns(columns, plan.select, plan.rename);
    demandSame(
      output.map(({ name }) => name),
      now.map(({ name }) => name),
    );
  }
  return { ...job, columns, output };
}

function demandSame(was: readonly string[], is: readonly string[]): void {
  if (was.length === is.length && was.every((name, i) => name === is[i])) return;
  throw new TrancheError(
    'usage',
    `the target has the columns ${was.join(', ')}, and would get ${is.join(', ')}`,
    {
      hint: 'leave --select and --rename as the job had them',
    },
  );
}
