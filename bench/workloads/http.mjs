import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { bound } from '../goals.mjs';
import { places } from '../places.mjs';
import { copyCommand } from '../programs.mjs';

const input = 'flights.csv';
const RECORDS = 100_000;
/** A server that takes 50 ms answers 64 connections 1,280 times a second: more than a minute for all records. */
const SLOW_MS = 50;
const SLOW_LANES = 64;
const RATE = 500;
const RATE_SECONDS = 10;

/** The headers and one of the records, as tranche sends them: the server has the same work. */
const headers = [
  'content-type: application/json',
  'accept: application/json, */*;q=0.5',
  'user-agent: tranche/0.1.0',
  `idempotency-key: "${'0'.repeat(64)}"`,
];
const body =
  '{"id":50000,"date":"2001/01/01 00:01","delay":14,"distance":405,"origin":"MCI","destination":"MDW"}';

/** A server in a process of its own, and what it counted in each run. The whole process of a client has a start that is no part of its rate. */
class Server {
  #delay;
  #port = null;
  #running = null;
  #counts = new Map();

  constructor(delay) {
    this.#delay = delay;
  }

  async start() {
    if (this.#port !== null) return;
    const words = [path.join(places.peers, 'http-server.mjs'), String(this.#delay)];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    process.once('exit', () => child.kill());
    const [port] = await once(child.stdout, 'data');
    child.stdout.unref();
    child.unref();
    this.#port = Number(port);
  }

  get url() {
    return `http://127.0.0.1:${this.#port}/items`;
  }

  /** Called before a run of `label`: what was counted until then belongs to the run before. */
  begin(label) {
    this.#collect();
    this.#running = label;
  }

  /** What a run of `label` made the server count, the median by rate; null where there was none. */
  counts(label) {
    this.#collect();
    this.#running = null;
    const counts = (this.#counts.get(label) ?? []).sort((a, b) => a.rate - b.rate);
    return counts[Math.floor(counts.length / 2)] ?? null;
  }

  #collect() {
    const script = `fetch('${this.url}').then(answer => answer.text()).then(text => process.stdout.write(text))`;
    const counts = JSON.parse(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout);
    if (this.#running === null || counts.requests === 0) return;
    const before = this.#counts.get(this.#running) ?? [];
    this.#counts.set(this.#running, [...before, { ...counts, rate: (counts.requests - 1) / counts.seconds }]);
  }
}

const fast = new Server(0);
const slow = new Server(SLOW_MS);
const paced = new Server(0);

/** What sends so many records one by one. */
function sending(server, records, ...options) {
  return {
    label: 'tranche',
    program: 'tranche',
    prepare: () => server.start(),
    before: () => server.begin('tranche'),
    command: ({ file }) =>
      copyCommand(file, server.url, '--per-record', '--limit', String(records), ...options),
    check: () => {
      const { requests } = server.counts('tranche');
      if (requests !== records) throw new Error(`${requests} requests instead of ${records}`);
    },
  };
}

const autocannon = {
  label: 'autocannon',
  program: 'autocannon',
  prepare: () => fast.start(),
  before: () => fast.begin('autocannon'),
  command: () => [
    process.execPath,
    path.join(places.packages, 'autocannon/autocannon.js'),
    ...['--connections', '16', '--amount', String(RECORDS), '--method', 'POST', '--no-progress'],
    ...headers.flatMap(header => ['--headers', header]),
    ...['--body', body, fast.url],
  ],
};

const rateOf = (server, label) => server.counts(label)?.rate ?? null;
const share = (above, below) => (above === null || below === null ? null : above / below);

function memory() {
  return bound('peak RSS', 'MB', 'less', { floor: 150 }, ({ tranche }) =>
    tranche?.rss === undefined || tranche.rss === null ? null : tranche.rss / 1e6,
  );
}

/** A request a record, against a server on 127.0.0.1; rates as the server sees them. */
export const http = [
  {
    name: 'http-per-record',
    title: 'CSV → HTTP, a request a record, 16 in flight',
    input,
    entries: [sending(fast, RECORDS, '-j', '16'), autocannon],
    goals: [
      bound('requests a second ÷ autocannon', '×', 'more', { floor: 0.7, aim: 1 }, () =>
        share(rateOf(fast, 'tranche'), rateOf(fast, 'autocannon')),
      ),
      memory(),
    ],
  },
  {
    name: 'http-slow',
    title: `CSV → HTTP, a request a record, ${SLOW_LANES} in flight, a server that takes ${SLOW_MS} ms`,
    input,
    mostRuns: 1,
    entries: [sending(slow, RECORDS, '-j', String(SLOW_LANES))],
    goals: [
      bound('requests a second ÷ the limit', '×', 'more', { floor: 0.95, aim: 1 }, () =>
        share(rateOf(slow, 'tranche'), (SLOW_LANES * 1000) / SLOW_MS),
      ),
      memory(),
    ],
  },
  {
    name: 'http-rate',
    title: `CSV → HTTP, a request a record, --rate ${RATE}/s`,
    input,
    mostRuns: 1,
    entries: [sending(paced, RATE * RATE_SECONDS, '--rate', `${RATE}/s`)],
    goals: [
      bound('difference of the rate', '×', 'less', { floor: 0.02 }, () => {
        const rate = rateOf(paced, 'tranche');
        return rate === null ? null : Math.abs(rate / RATE - 1);
      }),
      bound('most requests in 100 ms ÷ the rate', '×', 'less', { floor: 2 }, () => {
        const counts = paced.counts('tranche');
        return counts === null ? null : counts.burst / (RATE / 10);
      }),
    ],
  },
];
