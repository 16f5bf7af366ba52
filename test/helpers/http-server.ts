import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
  /** What stands between the quotes of `Idempotency-Key`. */
  readonly key: string;
  /** The records of the body, if it is JSON, lines of JSON, or one object. */
  readonly records: readonly Item[];
}

/** A record of the tests. */
export type Item = { readonly [column: string]: unknown };

/** What the server does with a request. Records are applied unless it refuses them all. */
export type Behaviour =
  | { readonly does: 'answer'; readonly with?: Response; readonly applies?: (item: Item) => boolean }
  /** Closes the connection, hard, before or after it applied the records. */
  | { readonly does: 'reset'; readonly applies: boolean }
  /** Applies the records and answers when the promise is settled: the client may have given up. */
  | { readonly does: 'late'; readonly until: Promise<unknown> }
  /** Never answers, and applies nothing. */
  | { readonly does: 'hang' }
  /** Sends the same answer twice. */
  | { readonly does: 'repeat' }
  /** Whatever else: the test writes the answer itself. */
  | { readonly does: 'write'; readonly write: (response: ServerResponse) => void };

/** An answer. */
export interface Response {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

/** How a server is started. */
export interface ApiServerOptions {
  /** Looks at a request, numbered from 1, and says what becomes of it; undefined: it is answered with 200. */
  readonly behaves?: (request: Received, number: number) => Behaviour | undefined;
  /** Answers a key that it has seen as it did the first time, and applies nothing again. */
  readonly remembersKeys?: boolean;
  /** PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** An API on 127.0.0.1 that can be as bad as real ones, and tells how often each record was applied. */
export class ApiServer {
  /** In the order in which they came. */
  readonly requests: Received[] = [];
  /** How often each record (its JSON) was applied, in the order of their first time. */
  readonly applied = new Map<string, number>();
  /** Items in the order in which they were applied. */
  readonly items: Item[] = [];
  readonly #options: ApiServerOptions;
  readonly #server;
  readonly #answers = new Map<string, Response>();
  readonly #underWay = new Set<string>();

  private constructor(options: ApiServerOptions) {
    this.#options = options;
    const listener = (request: IncomingMessage, response: ServerResponse) =>
      void this.#serve(request, response);
    this.#server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  }

  static async start(options: ApiServerOptions = {}): Promise<ApiServer> {
    const server = new ApiServer(options);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** Without a path. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    message.setEncoding('utf8');
    try {
      for await (const piece of message) body += piece;
    } catch {
      return; // The client is gone, and with it its request.
    }
    const request = received(message, body);
    this.requests.push(request);
    const behaviour = this.#options.behaves?.(request, this.requests.length) ?? { does: 'answer' };
    await this.#behave(behaviour, request, response);
  }

  async #behave(behaviour: Behaviour, request: Received, response: ServerResponse): Promise<void> {
    switch (behaviour.does) {
      case 'answer':
        return send(response, this.#answer(request, behaviour.with, behaviour.applies));
      case 'reset':
        if (behaviour.applies) this.#answer(request);
        response.socket?.resetAndDestroy();
        return;
      case 'late':
        return await this.#answerLate(behaviour.until, request, response);
      case 'hang':
        return;
      case 'repeat': {
        const { status = 200, body = '{}' } = this.#answer(request);
        const text = `HTTP/1.1 ${status} OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
        response.socket?.write(text + text);
        return;
      }
      case 'write':
        return behaviour.write(response);
      default:
        return behaviour satisfies never;
    }
  }

  /** While it works at a request, another one with its key is told to wait, as the draft of the header has it. */
  async #answerLate(until: Promise<unknown>, request: Received, response: ServerResponse): Promise<void> {
    this.#underWay.add(request.key);
    const answer = this.#answer(request);
    await until;
    this.#underWay.delete(request.key);
    send(response, answer);
  }

  #answer(request: Received, answer: Response = {}, applies?: (item: Item) => boolean): Response {
    if (this.#options.remembersKeys) {
      if (this.#underWay.has(request.key) && this.#answers.has(request.key)) return { status: 409 };
      const known = this.#answers.get(request.key);
      if (known) return known;
    }
    const { status = 200 } = answer;
    if (status >= 300 && !applies) return answer;
    for (const item of request.records) if (applies?.(item) ?? true) this.#apply(item);
    this.#answers.set(request.key, answer);
    return answer;
  }

  #apply(item: Item): void {
    const text = JSON.stringify(item);
    this.items.push(item);
    this.applied.set(text, (this.applied.get(text) ?? 0) + 1);
  }
}

function received({ method = '', url = '', headers }: IncomingMessage, body: string): Received {
  const key = /^"([\x20-\x7e]*)"$/.exec(String(headers['idempotency-key'] ?? ''))?.[1] ?? '';
  return {
    method,
    path: url,
    headers: headers as Received['headers'],
    body,
    key,
    records: recordsIn(body, headers['content-type'] ?? ''),
  };
}

function recordsIn(body: string, type: string): Item[] {
  if (type.startsWith('application/x-ndjson'))
    return body
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Item);
  if (!type.startsWith('application/json')) return [];
  const json = JSON.parse(body) as Item | Item[];
  return Array.isArray(json) ? json : [json];
}

function send(response: ServerResponse, { status = 200, headers = {}, body = '{}' }: Response): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}
