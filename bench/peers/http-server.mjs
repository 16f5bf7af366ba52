// An API that takes everything: answers each request after DELAY milliseconds (0: at once).
//
//   node http-server.mjs DELAY
//
// Prints its port. GET /counts answers how many requests of another kind there were since the last time, and the most of them in any 100 ms.
import { createServer } from 'node:http';

const delay = Number(process.argv[2] ?? 0);
let times = [];

const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.end(JSON.stringify(counts()));
  times.push(performance.now());
  request.resume();
  request.on('end', () => {
    if (delay === 0) response.end('{}');
    else setTimeout(() => response.end('{}'), delay);
  });
});

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

function counts() {
  const all = times;
  times = [];
  let burst = 0;
  for (let first = 0, last = 0; last < all.length; last++) {
    while (all[last] - all[first] > 100) first++;
    burst = Math.max(burst, last - first + 1);
  }
  return { requests: all.length, burst, seconds: all.length === 0 ? 0 : (all.at(-1) - all[0]) / 1000 };
}
