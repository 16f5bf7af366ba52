// Rows of fast-csv as objects, handed to a function a thousand at a time.
import fs from 'node:fs';
import { parse } from 'fast-csv';
import nothing from './nothing.mjs';

let batch = [];
for await (const row of fs.createReadStream(process.argv[2]).pipe(parse({ headers: true }))) {
  batch.push(row);
  if (batch.length < 1000) continue;
  await nothing(batch);
  batch = [];
}
await nothing(batch);
