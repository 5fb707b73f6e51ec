/** The value of Date (RFC 9110, 6.6.1), made once a second. */
import type { WallClock } from '@weft/core/kernel';

export class DateHeader {
  readonly #wall: WallClock;
  #second = -1;
  #text = '';

  constructor(wall: WallClock) {
    this.#wall = wall;
  }

  /** `Sun, 06 Nov 1994 08:49:37 GMT` */
  text(): string {
    const second = Math.floor(this.#wall.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * 1000).toUTCString();
    }
    return this.#text;
  }
}
