import { type Duplex, Readable } from 'node:stream';
import type { Connection as Driver, FieldPacket, QueryOptions } from 'mysql2';
import { TrancheError } from '../core/errors.js';
import { mysqlError } from './errors.js';
import type { MysqlPlace } from './place.js';
import { type RowSink, RowTap } from './row-tap.js';
import { sessionSettings } from './session.js';
import { type TlsOptions, tlsHint, tlsOptions } from './tls.js';

/** What a statement takes as the value of a `?`. */
export type Parameter = string | number | bigint | null;
/** A row of an answer, by column. */
export type Row = { readonly [column: string]: unknown };

/** What a statement did. */
export interface Effect {
  /** Rows found, or put in. */
  readonly rows: number;
  readonly warnings: number;
}

/** A column of an answer. */
export interface Field {
  readonly name: string;
  /** Number of the protocol: see `Types` of the driver. */
  readonly type: number;
  readonly flags: number;
  /** True for bytes, and for numbers and times. */
  readonly isBinary: boolean;
  /** Width that a client might show. */
  readonly length: number;
  /** Digits behind the point, of a number or of a second. */
  readonly decimals: number;
}

/** Number of the character set that is none. */
const BINARY = 63;

/** Milliseconds until the kernel asks whether the other side is still there. */
const KEEP_ALIVE = 10_000;

/** A connection of this program's own. Statements are done one after the other; one may be given before the last is answered. Everything that fails is a `TrancheError` that names the place. */
export class Connection {
  readonly place: MysqlPlace;
  readonly #driver: Driver;
  /** Set once nothing more can be asked. */
  #lost: unknown = null;
  /** What is waited for: the server answers in the order of the statements. */
  readonly #waiting = new Set<(error: unknown) => void>();

