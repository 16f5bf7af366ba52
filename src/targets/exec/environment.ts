import type { TargetOptions } from '../target-kind.js';

/**
 * What a command may see of this process's environment: all but the options of tranche (`TRANCHE_…`), which may be secret, and the variable that holds the
 * password of a database.
 */
export function inheritedEnvironment(
  env: NodeJS.ProcessEnv,
  { passwordEnv }: TargetOptions,
): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith('TRANCHE_') && name !== passwordEnv),
  );
}
