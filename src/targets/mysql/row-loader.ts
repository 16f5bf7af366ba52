import { TrancheError } from '../../core/errors.js';
import type { Refusal } from '../../core/target.js';
import type { Connection, Effect } from '../../mysql/driver.js';
import { isRecordError, serverErrorNumber } from '../../mysql/errors.js';
import type { LineBuffer } from './line-buffer.js';
import type { LineEncoder } from './line-encoder.js';
import { type InsertInto, loadLines } from './statements.js';
import { messageOf, type RowProblem, reasonOf, rowProblems } from './warnings.js';

/** `LOAD DATA LOCAL` is switched off, by the server or for this client. */
const forbidden = new Set([1148, 2068, 3948, 4166]);
/** A row was left out because of another row: it is judged only when that one is known to be good. */
const duplicates = new Set([1022, 1062, 1169, 1586]);
/** A row was left out by a CHECK, of a table or of a view. MariaDB does not count it. */
const uncounted = new Set([1369, 3819, 4025]);

/** How rows are loaded within a transaction. */
export interface Loading {
  readonly connection: Connection;
  readonly into: InsertInto;
  /** Whether the server tells rows that its messages leave out. */
  readonly tellsRows: boolean;
  readonly signal: AbortSignal;
}

/** What came of {@link loadRows}: what was refused, `unknown` if bad rows cannot be told from good ones, `forbidden` if the server allows no `LOCAL`. In the latter cases nothing was put in. */
export type Loaded = readonly Refusal[] | 'unknown' | 'forbidden';

/**
 * Loads the encoder's rows, which are made while the server reads those before, by `LOAD DATA LOCAL INFILE`. That turns errors into warnings, leaves out rows, and changes values to fit. So nothing is accepted that has a warning: it is
 * taken back, the rows that the server names are left out, and the rest is loaded again. To be used in a transaction with nothing else in it.
 */
export async function loadRows(encoder: LineEncoder, how: Loading): Promise<Loaded> {
  const { connection, into, signal } = how;
  const { lines } = encoder;
  const statement = loadLines(into);
  const bad = new Map<number, RowProblem>();
  let pieces = encoder.pieces();
  for (let last = false; ; pieces = piecesOf(lines, bad)) {
    const effect = await load(connection, statement, pieces, signal);
    if (effect === 'forbidden') return effect;
    const sent = lines.count - bad.size;
    if (effect !== 'refused' && effect.warnings === 0 && effect.rows === sent) break;
    const problems = effect === 'refused' ? [] : await rowProblems(connection, how.tellsRows);
    // Of deprecated words, say.
    if (effect !== 'refused' && problems.length === 0 && effect.rows === sent) break;
    await connection.run('ROLLBACK');
    await connection.run('START TRANSACTION');
    const known = named(problems);
    if (last || !known) return 'unknown';
    const others = known.filter(({ code }) => !duplicates.has(code));
    // Rows left out as doubles of others change nothing about these. If more is wrong after all, the server's numbers were.
    last = others.length === 0;
    if (bad.size > 0 && !last) return 'unknown';
    note(last ? known : others, lines, bad);
    if (bad.size === lines.count) break;
  }
  return refusals(lines, bad);
}

/** Does the statement. `refused`: it ended with an error of a row, as triggers can make it. */
export async function load(
  connection: Connection,
  statement: string,
  pieces: Iterable<Buffer>,
  signal: AbortSignal | undefined,
): Promise<Effect | 'forbidden' | 'refused'> {
  try {
    return await connection.load(statement, pieces, signal);
  } catch (error) {
    const code = serverErrorNumber(error) ?? 0;
    if (forbidden.has(code)) return 'forbidden';
    if (isRecordError(code)) return 'refused';
    throw error;
  }
}

/** The problems by the rows that were sent: the server counts no row that it left out for a CHECK. Undefined if it does not say which rows it means. */
function named(problems: readonly RowProblem[]): readonly RowProblem[] | undefined {
  if (problems.length === 0 || problems.some(({ row }) => row === null)) return undefined;
  let uncountedRows = 0;
  return problems.map(problem => {
    const row = problem.row! + uncountedRows;
    if (uncounted.has(problem.code)) uncountedRows++;
    return { ...problem, row };
  });
}

/** Adds the rows that the server named, which it counted among those that were sent. */
function note(problems: readonly RowProblem[], lines: LineBuffer, bad: Map<number, RowProblem>): void {
  const sent: number[] = [];
  for (let row = 0; row < lines.count; row++) {
    if (!bad.has(row)) sent.push(row);
  }
  for (const problem of problems) {
    const row = sent[problem.row!];
    if (row === undefined) {
      throw new TrancheError('internal', `the server spoke of row ${problem.row! + 1} of ${sent.length}`);
    }
    // Several warnings of one row: an error says more than the notes before it.
    bad.set(row, problem);
  }
}

/** The lines, but for the bad ones, in pieces. */
function* piecesOf(lines: LineBuffer, bad: ReadonlyMap<number, unknown>): Generator<Buffer> {
  let from = 0;
  for (const row of [...bad.keys()].sort((one, other) => one - other)) {
    yield* lines.pieces(from, lines.startOf(row));
    from = lines.ends[row]!;
  }
  yield* lines.pieces(from, lines.length);
}

function refusals(lines: LineBuffer, bad: ReadonlyMap<number, RowProblem>): readonly Refusal[] {
  const rows = [...bad].sort(([one], [other]) => one - other);
  return rows.map(([row, problem]) => ({
    index: lines.indices[row]!,
    reason: reasonOf(problem.code),
    message: messageOf(problem),
  }));
}
