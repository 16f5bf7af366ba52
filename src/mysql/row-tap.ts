import type { Duplex } from 'node:stream';

const HEADER = 4;
const OK = 0x00;
const ERROR = 0xff;
/** The packet that ends columns or rows, which is shorter than any row that begins with the same byte. */
const EOF = 0xfe;
const EOF_LENGTH = 9;

type Listener = (bytes: Buffer) => void;

/** Who gets the rows of an answer. */
export interface RowSink {
  /**
   * Takes bytes of packets as they came, cut anywhere: each is three bytes of length, one of a number, and a row, which is a string with its length before it for each column, or
   * 0xfb for NULL. Answers the packet that ended the rows once it is there, else null. The bytes are not to be kept.
   */
  take(bytes: Buffer): Buffer | null;
}

/**
 * Stands between a connection's socket and the driver, for the answer to one query: the driver gets what comes before and behind the rows, and makes no objects of them.
 * For a connection that waits for nothing else.
 */
export class RowTap {
  readonly #socket: Duplex;
  readonly #sink: RowSink;
  readonly #listeners: readonly Listener[];
  /** The begin of a packet whose end has not come. */
  #rest: Buffer = Buffer.alloc(0);
  /** Columns that are to be described; null before their number is known. */
  #columns: number | null = null;
  #inRows = false;
  /** Packets of the answer that the driver has seen. */
  #packets = 0;

  constructor(socket: Duplex, sink: RowSink) {
    this.#socket = socket;
    this.#sink = sink;
    this.#listeners = socket.listeners('data') as Listener[];
    socket.on('data', this.#take);
    for (const listener of this.#listeners) socket.off('data', listener);
  }

  /** Leaves the socket to the driver again. */
  close(): void {
    if (!this.#socket.listeners('data').includes(this.#take)) return;
    for (const listener of this.#listeners) this.#socket.on('data', listener);
    this.#socket.off('data', this.#take);
  }

  readonly #take = (bytes: Buffer): void => {
    if (this.#inRows) {
      this.#takeRows(bytes);
      return;
    }
    let from = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    while (!this.#inRows && from.length >= HEADER) {
      const end = HEADER + from.readUIntLE(0, 3);
      if (end > from.length) break;
      this.#hand(from.subarray(0, end));
      from = from.subarray(end);
    }
    this.#rest = this.#inRows ? Buffer.alloc(0) : Buffer.from(from);
    if (this.#inRows && from.length > 0) this.#takeRows(from);
  };

  #takeRows(bytes: Buffer): void {
    const last = this.#sink.take(bytes);
    if (last === null) return;
    const packet = Buffer.from(last);
    // The driver counts the packets that it gets.
    packet[3] = (this.#packets + 1) & 0xff;
    this.close();
    this.#give(packet);
  }

  /** A packet that comes before the rows. */
  #hand(packet: Buffer): void {
    this.#packets++;
    const first = packet[HEADER]!;
    if (this.#columns === null && (first === OK || first === ERROR)) this.close();
    else if (this.#columns === null) this.#columns = first < 0xfb ? first : packet.readUInt16LE(HEADER + 1);
    else if (this.#columns > 0) this.#columns--;
    else this.#inRows = true;
    this.#give(packet);
  }

  #give(packet: Buffer): void {
    for (const listener of this.#listeners) listener.call(this.#socket, packet);
  }
}

/** Whether a packet that begins at `at` with so many bytes behind its header ends the rows. */
export function endsRows(bytes: Buffer, at: number, length: number): boolean {
  const first = bytes[at + HEADER];
  return first === ERROR || (first === EOF && length < EOF_LENGTH);
}