  private constructor(place: MysqlPlace, driver: Driver) {
    this.place = place;
    this.#driver = driver;
    driver.on('error', error => this.#lose(error));
    driver.on('end', () => this.#lose(connectionLost()));
  }

  /**
   * Connects, and makes the session ours: strict, in UTC, in UTF-8 (see `session.ts`). Loads the driver the first time. The signal ends the attempt.
   */
  static async open(place: MysqlPlace, signal?: AbortSignal): Promise<Connection> {
    const tls = await tlsOptions(place.tls, place);
    const connection = new Connection(place, await connect(place, tls));
    try {
      await connection.run(sessionSettings, [], signal);
    } catch (error) {
      connection.destroy();
      throw mysqlError('connect to', place.name, error);
    }
    return connection;
  }

  /** False once the connection is known to be gone. */
  get isAlive(): boolean {
    return this.#lost === null;
  }

  /** The rows of an answer. */
  async query<T = Row>(
    sql: string,
    parameters: readonly Parameter[] = [],
    signal?: AbortSignal,
  ): Promise<T[]> {
    return (await this.#ask({ sql, values: [...parameters] }, signal)) as T[];
  }

  /** Does something that answers no rows. */
  async run(sql: string, parameters: readonly Parameter[] = [], signal?: AbortSignal): Promise<Effect> {
    return effectOf(await this.#ask({ sql, values: [...parameters] }, signal));
  }

  /** Does a `LOAD DATA LOCAL INFILE`, whose file are these bytes, whatever its name is. */
  async load(sql: string, chunks: Iterable<Buffer>, signal?: AbortSignal): Promise<Effect> {
    const infileStreamFactory = () => Readable.from(chunks, { objectMode: false });
    return effectOf(await this.#ask({ sql, infileStreamFactory }, signal));
  }

  /** The columns of an answer, whose rows are not read. */
  async fields(sql: string, signal?: AbortSignal): Promise<readonly Field[]> {
    return await this.#guarded(
      signal,
      async () =>
        await new Promise<readonly Field[]>((resolve, reject) => {
          this.#driver.query(sql, (error, _rows, fields) =>
            error ? reject(error) : resolve((fields ?? []).map(fieldOf)),
          );
        }),
    );
  }

  /** Asks for rows and hands them on as the server sends them. Ends with the answer. */
  async rows(sql: string, sink: RowSink, signal?: AbortSignal): Promise<void> {
    const tap = new RowTap(this.#socket, sink);
    try {
      await this.query(sql, [], signal);
    } finally {
      tap.close();
    }
  }

  /** Lets bytes of the server come, or leaves them in the network's memory, so that the server waits. */
  flow(comes: boolean): void {
    if (comes) this.#socket.resume();
    else this.#socket.pause();
  }

  /** Says goodbye to the server. */
  async end(): Promise<void> {
    if (!this.isAlive) return;
    await new Promise<void>(resolve => this.#driver.end(() => resolve()));
    this.#lose(connectionLost());
  }

  /** Lets go at once: what was begun and not committed is rolled back by the server. */
  destroy(): void {
    this.#lose(connectionLost());
    this.#driver.destroy();
    this.#socket.destroy();
  }

  get #socket(): Duplex {
    return (this.#driver as unknown as { readonly stream: Duplex }).stream;
  }

  async #ask(
    options: QueryOptions & { infileStreamFactory?: () => Readable },
    signal?: AbortSignal,
  ): Promise<unknown> {
    return await this.#guarded(
      signal,
      async () =>
        await new Promise((resolve, reject) => {
          this.#driver.query(options, (error, result) => (error ? reject(error) : resolve(result)));
        }),
    );
  }

  /** Does something as long as the connection is there and the signal does not abort, which ends the connection. */
  async #guarded<T>(signal: AbortSignal | undefined, action: () => Promise<T>): Promise<T> {
    let giveUp: (error: unknown) => void = () => undefined;
    const cancel = (): void => {
      this.#lose(givenUp(this.place, signal?.reason));
      this.destroy();
    };
    if (signal?.aborted) cancel();
    if (this.#lost !== null) throw this.#lost;
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const lost = new Promise<never>((_, reject) => {
        giveUp = reject;
        this.#waiting.add(reject);
      });
      return await Promise.race([action(), lost]);
    } finally {
      this.#waiting.delete(giveUp);
      signal?.removeEventListener('abort', cancel);
    }
  }

  #lose(error: unknown): void {
    this.#lost ??= error;
    for (const giveUp of this.#waiting) giveUp(this.#lost);
  }
}

async function connect(place: MysqlPlace, tls: TlsOptions | null): Promise<Driver> {
  try {
    return await attempt(place, tls);
  } catch (error) {
    const refused = (error as { code?: string }).code === 'HANDSHAKE_NO_SSL_SUPPORT';
    if (refused && place.tls === 'preferred') return await connect(place, null);
    throw explained(place, error);
  }
}

async function attempt(place: MysqlPlace, tls: TlsOptions | null): Promise<Driver> {
  const { default: mysql } = await import('mysql2');
  const driver = mysql.createConnection({
    ...(place.socket === null ? { host: place.host, port: place.port } : { socketPath: place.socket }),
    user: place.user,
    ...(place.password === undefined ? {} : { password: place.password }),
    database: place.database,
    charset: 'utf8mb4_bin',
    connectTimeout: place.connectTimeout,
    keepAliveInitialDelay: KEEP_ALIVE,
    enableKeepAlive: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    ...(tls === null ? {} : { ssl: { ...tls } }),
  });
  // Where the host is an address, the driver gives no name to compare the certificate with, and Node would take one for localhost.
  (driver as unknown as { readonly stream: { _host?: string | null } }).stream._host ??= place.host;
  await new Promise<void>((resolve, reject) => {
    driver.once('connect', () => resolve());
    driver.once('error', reject);
  });
  driver.removeAllListeners('error');
  return driver;
}

function explained(place: MysqlPlace, cause: unknown): TrancheError {
  const error = mysqlError('connect to', place.name, cause);
  const hint = tlsHint(cause);
  if (hint === undefined) return error;
  return new TrancheError(error.code, error.message, {
    operation: 'connect to',
    path: place.name,
    cause,
    hint,
  });
}

function effectOf(result: unknown): Effect {
  const { affectedRows = 0, warningStatus = 0 } = result as { affectedRows?: number; warningStatus?: number };
  return { rows: affectedRows, warnings: warningStatus };
}

function givenUp({ name }: MysqlPlace, reason: unknown): TrancheError {
  if (reason instanceof TrancheError) return reason;
  return new TrancheError('timeout', `gave up waiting for ${name}`, {
    kind: 'transient',
    path: name,
    cause: reason,
  });
}

function fieldOf(field: FieldPacket): Field {
  const { name, columnType, flags, characterSet, columnLength, decimals } = field as FieldPacket & {
    readonly characterSet?: number;
    readonly columnLength?: number;
  };
  return {
    name,
    type: columnType ?? 0,
    flags: Number(flags),
    isBinary: characterSet === BINARY,
    length: columnLength ?? 0,
    decimals: decimals ?? 0,
  };
}

function connectionLost(): Error {
  return Object.assign(new Error('the connection to the server was lost'), {
    code: 'PROTOCOL_CONNECTION_LOST',
  });
}
