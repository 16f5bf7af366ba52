import type { ReasonCode } from '../../core/batch.js';
import type { Connection } from '../../mysql/driver.js';

/** What the server says of a row. */
export interface RowProblem {
  /** 0-based row of the statement; null if the server does not tell. */
  readonly row: number | null;
  readonly code: number;
  readonly message: string;
}

interface ShownWarning {
  readonly Level: string;
  readonly Code: number | string;
  readonly Message: string;
}

/** About the statement and not its rows: something in it is deprecated. */
const harmless = new Set([1287, 1681]);
/** More rows than these are not asked for one by one. */
const MOST_ASKED = 2000;

const constraints = new Set([
  1022, 1048, 1062, 1169, 1216, 1217, 1263, 1451, 1452, 1557, 1586, 1761, 1762, 3819, 4025,
]);
const values = new Set([1264, 1265, 1292, 1366, 1367, 1406, 1411, 1416, 1525, 1690, 3140, 3141, 3156, 4038]);

/** SQLSTATEs of errors that come as warnings, which have none. */
const states: Readonly<Record<number, string>> = {
  1048: '23000',
  1062: '23000',
  1263: '22004',
  1264: '22003',
  1292: '22007',
  1366: '22007',
  1406: '22001',
  1452: '23000',
  1690: '22003',
  4025: '23000',
};

/** The warnings of the last statement that are about rows. Where `asks`, the server is asked for the rows that its messages leave out. */
export async function rowProblems(connection: Connection, asks: boolean): Promise<readonly RowProblem[]> {
  const shown = await connection.query<ShownWarning>('SHOW WARNINGS');
  const problems = shown.map(({ Code, Message }, place) => ({ ...rowProblem(Number(Code), Message), place }));
  const relevant = problems.filter(({ code }) => !harmless.has(code));
  const unknown = relevant.filter(({ row }) => row === null);
  if (!asks || unknown.length === 0 || unknown.length > MOST_ASKED) return relevant;
  const rows = await askRows(
    connection,
    unknown.map(({ place }) => place),
  );
  return relevant.map(problem => ({ ...problem, row: problem.row ?? rows.get(problem.place) ?? null }));
}

/** A problem from an error number and a message, which mostly ends in `at row 5`. */
export function rowProblem(code: number, message: string): RowProblem {
  const row = /\bat row (\d+)$/.exec(message)?.[1];
  return {
    row: row === undefined ? null : Number(row) - 1,
    code,
    message: message.replace(/ at row \d+$/, ''),
  };
}

/** The row of the error that the last statement ended with, from a server that knows it. */
export async function askRow(connection: Connection): Promise<number | null> {
  return (await askRows(connection, [0])).get(0) ?? null;
}

/** Why a record is refused, for people and for programs. */
export function reasonOf(code: number): ReasonCode {
  if (constraints.has(code)) return 'constraint';
  return values.has(code) ? 'type' : 'refused';
}

/** What the server says, with its number and its SQLSTATE. */
export function messageOf({ code, message }: RowProblem): string {
  const state = states[code];
  return `${message} (error ${code}${state === undefined ? '' : `, SQLSTATE ${state}`})`;
}

/** By place in the list of warnings: the row. */
async function askRows(
  connection: Connection,
  places: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  for (const place of places) {
    await connection.run(`GET DIAGNOSTICS CONDITION ${place + 1} @tranche_row_${place} = ROW_NUMBER`);
  }
  const list = places.map(place => `@tranche_row_${place}`).join(', ');
  const [answer] = await connection.query(`SELECT ${list}`);
  const numbers = Object.values(answer ?? {}).map(Number);
  return new Map(places.flatMap((place, i) => (numbers[i]! > 0 ? [[place, numbers[i]! - 1] as const] : [])));
}
