import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import { Connection } from '#tranche/mysql/driver.js';
import { mysqlPlace, parseMysqlUrl } from '#tranche/mysql/place.js';
import { Authority, type Identity, missingOpenssl } from '../helpers/authority.js';
import { MariadbServer, missingServer } from '../helpers/mariadb-server.js';

const skip = missingServer || missingOpenssl;

/** The cipher of a connection; empty without one. */
async function cipher(url: string): Promise<string> {
  const connection = await Connection.open(mysqlPlace(parseMysqlUrl(url)));
  try {
    const [row] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'");
    return String(row?.['Value'] ?? '');
  } finally {
    await connection.end();
  }
}

async function refused(url: string): Promise<TrancheError> {
  const error = await cipher(url).then(
    () => assert.fail(`${url} was let in`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TrancheError);
  assert.notEqual(error.kind, 'transient', error.message);
  return error;
}

async function startWithTls(authority: Authority): Promise<MariadbServer> {
  const { cert, key } = authority.sign('localhost');
  return await MariadbServer.start(() => [
    `--ssl-ca=${authority.path}`,
    `--ssl-cert=${cert}`,
    `--ssl-key=${key}`,
  ]);
}

test('a connection is encrypted and verified as the URL says', { skip }, async () => {
  const [right, other] = await Promise.all([Authority.make(), Authority.make()]);
  const server = await startWithTls(right);
  const url = (query: string, host = 'localhost'): string =>
    server.url('t', query).replace('127.0.0.1', host);

  assert.equal(await cipher(url('ssl-mode=disabled')), '');
  assert.equal(await cipher(url('')), '', 'a server on this machine');
  assert.notEqual(await cipher(url('ssl-mode=required')), '');
  for (const mode of ['preferred', 'verify-ca', 'verify-identity']) {
    assert.notEqual(await cipher(url(`ssl-mode=${mode}&ssl-ca=${right.path}`)), '', mode);
    const unknown = await refused(url(`ssl-mode=${mode}&ssl-ca=${other.path}`));
    assert.match(unknown.hint ?? '', /ssl-ca=FILE/, mode);
    await refused(url(`ssl-mode=${mode}`));
  }
  assert.notEqual(await cipher(url(`ssl-mode=verify-ca&ssl-ca=${right.path}`, '127.0.0.1')), '');
  await refused(url(`ssl-mode=verify-identity&ssl-ca=${right.path}`, '127.0.0.1'));
});

test('a client shows its certificate', { skip }, async () => {
  const [right, other] = await Promise.all([Authority.make(), Authority.make()]);
  const server = await startWithTls(right);
  const root = await Connection.open(mysqlPlace(parseMysqlUrl(server.url('t'))));
  for (const statement of [
    "CREATE USER any@'%' REQUIRE X509",
    "CREATE USER clerk@'%' REQUIRE SUBJECT '/CN=clerk'",
    "GRANT ALL ON test.* TO any@'%', clerk@'%'",
  ]) {
    await root.run(statement);
  }
  await root.end();
  const shown = ({ cert, key }: Identity, user = 'clerk'): string =>
    server.url('t', `ssl-mode=required&ssl-cert=${cert}&ssl-key=${key}`).replace('root@', `${user}@`);
  const clerk = right.sign('clerk');
  const clark = right.sign('clark');
  assert.notEqual(await cipher(shown(clerk)), '');
  assert.notEqual(await cipher(shown(clark, 'any')), '');
  const verified = shown(clerk).replace('required', `verify-ca&ssl-ca=${right.path}`);
  assert.notEqual(await cipher(verified), '');
  assert.match((await refused(shown(clark))).message, /Access denied/);
  const without = shown(clerk, 'any').replace(/&ssl-cert.*(?=#)/, '');
  assert.match((await refused(without)).message, /Access denied/);
  const stranger = other.sign('clerk');
  for (const [one, hint] of [
    [stranger, /ssl-cert=FILE/],
    [{ ...clerk, key: clark.key }, /without a passphrase/],
    [{ ...clerk, key: right.path }, /without a passphrase/],
    [{ ...clerk, key: '/nowhere.key' }, /ssl-key/],
  ] as const) {
    assert.match((await refused(shown(one))).hint ?? '', hint);
  }
  const keyless = shown(clerk).replace(/&ssl-key.*(?=#)/, '');
  assert.match((await refused(keyless)).message, /no key to the certificate/);
});

test('a server without TLS is refused where the URL demands it, and a socket is a way in', {
  skip,
}, async () => {
  const server = await MariadbServer.start();
  assert.equal(await cipher(server.url('t', 'ssl-mode=preferred')), '');
  for (const mode of ['required', 'verify-ca', 'verify-identity']) {
    assert.match((await refused(server.url('t', `ssl-mode=${mode}`))).hint ?? '', /ssl-mode=preferred/, mode);
  }
  assert.equal(
    await cipher(server.url('t', `socket=${server.socket}`).replace(String(server.port), '1')),
    '',
  );
});
