const MASK = (1n << 64n) - 1n;

/** Numbers that look random and are the same for the same seed everywhere: SplitMix64. */
export class Random {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = seed & MASK;
  }

  #next(): bigint {
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & MASK;
    let z = this.#state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return z ^ (z >> 31n);
  }

  /** From `low` to `high`, both included. The modulo's bias is below 2^-40 for the ranges used here. */
  between(low: bigint, high: bigint): bigint {
    return low + (this.#next() % (high - low + 1n));
  }

  /** The same with most of the weight near `low`: the smallest of `draws` numbers. */
  near(low: bigint, high: bigint, draws: number): bigint {
    let least = this.between(low, high);
    for (let i = 1; i < draws; ++i) {
      const drawn = this.between(low, high);
      if (drawn < least) least = drawn;
    }
    return least;
  }

  /** The items in another order. */
  shuffle<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, key: this.#next() }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ item }) => item);
  }
}
