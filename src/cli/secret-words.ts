import { flagOf, type Option, type OptionTable } from '../core/options.js';
import { redact } from '../core/redact.js';

type Shown = (text: string) => string;

/** The words of a command as they may be shown. A password of a URL is left out, so that the command can be used as it stands with one from elsewhere; the secrets of options are marked. */
export function withoutSecrets(words: readonly string[], options: OptionTable): readonly string[] {
  const flags = flagsOf(options);
  const shown: string[] = [];
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--') return [...shown, ...words.slice(i).map(withoutPassword)];
    const [flag, value] = splitWord(words[i]!, flags);
    const secret = flags.get(flag)?.secret;
    if (!secret) shown.push(withoutPassword(words[i]!));
    else if (value !== null) shown.push(words[i]!.slice(0, words[i]!.length - value.length) + secret(value));
    else shown.push(words[i]!, ...words.slice(++i, i + 1).map(secret satisfies Shown));
  }
  return shown;
}

function flagsOf(options: OptionTable): ReadonlyMap<string, Option<unknown>> {
  const flags = new Map<string, Option<unknown>>();
  for (const [name, option] of Object.entries(options)) {
    flags.set(flagOf(name, option), option);
    if (option.short !== undefined) flags.set(`-${option.short}`, option);
  }
  return flags;
}

/** The flag of a word that takes a value, and the value that is in the same word: `--flag=value`, `-Fvalue`, `-qFvalue`; null: it is the next word. */
function splitWord(
  word: string,
  flags: ReadonlyMap<string, Option<unknown>>,
): readonly [flag: string, value: string | null] {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    return equals < 0 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)];
  }
  if (!word.startsWith('-')) return ['', null];
  let at = 1;
  // Switches may stand before it in the same word.
  while (at < word.length - 1 && flags.get(`-${word[at]}`)?.value === undefined) at++;
  const rest = word.slice(at + 1);
  return [`-${word[at]}`, rest === '' ? null : rest];
}

function withoutPassword(word: string): string {
  return redact(word).replaceAll(':***@', '@').replaceAll('://***@', '://');
}
