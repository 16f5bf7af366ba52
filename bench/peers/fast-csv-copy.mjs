// What people write by hand with fast-csv: records as objects, parsed and formatted. CSV to CSV.
import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { format, parse } from 'fast-csv';

const [from, to] = process.argv.slice(2);
await pipeline(
  fs.createReadStream(from),
  parse({ headers: true }),
  format({ headers: true }),
  fs.createWriteStream(to),
);
