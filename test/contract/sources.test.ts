import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createSource } from '#tranche/sources/index.js';
import type { SourceOptions } from '#tranche/sources/source-kind.js';
import { openDatabase } from '#tranche/sqlite/driver.js';
import { TestDatabase, withoutMysql } from '../helpers/mysql.js';
import { execute, missingPostgres, newTable } from '../helpers/postgres.js';
import { type SourceUnderTest, sourceContract } from './source-contract.js';

const mysql = await TestDatabase.make();
if (withoutMysql) test('mysql', { skip: withoutMysql }, () => undefined);
else sourceContract(mysqlTable());

if (missingPostgres) test('postgres', { skip: missingPostgres }, () => undefined);
else for (const kind of [postgresTable('bigint'), postgresTable('text COLLATE "C"')]) sourceContract(kind);

for (const kind of [
  oneFile('csv', 'in.csv', csv),
  oneFile('csv with CRLF and a byte order mark', 'in.csv', n => `\ufeff${csv(n).replace(/\r?\n/g, '\r\n')}`),
  oneFile('csv without final newline', 'in.csv', n => csv(n).replace(/\n$/, '')),
  oneFile('tsv', 'in.tsv', n => csv(n).replaceAll(',', '\t')),
  oneFile('ndjson', 'in.ndjson', ndjson),
  oneFile('csv.gz of one member', 'in.csv.gz', csv, {}, text => gzipSync(text)),
  oneFile('csv.gz of many members', 'in.csv.gz', csv, {}, members),
  oneFile('latin1', 'in.csv', csv, { encoding: 'latin1' }, text => Buffer.from(text, 'latin1')),
  oneFile('latin1.gz of many members', 'in.csv.gz', csv, { encoding: 'latin1' }, text =>
    members(text, 'latin1'),
  ),
  oneFile('utf-16', 'in.csv', n => `\ufeff${csv(n)}`, { encoding: 'utf-16' }, littleEndian),
  oneFile('utf-16, big endian', 'in.csv', n => `\ufeff${csv(n)}`, { encoding: 'utf-16' }, bigEndian),
  manyFiles,
  sqliteTable,
  stdin('stdin', {}, text => Buffer.from(text)),
  stdin('stdin in utf-16', { encoding: 'utf-16' }, text => littleEndian(`\ufeff${text}`)),
] as (SourceUnderTest | (() => SourceUnderTest))[]) {
  sourceContract(typeof kind === 'function' ? kind() : kind);
}

function mysqlTable(): SourceUnderTest {
  let tables = 0;
  return {
    name: 'mysql',
    readsAhead: true,
    untouched: 'grown', // rows behind the last key are found by reading
    keyed: true,
    prepare: async (_directory, count) => {
      const table = `t${tables++}`;
      await mysql.run(
        `CREATE TABLE ${table} (id BIGINT, part VARCHAR(5), name TEXT, PRIMARY KEY (part, id))`,
      );
      const rows = Array.from(
        { length: count },
        (_, i) => `(${i}, '${i % 3 === 0 ? 'a' : 'B'}', 'row ${i}')`,
      );
      if (count > 0) await mysql.run(`INSERT INTO ${table} VALUES ${rows.join(', ')}`);
      return () => createSource(mysql.url(table), { options: {}, stdin: Readable.from([]) });
    },
  };
}

type Encode = (text: string) => Buffer;

function oneFile(
  name: string,
  file: string,
  text: (count: number) => string,
  options: SourceOptions = {},
  encode: Encode = whole => Buffer.from(whole),
): SourceUnderTest {
  return {
    name,
    untouched: 'unchanged',
    prepare: async (directory, count) => {
      const path = join(directory, file);
      await writeFile(path, encode(text(count)));
      return () => createSource(path, { options, stdin: Readable.from([]) });
    },
  };
}

