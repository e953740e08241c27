/** How much is asked for at once: halved where it was too much, and grown again where it was not. */
export class AdaptiveRange {
  #size: number;
  readonly #most: number;

  constructor(first: number, most: number) {
    [this.#size, this.#most] = [first, most];
  }

  get size(): number {
    return this.#size;
  }

  /** @returns Whether there was anything to halve. */
  halve(): boolean {
    if (this.#size === 1) return false;
    this.#size = Math.floor(this.#size / 2);
    return true;
  }

  grow(): void {
    this.#size = Math.min(this.#most, this.#size + Math.ceil(this.#size / 4));
  }
}
