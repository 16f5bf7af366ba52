import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HEADER_BYTES = 4;

/** When a connection is cut: at the n-th packet that any client sends, before the server gets it, or once it has been answered. */
export interface Cut {
  readonly packet: number;
  readonly when: 'before' | 'after';
}

/** Stands between driver and server, counts the packets of the clients, and cuts the connection of one of them. */
export class MysqlProxy {
  /** Packets of clients so far. */
  packets = 0;
  readonly #server: Server;
  #cut: Cut;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, cut: Cut) {
    this.#server = server;
    this.#cut = cut;
  }

  /** A proxy for a server at a local port. */
  static async open(
    upstream: { readonly host: string; readonly port: number },
    cut: Cut,
  ): Promise<MysqlProxy> {
    const server = createServer(client => proxy.#join(client, connect(upstream)));
    const proxy = new MysqlProxy(server, cut);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Whether the connection was cut. */
  get hasCut(): boolean {
    return this.packets >= this.#cut.packet;
  }

  /** Cuts nothing from now on. */
  disarm(): void {
    this.#cut = { ...this.#cut, packet: 0 };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    let waiting = Buffer.alloc(0);
    let doomed = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', end).on('close', end);
    }
    client.on('data', bytes => {
      if (doomed) return end();
      waiting = Buffer.concat([waiting, bytes]);
      for (let length = packetLength(waiting); length !== null; length = packetLength(waiting)) {
        const isCut = ++this.packets === this.#cut.packet;
        if (isCut && this.#cut.when === 'before') return end();
        server.write(waiting.subarray(0, length));
        waiting = waiting.subarray(length);
        if (!isCut) continue;
        doomed = true;
        // What is never answered, as the pieces of a file, is cut at the next packet.
        if (waiting.length > 0) end();
        return;
      }
    });
    server.on('data', bytes => {
      if (doomed) end();
      else client.write(bytes);
    });
  }
}

function packetLength(bytes: Buffer): number | null {
  if (bytes.length < HEADER_BYTES) return null;
  const length = HEADER_BYTES + bytes.readUIntLE(0, 3);
  return bytes.length >= length ? length : null;
}
