import type { buildConnector, Client } from 'undici';
import { Lane, type RequestForm } from './lane.js';

/** Milliseconds until a connection has to stand. */
const CONNECT_TIMEOUT = 10_000;

/** As many lanes as there are batches in flight; a connection is made when it is needed first. */
export class Lanes {
  readonly #make: () => Lane;
  readonly #free: Lane[] = [];
  readonly #all: Lane[] = [];

  private constructor(make: () => Lane) {
    this.#make = make;
  }

  /** `origin`: scheme, host and port. */
  static async open(origin: string, form: RequestForm): Promise<Lanes> {
    const undici = await import('undici');
    // One for all: they share the sessions of TLS. Certificates are verified whatever the environment says.
    const connect = undici.buildConnector({
      timeout: CONNECT_TIMEOUT,
      rejectUnauthorized: true,
    } as buildConnector.BuildOptions);
    // How long an answer may take is a matter of the attempt.
    const options: Client.Options = { connect, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 };
    return new Lanes(() => new Lane(new undici.Client(origin, options), form));
  }

  /** Lends a lane to `work`; what is under way on it ends when the signal is aborted. */
  async use<T>(signal: AbortSignal, work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.#free.pop() ?? this.#add();
    const abort = () => lane.abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await work(lane);
    } finally {
      signal.removeEventListener('abort', abort);
      this.#free.push(lane);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(lane => lane.close()));
  }

  #add(): Lane {
    const lane = this.#make();
    this.#all.push(lane);
    return lane;
  }
}
