// The transform of late.mjs with fast-csv: CSV to NDJSON.
import fs from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'fast-csv';
import late from './late.mjs';

const [from, to] = process.argv.slice(2);
const toJson = new Transform({
  writableObjectMode: true,
  transform: (record, _encoding, done) => done(null, `${JSON.stringify(late(record))}\n`),
});
await pipeline(fs.createReadStream(from), parse({ headers: true }), toJson, fs.createWriteStream(to));
