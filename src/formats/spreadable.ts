class Same {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: a derived class puts its private names on whatever this answers.
    return object;
  }
}

class Spreadable extends Same {
  readonly #name = null;

  constructor(object: object) {
    super(object);
    void this.#name;
  }
}

/**
 * Puts a private name on an object, which nobody sees and no copy gets, and answers the same object. It makes `{ ...record, late }`, what most
 * transforms do, cheap: of an object with plain keys only, V8 11 (Node 20) gives each such copy a hidden class of its own. Measured with six keys:
 * 150 ns a copy instead of 660, and 30 instead of 400 to go over its keys afterwards. Newer ones copy both as fast.
 */
export function spreadable<T extends object>(object: T): T {
  return new Spreadable(object) as T;
}
