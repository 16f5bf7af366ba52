// A small API to try `tranche` with: node examples/api-server.mjs [PORT]
//
//   POST /flights   takes a flight (a JSON object) or many (an array). Those without an origin are refused. Now and then it is busy.
//   GET /flights    answers how many flights there are
//
// It listens on 127.0.0.1 only, keeps everything in memory, and remembers idempotency keys: what is sent twice is there once.
import { createServer } from 'node:http';

const port = Number(process.argv[2] ?? 8080);
const answers = new Map();
let flights = 0;
let requests = 0;

const server = createServer(async (request, response) => {
  if (request.method === 'GET') return answer(response, 200, { flights });
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  if (++requests % 50 === 0) return answer(response, 503, { message: 'busy' }, { 'retry-after': '1' });
  const key = request.headers['idempotency-key'];
  if (!answers.has(key)) answers.set(key, take(text));
  const [status, content] = answers.get(key);
  answer(response, status, content);
});

/** All or nothing: status and content of the answer. */
function take(text) {
  let items;
  try {
    items = [JSON.parse(text)].flat();
  } catch {
    return [400, { message: 'not JSON' }];
  }
  const errors = items.flatMap(({ origin }, index) => (origin ? [] : [{ index, message: 'no origin' }]));
  if (errors.length > 0) return [422, { errors }];
  flights += items.length;
  return [201, { created: items.length }];
}

function answer(response, status, content, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(content));
}

server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/flights`));