function postgresTable(type: string): SourceUnderTest {
  return {
    name: `postgres, a key of ${type}`,
    untouched: 'unchanged',
    keyed: true,
    prepare: async (_directory, count) => {
      const { table, url } = await newTable(`text text, id ${type} PRIMARY KEY`);
      await execute(
        `INSERT INTO ${table} SELECT (ARRAY['plain', E'two\\nlines', 'a "quoted", é', '', NULL])[i % 5 + 1], i * 7
           FROM generate_series(1, ${count}) AS i ORDER BY i % 3`,
      );
      return () => createSource(url, { options: {}, stdin: Readable.from([]) });
    },
  };
}

function sqliteTable(): SourceUnderTest {
  return {
    name: 'sqlite',
    untouched: 'unchanged',
    keyed: true,
    prepare: async (directory, count) => {
      const path = join(directory, 'in.db');
      const database = await openDatabase(path);
      database.exec('CREATE TABLE t (text, id INTEGER NOT NULL, part TEXT NOT NULL, UNIQUE (part, id))');
      const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?)');
      for (let i = 0; i < count; i++) insert.run(i % 3 === 0 ? null : `row ${i}`, i * 7, `part ${i % 2}`);
      database.close();
      return () => createSource(`sqlite:${path}#t`, { options: {}, stdin: Readable.from([]) });
    },
  };
}

function manyFiles(): SourceUnderTest {
  return {
    name: 'a pattern of files, the last one empty',
    untouched: 'grown', // files follow that no record came from
    prepare: async (directory, count) => {
      await mkdir(join(directory, 'logs'));
      const [header = '', ...lines] = csv(count).split(/(?<=\n)(?!\n)(?=\w)/);
      for (let i = 0; i < 3; i++) {
        const own = lines.slice(Math.floor((i * lines.length) / 3), Math.floor(((i + 1) * lines.length) / 3));
        await writeFile(join(directory, `logs/${i}.csv`), header + own.join(''));
      }
      await writeFile(join(directory, 'logs/3.csv'), header);
      return () => createSource(join(directory, 'logs/*.csv'), { options: {}, stdin: Readable.from([]) });
    },
  };
}

function stdin(name: string, more: SourceOptions, encode: Encode): SourceUnderTest {
  return {
    name,
    untouched: 'grown',
    prepare: async (_directory, count) => {
      const bytes = encode(csv(count));
      const chunks = Array.from({ length: Math.ceil(bytes.length / 37) }, (_, i) =>
        bytes.subarray(i * 37, (i + 1) * 37),
      );
      const stream = () => Readable.from(chunks, { objectMode: false });
      return () => createSource('-', { options: { ...more, format: 'csv' }, stdin: stream() });
    },
  };
}

/** Records of three columns with what makes CSV hard; every fifth is ragged. Each begins with a digit. */
function csv(count: number): string {
  const texts = ['plain', '"a ""quoted"" text"', '"two\nlines"', 'é', '"\r\n"', ''];
  const lines = Array.from({ length: count }, (_, i) => {
    const text = texts[i % texts.length];
    return i % 5 === 4 ? `${i},${text}\n` : `${i},${text},${i * 7}\n`;
  });
  return `id,text,number\n${lines.join('')}`;
}

function ndjson(count: number): string {
  const lines = Array.from({ length: count }, (_, i) =>
    i % 5 === 4 ? `{"id":${i},\n` : `{"id":${i},"text":"é\\n","at":{"x":[${i}]}}${i % 3 === 0 ? '\r' : ''}\n`,
  );
  return lines.join('\n');
}

/** Gzip members of 50 bytes, which end anywhere. */
function members(text: string, encoding: BufferEncoding = 'utf8'): Buffer {
  const bytes = Buffer.from(text, encoding);
  const count = Math.ceil(bytes.length / 50);
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => gzipSync(bytes.subarray(i * 50, (i + 1) * 50))),
  );
}

function littleEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function bigEndian(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}
