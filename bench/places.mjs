import { fileURLToPath } from 'node:url';

const here = relative => fileURLToPath(new URL(relative, import.meta.url));

/** Folders and files that the measurements use. */
export const places = {
  bench: here('.'),
  program: here('../bin/tranche.js'),
  build: here('../dist/cli/main.js'),
  packages: here('./node_modules/'),
  parquet: here('./node_modules/vega-datasets/data/flights-3m.parquet'),
  data: here('./data/'),
  outputs: here('./data/tmp/'),
  peers: here('./peers/'),
  results: here('./results/'),
  /** Of runs that are not whole: kept out of git, so that they never replace a whole one. */
  partialResults: here('./results/tmp/'),
};
