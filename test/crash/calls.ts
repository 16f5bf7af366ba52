/** One system call of a log that `strace -f -y` wrote. */
export interface Call {
  readonly thread: string;
  readonly name: string;
  /** The file descriptor, for calls that have one; for `openat` the new one. */
  readonly descriptor: number | null;
  /** What the descriptor stands for, or the first path of the arguments. */
  readonly path: string;
  /** The second path, of `rename`. */
  readonly to: string | null;
  /** The bytes of `write` and `pwrite64`, where the log has all of them. */
  readonly data: Buffer;
  /** The last argument of `pwrite64` (where it writes) or of `ftruncate` (the new length). */
  readonly number: number;
  /** Names of flags, of `openat`. */
  readonly flags: string;
  /** The value it answered: -1 for a failure, null if it never did. */
  readonly answer: number | null;
  /** True if the failure was made up. */
  readonly injected: boolean;
  /** Places in the log where it began and ended: a call that began later than another ended came after it. */
  readonly began: number;
  ended: number;
}

/** Reads a log. Calls that were interrupted by another thread's are put together again. */
export function parseCalls(log: string): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { text: string; began: number }>();
  log.split('\n').forEach((line, place) => {
    const [, thread, rest] = /^(\d+) +(.*)$/s.exec(line) ?? [];
    if (thread === undefined || rest === undefined || /^(\+\+\+|---)/.test(rest)) return;
    if (rest.endsWith(' <unfinished ...>')) {
      open.set(thread, { text: rest.slice(0, -' <unfinished ...>'.length), began: place });
      return;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(rest);
    const begun = resumed ? open.get(thread) : undefined;
    if (resumed) open.delete(thread);
    const call = parseCall(
      thread,
      (begun?.text ?? '') + (resumed?.[1] ?? rest),
      begun?.began ?? place,
      place,
    );
    if (call) calls.push(call);
  });
  for (const [thread, { text, began }] of open) {
    const call = parseCall(thread, `${text}) = ?`, began, Number.POSITIVE_INFINITY);
    if (call) calls.push(call);
  }
  return calls.sort((a, b) => a.began - b.began);
}

function parseCall(thread: string, text: string, began: number, ended: number): Call | null {
  const [, name, inner, result] = /^(\w+)\((.*)\)\s+= (.*)$/s.exec(text) ?? [];
  if (name === undefined || inner === undefined || result === undefined) return null;
  const strings = [...inner.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, string]) => bytesOf(string!));
  const [, first, firstPath] = /^(\d+)<([^>]*)>/.exec(inner) ?? [];
  const [, answered, answeredPath] = /^(-?\d+)(?:<([^>]*)>)?/.exec(result) ?? [];
  const opens = name === 'openat';
  const from = opens ? answered : first;
  return {
    thread,
    name,
    descriptor: from === undefined ? null : Number(from),
    path: (opens ? answeredPath : firstPath) ?? strings[0]?.toString() ?? '',
    to: name === 'rename' ? (strings[1]?.toString() ?? null) : null,
    data: (name.includes('write') && strings[0]) || Buffer.alloc(0),
    number: Number(/, (\d+)$/.exec(inner)?.[1] ?? 0),
    flags: opens ? (/", (\S+?)(?:,|$)/.exec(inner)?.[1] ?? '') : '',
    answer: answered === undefined ? null : Number(answered),
    injected: result.includes('(INJECTED)'),
    began,
    ended,
  };
}

const letters: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' };

/** The bytes of a string as strace prints it. */
function bytesOf(text: string): Buffer {
  const plain = text.replace(/\\([0-7]{1,3}|.)/gs, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (letters[code] ?? code),
  );
  return Buffer.from(plain, 'latin1');
}
