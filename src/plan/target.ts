import type { Source } from '../core/source.js';
import type { Target } from '../core/target.js';
import { createTarget } from '../targets/index.js';
import type { CopyHooks, CopyPlan } from './plan.js';

/** The target of a plan; with `--dry-run` one that only checks. */
export async function targetOf(plan: CopyPlan, source: Source, hooks: CopyHooks): Promise<Target> {
  const { select, rename, transform, types } = plan;
  const reshaped = [select, rename, transform, types].some(option => option !== undefined);
  return await createTarget(plan.dryRun ? 'none:' : plan.target, {
    options: plan,
    stdout: hooks.stdout ?? process.stdout,
    sourceFormat: source.format,
    reshaped,
  });
}
