/** Characters of a value that a message shows. */
const SHOWN = 200;

/** What people's code threw, in a line: name and message of an error with the first line of their own in its stack, or the value itself. */
export function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return textOf(thrown);
  const line = thrown.stack?.split('\n').find(isOwn);
  const place = line === undefined ? '' : ` (${line.trim()})`;
  return `${thrown.name}: ${thrown.message}${place}`;
}

/** A line of the stack that is in a file, and in nobody's package. */
function isOwn(line: string): boolean {
  return /^\s+at .*(?:file:|[\s(]\/)/.test(line) && !line.includes('node_modules');
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value).slice(0, SHOWN);
  } catch {
    return 'an object';
  }
}
