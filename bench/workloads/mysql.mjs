import { spawnSync } from 'node:child_process';
import { timesAsFast } from '../goals.mjs';
import { checkLines, output } from '../outputs.mjs';
import { copyCommand } from '../programs.mjs';

/** Where the server is; its database holds what is written. */
const server = new URL(process.env.TRANCHE_TEST_MYSQL ?? 'mysql://root@127.0.0.1:3306/test');
const database = server.pathname.slice(1);
const table = name => `${server.href}#${name}`;

/** The client with what it needs to connect. */
const client = (...words) => [
  'mariadb',
  `--host=${server.hostname}`,
  `--port=${server.port || 3306}`,
  `--user=${server.username}`,
  ...(server.password === '' ? [] : [`--password=${server.password}`]),
  '--local-infile=1',
  ...words,
  database,
];

const columns =
  'id INT PRIMARY KEY, date DATETIME, delay INT, distance INT, origin VARCHAR(8), destination VARCHAR(8)';
const load = file =>
  `LOAD DATA LOCAL INFILE '${file}' INTO TABLE bench_flights FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' IGNORE 1 LINES`;

function execute(sql) {
  const [command, ...words] = client('--batch', '--skip-column-names', '-e', sql);
  const { status, stdout, stderr } = spawnSync(command, words);
  if (status !== 0) throw new Error(String(stderr));
  return String(stdout).trim();
}

const filled = {
  before: () => execute(`DROP TABLE IF EXISTS bench_flights; CREATE TABLE bench_flights (${columns})`),
  check: ({ records }) => {
    const found = Number(execute('SELECT COUNT(*) FROM bench_flights'));
    if (found !== records) throw new Error(`bench_flights has ${found} records, not ${records}`);
  },
};

/** Into a table that is there already, so that both programs store the same types. */
export const csvToMysql = {
  name: 'csv-to-mysql',
  title: 'CSV → MariaDB',
  input: 'flights.csv',
  chart: true,
  entries: [
    {
      label: 'tranche',
      program: 'tranche',
      command: input => copyCommand(input.file, table('bench_flights')),
      ...filled,
    },
    {
      label: 'LOAD DATA LOCAL INFILE',
      program: 'mariadb',
      command: input => client('-e', load(input.file)),
      ...filled,
    },
  ],
  goals: [timesAsFast('LOAD DATA LOCAL INFILE', { floor: 0.85, aim: 1 })],
};

const exported = {
  prepare: ({ file }) => {
    filled.before();
    execute(load(file));
  },
};

export const mysqlToCsv = {
  name: 'mysql-to-csv',
  title: 'MariaDB → CSV',
  input: 'flights.csv',
  chart: true,
  entries: [
    {
      label: 'tranche',
      program: 'tranche',
      command: () => copyCommand(table('bench_flights'), output('flights.csv'), '--overwrite'),
      check: ({ records }) => checkLines(output('flights.csv'), records + 1),
      ...exported,
    },
    {
      label: 'mariadb --batch --quick',
      program: 'mariadb',
      command: () => client('--batch', '--quick', '-e', 'SELECT * FROM bench_flights'),
      stdout: output('flights.tsv'),
      check: ({ records }) => checkLines(output('flights.tsv'), records + 1),
      ...exported,
    },
  ],
  goals: [timesAsFast('mariadb --batch --quick', { floor: 1, aim: 1.2 })],
};
