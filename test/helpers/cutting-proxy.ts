import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** When a proxy cuts the connection: `before` a message of the client goes to the server, or `after` it did, before the answer comes back. */
export interface Cut {
  /** Messages of clients to let through, over all connections. */
  readonly message: number;
  readonly when: 'before' | 'after';
}

/** Stands between a client and a server, and cuts one connection once. */
export interface CuttingProxy {
  readonly port: number;
  /** Messages that clients sent. */
  readonly messages: number;
  close(): Promise<void>;
}

/** `lengthOf` tells how long the message is that begins a buffer (0: not known yet); `greeting` is true for a client's first. */
export async function startProxy(
  to: { readonly host: string; readonly port: number },
  cut: Cut | null,
  lengthOf: (bytes: Buffer, greeting: boolean) => number,
): Promise<CuttingProxy> {
  let messages = 0;
  let done = cut === null;
  const sockets = new Set<Socket>();
  const server = createServer(client => {
    const upstream = connect(to.port, to.host);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    let begun = Buffer.alloc(0);
    let greeting = true;
    let muted = false;
    upstream.on('data', bytes => {
      if (!muted) client.write(bytes);
    });
    client.on('data', bytes => {
      begun = Buffer.concat([begun, bytes]);
      for (;;) {
        const length = lengthOf(begun, greeting);
        if (length === 0 || length > begun.length) return;
        const message = begun.subarray(0, length);
        begun = begun.subarray(length);
        greeting = false;
        const isCut = !done && messages++ === cut!.message;
        if (done) messages++;
        if (isCut) done = true;
        if (isCut && cut!.when === 'before') return end();
        if (isCut) {
          // The server gets it and does as it says; nobody hears of it. Ending the stream lets it read what is on its way.
          muted = true;
          upstream.end(message, () => client.destroy());
          return;
        }
        upstream.write(message);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get messages() {
      return messages;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Length of a message of PostgreSQL's protocol: a type and a length, or a length alone for the first. */
export function postgresMessage(bytes: Buffer, greeting: boolean): number {
  const head = greeting ? 0 : 1;
  return bytes.length < head + 4 ? 0 : head + bytes.readUInt32BE(head);
}

/** Length of a packet of MySQL's protocol: three bytes for what is behind them and a number. */
export function mysqlMessage(bytes: Buffer): number {
  return bytes.length < 4 ? 0 : 4 + bytes.readUIntLE(0, 3);
}
