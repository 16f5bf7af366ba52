/** Groups of options in `--help`, in their order. */
export const optionGroups = [
  'job',
  'batches',
  'failures',
  'pace',
  'records',
  'CSV',
  'files as target',
  'tables as source',
  'tables as target',
  'HTTP',
  'modules and commands',
  'display',
] as const;

/** A group of options in `--help`. */
export type OptionGroup = (typeof optionGroups)[number];

/**
 * One option, defined once: its flag, environment name, help, completion and check all come from here.
 * The flag is the key in kebab case, the environment name `TRANCHE_` and the key in capitals.
 */
export interface Option<T> {
  readonly group: OptionGroup;
  /** A letter: `-j`. */
  readonly short?: string;
  /** What stands behind the flag in `--help` (`N`, `DUR`); a switch has none. */
  readonly value?: string;
  /** One line. */
  readonly summary: string;
  /** The default in words, for `--help`. */
  readonly fallback?: string;
  readonly choices?: readonly string[];
  /** May be given several times: lists are joined, maps merged. */
  readonly repeatable?: boolean;
  /** What a job has to have for the option to mean something, where the name of the group does not say it: `tables`. */
  readonly about?: string;
  /** A switch that is on unless it is turned off: its flag is `--no-NAME` and gives the value false. */
  readonly negative?: boolean;
  /** Switches that contradict it: where one of them is typed, the variable of this one in the environment does not count. */
  readonly against?: readonly string[];
  /** True if the option changes what is written: a resume must be given the same. */
  readonly fixed?: boolean;
  /** For texts that may hold secrets: what is shown in place of such a text. */
  readonly secret?: (text: string) => string;
  /** Text to value. Throws (or rejects with) a `TypeError` whose message says what is expected: `a size such as 8MiB`. */
  readonly parse: (text: string) => T | Promise<T>;
  /** Throws a `TypeError` as `parse` does for what is no value of this option: programs hand over values. Without it a value is a text, and has to be one that `parse` takes. */
  readonly check?: (value: unknown) => void;
}

/** Options by name (camel case). */
export type OptionTable = { readonly [name: string]: Option<unknown> };

/** The values of a table of options; an option that was not given is undefined. */
export type OptionValues<T extends OptionTable> = {
  readonly [K in keyof T]?: (T[K] extends Option<infer V> ? V : never) | undefined;
};

/** `batchSize` → `--batch-size`; an option that turns something off: `checkpoint` → `--no-checkpoint`. */
export function flagOf(name: string, { negative }: Option<unknown>): string {
  const kebab = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
  return `--${negative ? 'no-' : ''}${kebab}`;
}

/** Keeps the type of a single option's value while checking its form. */
export function option<T>(definition: Option<T>): Option<T> {
  return definition;
}

/** A switch: present or not. From the environment `1`, `true`, `yes` or `0`, `false`, `no`. */
export function flag(definition: Omit<Option<boolean>, 'parse' | 'value'>): Option<boolean> {
  return { ...definition, parse: parseBoolean, check: checkBoolean };
}

/** An option that takes one of a few words. */
export function choice<const T extends string>(
  definition: Omit<Option<T>, 'parse' | 'choices'> & { readonly choices: readonly T[] },
): Option<T> {
  const { choices } = definition;
  return {
    ...definition,
    parse: text => parseChoice(text, choices),
    check: value => parseChoice(value, choices),
  };
}

/** An option whose value is a number. */
export function quantity({ unit = '', ...definition }: Quantity): Option<number> {
  const check = (value: unknown): void => {
    if (typeof value !== 'number') throw new TypeError(`a number${unit && ` (${unit})`}`);
    definition.parse(`${value}${unit}`);
  };
  return { ...definition, check };
}

/** What {@link quantity} is made of; `unit` is what stands behind the number where it is typed. */
interface Quantity extends Omit<Option<number>, 'parse' | 'check'> {
  readonly unit?: '' | 'ms' | '/s';
  readonly parse: (text: string) => number;
}

/** Checks a list of names. */
export function checkNames(value: unknown): void {
  const isName = (name: unknown) => typeof name === 'string' && name !== '';
  if (!Array.isArray(value) || value.length === 0 || !value.every(isName))
    throw new TypeError('a list of names');
}

function parseChoice<T extends string>(text: unknown, choices: readonly T[]): T {
  const found = choices.find(word => word === text);
  if (found === undefined) throw new TypeError(`one of ${choices.join(', ')}`);
  return found;
}

function checkBoolean(value: unknown): void {
  if (typeof value !== 'boolean') throw new TypeError('true or false');
}

function parseBoolean(text: string): boolean {
  if (/^(1|true|yes|on|)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new TypeError('true or false');
}
