import type pg from 'pg';

/**
 * The driver, loaded when it is needed. To know whether it is at Cloudflare it looks for `navigator`, which Node has from version 21 on; finding none it makes a
 * `Response`, for which Node 20 loads fetch: 30 ms.
 */
export async function loadDriver(): Promise<typeof pg> {
  if ('navigator' in globalThis) return (await import('pg')).default;
  const value = { userAgent: `Node.js/${process.versions.node}` };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
  try {
    return (await import('pg')).default;
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
  }
}
