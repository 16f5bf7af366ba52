import { createRequire } from 'node:module';
import { TrancheError } from '../../core/errors.js';
import { BatchBody, bodyTraits } from '../batch-body.js';
import type { TargetContext, TargetOptions } from '../target-kind.js';
import { type Authorization, authorizationOf } from './authorization.js';
import { parseEndpoint } from './endpoint.js';
import { mayBeSecret } from './header.js';
import { HttpTarget } from './http-target.js';
import { Judge } from './judge.js';
import { httpDefaults } from './options.js';
import { Quotation } from './quotation.js';
import { Statuses } from './statuses.js';

/** More connections than any server wants from one client. */
const MOST_CONNECTIONS = 1000;

const contentTypes = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
} as const;

/** The target that a URL names. */
export async function create(spec: string, context: TargetContext): Promise<HttpTarget> {
  const { options } = context;
  const { origin, path, name, user } = parseEndpoint(spec);
  const {
    method = httpDefaults.method,
    perRecord = false,
    httpHeader: headers = [],
    bearerEnv,
    userEnv,
  } = options;
  const format = options.body ?? httpDefaults.body;
  demandJson(options);
  const authorization = authorizationOf({ bearerEnv, userEnv, user, headers });
  const statuses = new Statuses(options.rejectStatus ?? [], options.retryStatus ?? []);
  const secrets = headers.filter(header => mayBeSecret(header.name)).map(({ value }) => value);
  const quotation = new Quotation([...secrets, ...(authorization?.secrets ?? [])]);
  return new HttpTarget({
    name,
    traits: {
      guarantee: 'at least once',
      because:
        'what got no answer is sent again, under the same Idempotency-Key: once for a server that remembers keys',
      ...(perRecord ? { batchSize: 1000, batchTime: 2000 } : { batchSize: 100 }),
      ...bodyTraits(format, context),
      concurrency: MOST_CONNECTIONS,
      confirmed: true,
      keyedByBatch: !perRecord,
    },
    origin,
    form: { method, path, headers: headersOf(options, contentTypes[format], authorization) },
    judge: new Judge(`${method} ${name}`, statuses, quotation),
    perRecord,
    // A record by itself is the line of it.
    body: columns => new BatchBody(perRecord ? 'ndjson' : format, columns, context),
  });
}

function demandJson({ perRecord, body }: TargetOptions): void {
  if (perRecord && body !== undefined && body !== 'json')
    throw new TrancheError('usage', `--per-record sends JSON objects: --body ${body} cannot be had with it`);
}

/** Names and values by turns; what a person gives takes the place of ours. */
function headersOf(
  { httpHeader = [] }: TargetOptions,
  contentType: string,
  authorization: Authorization | null,
): readonly string[] {
  const given = new Set(httpHeader.map(({ name }) => name.toLowerCase()));
  const ours = [
    ['content-type', contentType],
    ['accept', 'application/json, */*;q=0.5'],
    ['user-agent', `tranche/${version()}`],
    ...(authorization === null ? [] : [['authorization', authorization.value]]),
  ] as const;
  return [
    ...ours.filter(([name]) => !given.has(name!)).flat(),
    ...httpHeader.flatMap(({ name, value }) => [name, value]),
  ] as string[];
}

function version(): string {
  const { version } = createRequire(import.meta.url)('#package') as { readonly version: string };
  return version;
}
