import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const source = join(root, 'src');

/** Which folders of src may be imported from which. Files directly in src count as the folder `.`. */
const layers: Readonly<Record<string, readonly string[]>> = {
  core: [],
  kernels: [],
  durable: ['core'],
  sqlite: ['core'],
  postgres: ['core'],
  mysql: ['core'],
  modules: ['core'],
  formats: ['core', 'kernels'],
  storage: ['core', 'durable'],
  state: ['core', 'durable', 'sqlite'],
  sources: ['core', 'formats', 'kernels', 'storage', 'sqlite', 'postgres', 'mysql'],
  targets: ['core', 'durable', 'formats', 'modules', 'storage', 'sqlite', 'postgres', 'mysql'],
  engine: ['core'],
  reporters: ['core'],
  plan: ['core', 'durable', 'engine', 'formats', 'modules', 'sources', 'targets', 'state', 'storage', '.'],
  '.': ['core', 'engine', 'formats', 'plan', 'sources', 'state', 'targets'],
  cli: [
    'core',
    'durable',
    'engine',
    'formats',
    'plan',
    'reporters',
    'sources',
    'state',
    'storage',
    'targets',
    '.',
  ],
};

/** Packages and the only folders that may use them. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'better-sqlite3': ['sqlite'],
  'cli-progress': ['reporters'],
  commander: ['cli'],
  'fast-csv': ['formats'],
  lowdb: ['state'],
  mysql2: ['mysql'],
  ora: ['reporters'],
  pg: ['postgres'],
  tinyglobby: ['sources'],
  undici: ['targets'],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ts'));
const imports = files.flatMap(importsOf);

test('there is something to check', () => {
  assert.ok(files.length > 50);
  assert.ok(imports.length > 200);
});

test('every folder imports only from the layers below it', () => {
  const breaks = imports.filter(({ from, to }) => {
    if (!to.startsWith('.')) return false;
    const [here, there] = [layerOf(from), layerOf(normalize(join(dirname(from), to)))];
    return here !== there && !layers[here]?.includes(there);
  });
  assert.deepEqual(breaks, []);
});

test('every folder is a known layer', () => {
  assert.deepEqual(
    [...new Set(files.map(layerOf))].filter(layer => !(layer in layers)),
    [],
  );
});

test('a package is used in its own folder alone', () => {
  const strays = imports.filter(({ from, to }) => {
    if (to.startsWith('.') || to.startsWith('node:')) return false;
    const [scope, name] = to.split('/');
    const bare = to.startsWith('@') ? `${scope}/${name}` : scope!;
    return !packages[bare]?.includes(layerOf(from));
  });
  assert.deepEqual(strays, []);
});

test('there are no cycles', () => {
  const edges = new Map<string, string[]>();
  for (const { from, to } of imports) {
    if (!to.startsWith('.')) continue;
    const target = normalize(join(dirname(from), to)).replace(/\.js$/, '.ts');
    edges.set(from, [...(edges.get(from) ?? []), target]);
  }
  assert.deepEqual(findCycle(edges), null);
});

test('only the command line touches the process', () => {
  const offenders = files.filter(
    path => layerOf(path) !== 'cli' && /\bprocess\.(exit|argv)\b|\bconsole\./.test(withoutComments(path)),
  );
  assert.deepEqual(offenders, []);
});

test('ARCHITECTURE.md names only files that exist', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const named = [...text.matchAll(/`((?:src|bin|test|bench|fixtures|docs|\.ci)\/[\w./-]*)`/g)].map(
    match => match[1]!,
  );
  assert.ok(named.length > 10);
  const all = new Set(readdirSync(root, { encoding: 'utf8' }));
  const missing = named.filter(path => !all.has(path.split('/')[0]!) || !exists(join(root, path)));
  assert.deepEqual(missing, []);
});

function importsOf(from: string): Import[] {
  const text = withoutComments(from);
  const found: Import[] = [];
  for (const match of text.matchAll(/(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'/g)) {
    found.push({ from, to: match[2]!, typeOnly: match[1] !== undefined });
  }
  for (const match of text.matchAll(/import\(\s*'([^']+)'\s*\)/g))
    found.push({ from, to: match[1]!, typeOnly: false });
  for (const match of text.matchAll(/^import\s+'([^']+)'/gm))
    found.push({ from, to: match[1]!, typeOnly: false });
  return found;
}

function layerOf(path: string): string {
  const [first, ...rest] = path.split('/');
  return rest.length === 0 ? '.' : first!;
}

function withoutComments(path: string): string {
  return readFileSync(join(source, path), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of edges.get(node) ?? []) {
      const cycle = walk(next, [...path, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return null;
  };
  for (const node of edges.keys()) {
    const cycle = walk(node, []);
    if (cycle) return cycle;
  }
  return null;
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR';
  }
}
