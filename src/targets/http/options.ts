import { parseVariable } from '../../core/database-options.js';
import { choice, flag, option } from '../../core/options.js';
import { checkHeaders, parseHeader, type RequestHeader, withoutValue } from './header.js';
import { checkStatuses, parseStatuses } from './statuses.js';

/** How batches are sent to a server. */
export const httpOptions = {
  httpHeader: option<readonly RequestHeader[]>({
    group: 'HTTP',
    short: 'H',
    value: 'HEADER',
    summary: "send 'Name: value' with every request",
    repeatable: true,
    secret: withoutValue,
    parse: text => [parseHeader(text)],
    check: checkHeaders,
  }),
  method: choice({
    group: 'HTTP',
    value: 'METHOD',
    summary: 'method of the requests',
    fallback: 'POST',
    choices: ['POST', 'PUT', 'PATCH'],
    fixed: true,
  }),
  body: choice({
    group: 'HTTP',
    value: 'FORMAT',
    summary: 'a batch as one JSON array, as lines of JSON, or as CSV with its header',
    fallback: 'json',
    choices: ['json', 'ndjson', 'csv'],
    fixed: true,
  }),
  perRecord: flag({
    group: 'HTTP',
    summary: 'send each record by itself, as a JSON object',
    fixed: true,
  }),
  bearerEnv: option({
    group: 'HTTP',
    value: 'NAME',
    summary: 'variable that holds a token, sent as Authorization: Bearer',
    parse: parseVariable,
  }),
  userEnv: option({
    group: 'HTTP',
    value: 'NAME',
    summary: 'variable that holds user:password, for basic authentication',
    parse: parseVariable,
  }),
  rejectStatus: option<readonly string[]>({
    group: 'HTTP',
    value: 'LIST',
    summary: 'statuses, besides 400,413,422, that say that a record is at fault',
    repeatable: true,
    parse: parseStatuses,
    check: checkStatuses,
  }),
  retryStatus: option<readonly string[]>({
    group: 'HTTP',
    value: 'LIST',
    summary: 'statuses, besides 408,409,425,429,5xx, after which a batch is sent again',
    repeatable: true,
    parse: parseStatuses,
    check: checkStatuses,
  }),
} as const;

/** What these options are when they are not given. */
export const httpDefaults = { method: 'POST', body: 'json' } as const;
