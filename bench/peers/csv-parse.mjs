// Reads every record with csv-parse, as objects, and counts them.
import fs from 'node:fs';
import { parse } from 'csv-parse';

let records = 0;
for await (const _record of fs.createReadStream(process.argv[2]).pipe(parse({ columns: true }))) records++;
console.log(records);
