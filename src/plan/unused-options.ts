import { TrancheError } from '../core/errors.js';
import { flagOf, type Option } from '../core/options.js';
import { redact } from '../core/redact.js';
import { type CopyOptionValues, copyOptions } from '../options.js';
import { sourceKindOf, sources } from '../sources/index.js';
import { targetKindOf, targets } from '../targets/index.js';
import { isDefault } from './fixed-options.js';
import type { CopyPlan } from './plan.js';

/** The options of a plan that mean nothing to its source and its target, and are not what they are by default. */
export function unusedOptions(plan: CopyPlan): readonly (keyof CopyOptionValues)[] {
  const { source, target } = plan;
  const used = {
    ...sourceKindOf(source).options(source, plan),
    ...targetKindOf(target).options(target, plan),
  };
  return optionalNames().filter(name => {
    const value = plan[name];
    return value !== undefined && !Object.hasOwn(used, name) && !isDefault(name, value);
  });
}

/** Throws `usage` for an option that would do nothing, and says what it is for. */
export function demandUsed(plan: CopyPlan): void {
  const [name] = unusedOptions(plan);
  if (name === undefined) return;
  const option: Option<unknown> = copyOptions[name];
  const copies = `this job copies ${redact(plan.source)} to ${redact(plan.target)}`;
  throw new TrancheError(
    'usage',
    `${flagOf(name, option)} is for ${option.about ?? option.group}, and ${copies}: it would do nothing`,
    { hint: 'leave it out' },
  );
}

/** Names of the options that only some kinds of source or target look at. */
function optionalNames(): readonly (keyof CopyOptionValues)[] {
  const tables = [...sources, ...targets].map(kind => kind.options('', {}));
  return Object.keys(Object.assign({}, ...tables)) as (keyof CopyOptionValues)[];
}
