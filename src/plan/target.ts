import type { Report } from '../core/events.js';
import type { Source } from '../core/source.js';
import type { Target } from '../core/target.js';
import { copyDefaults } from '../options.js';
import { createTarget } from '../targets/index.js';
import { NoneTarget } from '../targets/none-target.js';
import type { CopyHooks, CopyPlan } from './plan.js';

/** The target of a plan; with `--dry-run` one that gets the same records and only checks them. */
export async function targetOf(
  plan: CopyPlan,
  source: Pick<Source, 'format' | 'plainCsv'>,
  hooks: Pick<CopyHooks, 'stdout'>,
  report: Report,
): Promise<Target> {
  const { select, rename, transform, types } = plan;
  const reshaped = [select, rename, transform, types].some(option => option !== undefined);
  const target = await createTarget(plan.target, {
    options: plan,
    stdout: hooks.stdout ?? process.stdout,
    sourceFormat: source.format,
    plainCsv: source.plainCsv ?? false,
    reshaped,
    timeout: plan.timeout ?? copyDefaults.timeout,
    report,
  });
  return plan.dryRun ? new NoneTarget(target.traits) : target;
}
