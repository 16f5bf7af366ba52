/**
 * True if everything is to be tried, which takes many minutes (`TRANCHE_TEST_CRASH=every`); otherwise tests content themselves with a sample.
 */
export const every = process.env['TRANCHE_TEST_CRASH'] === 'every';
