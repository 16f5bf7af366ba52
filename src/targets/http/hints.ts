import { type Answer, headerOf } from './answer.js';

const hints: Readonly<Record<number, string>> = {
  401: 'give other credentials with --bearer-env, --user-env or -H, and go on with --resume',
  403: 'these credentials do not suffice: give others with --bearer-env, --user-env or -H, and go on with --resume',
  404: 'look at the URL; if it says that a record is at fault, --reject-status 404 sets the record aside',
  405: 'try another --method: POST, PUT or PATCH',
  407: 'a proxy stands between, and none is spoken to',
  409: 'if it says that the record is there already, --reject-status 409 sets the record aside',
  415: 'send another --body: json, ndjson or csv',
};

/** What can be done about a status. `request` is the one that was answered. */
export function hintFor(answer: Answer, request: string): string {
  const { status } = answer;
  if (status >= 300 && status < 400) return redirected(answer, request);
  return (
    hints[status] ??
    `if it says that a record is at fault, give --reject-status ${status}; if it passes with time, --retry-status ${status}`
  );
}

/** The query of the place is left out: it may hold a secret. */
function redirected(answer: Answer, request: string): string {
  const location = headerOf(answer, 'location') ?? '';
  const from = request.slice(request.indexOf(' ') + 1);
  if (location === '' || !URL.canParse(location, from))
    return 'redirects are not followed: give the URL that it leads to';
  const { origin, pathname } = new URL(location, from);
  return `redirects are not followed, so that headers go nowhere else: it leads to ${origin}${pathname}; if that is right, give it as the target`;
}
