import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { places } from './places.mjs';

/** Where a program writes. */
export const output = name => path.join(places.outputs, name);

/** Takes away what the run before wrote, and with it the dirty pages that would slow the next one. */
export function emptyOutputs() {
  fs.rmSync(places.outputs, { recursive: true, force: true });
  fs.mkdirSync(places.outputs, { recursive: true });
}

/** The table that both SQLite programs fill. */
export function createFlightsTable(file) {
  const database = new Database(file);
  database.exec(
    'CREATE TABLE flights (id INTEGER, date TEXT, delay INTEGER, distance INTEGER, origin TEXT, destination TEXT)',
  );
  database.close();
}

/** Throws unless the table has so many rows. */
export function checkTable(file, records) {
  const database = new Database(file, { readonly: true });
  const rows = database.prepare('SELECT count(*) FROM flights').pluck().get();
  database.close();
  expectCount(file, rows, records);
}

/** Throws unless the file has so many lines. */
export function checkLines(file, lines) {
  const buffer = Buffer.allocUnsafe(1 << 20);
  const descriptor = fs.openSync(file);
  let found = 0;
  for (let length = fs.readSync(descriptor, buffer); length > 0; length = fs.readSync(descriptor, buffer)) {
    const piece = buffer.subarray(0, length);
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) found++;
  }
  fs.closeSync(descriptor);
  expectCount(file, found, lines);
}

function expectCount(file, found, expected) {
  if (found !== expected) throw new Error(`${path.basename(file)} has ${found} records, not ${expected}`);
}
