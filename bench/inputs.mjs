import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { places } from './places.mjs';

const allRecords = 3_000_000;
const quickRecords = 300_000;

const flights = limit =>
  `SELECT row_number() OVER () AS id, * FROM read_parquet('${places.parquet}') LIMIT ${limit}`;

/** A sentence about each flight: plain, with commas, with quotes, with newlines, with letters that are not ASCII. */
const remark = `CASE id % 5
  WHEN 0 THEN 'on time'
  WHEN 1 THEN origin || ' to ' || destination || ', ' || distance || ' miles'
  WHEN 2 THEN 'the captain said "' || delay || ' minutes", no more'
  WHEN 3 THEN 'Verspätung: ' || delay || ' min – ' || origin || ' → ' || destination
  ELSE 'left ' || origin || chr(10) || 'arrived ' || destination || ', late by ' || delay || chr(10)
END`;

const selects = {
  'flights.csv': limit => `COPY (${flights(limit)}) TO '$' (FORMAT csv, HEADER)`,
  'flights.ndjson': limit => `COPY (${flights(limit)}) TO '$' (FORMAT json)`,
  'quoted.csv': limit =>
    `COPY (SELECT id, date, delay, ${remark} AS remark, origin FROM (${flights(limit)})) TO '$' (FORMAT csv, HEADER)`,
};

/** The inputs of a run: makes what is missing, answers their paths and sizes. */
export function inputsOf({ quick }) {
  const records = quick ? quickRecords : allRecords;
  const folder = path.join(places.data, quick ? 'quick' : 'full');

  return {
    records,
    /** `flights.csv`, `flights.ndjson` or `quoted.csv`. */
    async make(name) {
      const file = path.join(folder, name);
      if (!fs.existsSync(file)) await whole(file, part => writeWithDuckDb(selects[name](records), part));
      readThrough(file);
      return { file, bytes: fs.statSync(file).size, records };
    },
    /** The same records ten times over. Large: remove it when it was used. */
    async makeTenfold(name) {
      const { file } = await this.make(name);
      const { name: stem, ext } = path.parse(name);
      const tenfold = path.join(folder, `${stem}-10x${ext}`);
      if (!fs.existsSync(tenfold)) await whole(tenfold, part => repeat(file, ext === '.csv', 10, part));
      return { file: tenfold, bytes: fs.statSync(tenfold).size, records: records * 10 };
    },
  };
}

/** A file that is interrupted in the making never has its final name. */
async function whole(file, write) {
  console.error(`making ${path.relative(process.cwd(), file)}`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const part = `${file}.part`;
  await write(part);
  fs.renameSync(part, file);
}

/** In a process of its own, which gives the memory back. */
function writeWithDuckDb(statement, part) {
  const script = path.join(places.peers, 'duckdb.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, statement.replaceAll('$', part)]);
  if (status !== 0) throw new Error(`DuckDB could not write ${part}: ${stderr}`);
}

async function repeat(file, hasHeader, times, part) {
  const header = hasHeader ? headerLength(file) : 0;
  for (let time = 0; time < times; time++) {
    const from = fs.createReadStream(file, { start: time === 0 ? 0 : header, highWaterMark: 1 << 20 });
    await pipeline(from, fs.createWriteStream(part, { flags: time === 0 ? 'w' : 'a' }));
  }
}

function headerLength(file) {
  const head = Buffer.alloc(4096);
  const descriptor = fs.openSync(file);
  fs.readSync(descriptor, head, 0, head.length, 0);
  fs.closeSync(descriptor);
  return head.indexOf('\n') + 1;
}

/** So that every program finds the file in the page cache, the first one too. */
function readThrough(file) {
  const buffer = Buffer.allocUnsafe(1 << 20);
  const descriptor = fs.openSync(file);
  while (fs.readSync(descriptor, buffer) > 0);
  fs.closeSync(descriptor);
}
