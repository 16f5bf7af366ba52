import type { Edited } from './edited.js';
import { wrong } from './wrong-file.js';

const hint = 'one object a line, with the keys "reject" and "raw" as they were exported';

/** The lines of an edited NDJSON file. `raw` is the record's text, or the record itself: then it is the line's last key, and its text is taken as it stands. */
export function* readEditedLines(bytes: Buffer, path: string): Generator<Edited> {
  for (const [index, line] of bytes.toString('utf8').split('\n').entries()) {
    if (line.trim() === '') continue;
    const place = `line ${index + 1}`;
    const { reject, raw, encoding } = parse(line, path, place);
    if (typeof reject !== 'string') throw wrong(path, `${place} does not say which reject it is`, hint);
    const text = rawText(line, raw);
    if (text === null) throw wrong(path, `${place} has no record: "raw" is not its last key`, hint);
    const record = Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
    yield { id: reject, raw: record, place };
  }
}

interface EditedLine {
  readonly reject?: unknown;
  readonly raw?: unknown;
  readonly encoding?: unknown;
}

function parse(line: string, path: string, place: string): EditedLine {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw wrong(path, `${place} is no JSON object`, hint);
}

/** The text of a record that stands in its line, so that no digit of its numbers is lost. Null where it cannot be found. */
function rawText(line: string, raw: unknown): string | null {
  if (typeof raw === 'string') return raw;
  // Inside a string the quotes would have a backslash before them.
  const found = /[,{]\s*"raw"\s*:\s*(\{.*\})\s*\}\s*$/s.exec(line)?.[1];
  return found !== undefined && isJson(found) ? found : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
