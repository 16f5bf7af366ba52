import { type CopyOptionValues, copyOptions } from '#tranche/options.js';

/** The options of a job from flags, as the command line reads them: `--types`, `id:integer`, `--no-header`. */
export async function optionsOf(flags: readonly string[]): Promise<CopyOptionValues> {
  const values: Record<string, unknown> = {};
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i]!.replace(/^--/, '');
    const negative = flag.startsWith('no-');
    const name = flag.replace(/^no-/, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    if (!Object.hasOwn(copyOptions, name)) throw new TypeError(`there is no option ${flags[i]}`);
    const option = copyOptions[name as keyof typeof copyOptions];
    if ('value' in option) values[name] = await option.parse(flags[++i]!);
    else values[name] = !negative;
  }
  return values as CopyOptionValues;
}
