import { TrancheError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { flagOf, type Option, type OptionTable } from '../core/options.js';
import { redact } from '../core/redact.js';
import { environmentName } from './flags.js';

/** The texts that were given for each option, by its name; `true` for a switch. */
export type Given = { readonly [name: string]: readonly string[] | true | undefined };

/** Where the value of an option came from, and its text. */
interface Source {
  readonly name: string;
  readonly texts: readonly string[];
}

/** Texts to values: a flag wins over the environment. Throws a `usage` error that names what is wrong, what is taken and what was got. */
export async function resolveValues(
  table: OptionTable,
  given: Given,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly [name: string]: unknown }> {
  const values: { [name: string]: unknown } = {};
  for (const [name, option] of Object.entries(table)) {
    const source = sourceOf(name, option, given, env);
    if (source === null) continue;
    const value = join(await Promise.all(source.texts.map(text => parse(source.name, option, text))));
    values[name] = option.negative ? !value : value;
  }
  return Object.freeze(values);
}

function sourceOf(
  name: string,
  option: Option<unknown>,
  given: Given,
  env: NodeJS.ProcessEnv,
): Source | null {
  const typed = given[name];
  if (typed !== undefined) return { name: flagOf(name, option), texts: typed === true ? ['true'] : typed };
  if (option.against?.some(other => given[other] !== undefined)) return null;
  const variable = environmentName(name, option);
  const text = env[variable];
  // A variable that is empty is one that is not set; only --null may be empty on purpose, and is a flag then.
  return text ? { name: variable, texts: [text] } : null;
}

async function parse(source: string, option: Option<unknown>, text: string): Promise<unknown> {
  try {
    return await option.parse(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const suggestion = option.choices === undefined ? '' : didYouMean(text, option.choices);
    const got = option.secret ? '' : `, not "${redact(text)}"${suggestion}`;
    throw new TrancheError('usage', `${source} takes ${error.message}${got}`);
  }
}

/** Lists are joined, maps merged; of anything else the last counts. */
function join(values: readonly unknown[]): unknown {
  if (values.every(Array.isArray)) return values.flat();
  if (values.every(isMap)) return Object.fromEntries(values.flatMap(Object.entries));
  return values.at(-1);
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
