import { type Prefix, prefixOf } from './prefix.js';

/** Keys that are remembered: enough for any table, and a bound where keys are data. */
const REMEMBERED = 4096;

/** What stands before a value, comma included. */
export interface KeyPrefix extends Prefix {
  readonly key: string;
  /** True if the strings of this key are decimals: number literals among them are to be written as numbers. */
  readonly decimal: boolean;
}

/** The prefixes of keys as they come: made once a key, and found without a look-up where objects have the same keys in the same order. */
export class KeyPrefixes {
  readonly #decimals: ReadonlySet<string>;
  readonly #byKey = new Map<string, KeyPrefix>();
  /** By place in the object: the prefix that was used there last. */
  readonly #byPlace: KeyPrefix[] = [];

  constructor(decimals: readonly string[]) {
    this.#decimals = new Set(decimals);
  }

  /** The prefix of the key at a place, which counts from 0. */
  at(place: number, key: string): KeyPrefix {
    if (place < this.#byPlace.length) {
      const known = this.#byPlace[place]!;
      if (known.key === key) return known;
    }
    const prefix = this.#byKey.get(key) ?? this.#make(key);
    if (place <= this.#byPlace.length && place < REMEMBERED) this.#byPlace[place] = prefix;
    return prefix;
  }

  #make(key: string): KeyPrefix {
    if (this.#byKey.size >= REMEMBERED) this.#byKey.clear();
    const prefix = { ...prefixOf(`,${JSON.stringify(key)}:`), key, decimal: this.#decimals.has(key) };
    this.#byKey.set(key, prefix);
    return prefix;
  }
}
