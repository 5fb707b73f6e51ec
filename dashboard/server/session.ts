/** Who may use a dashboard on loopback: whoever holds the key of its link. A cookie stands for it after the first page. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const equal = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

export class LoopbackSession {
  /** In the link that is printed. */
  readonly key = randomBytes(24).toString('base64url');
  readonly #cookie = randomBytes(24).toString('base64url');
  readonly #name: string;

  /** Cookies do not tell ports apart: the name does. */
  constructor(port: number) {
    this.#name = `weft-dashboard-${port}`;
  }

  /** The Set-Cookie for whoever brings the key, undefined for others. May be used again: a link is opened in a second tab. */
  enter(key: string): string | undefined {
    return equal(key, this.key) ? `${this.#name}=${this.#cookie}; HttpOnly; SameSite=Strict; Path=/` : undefined;
  }

  holds(cookies: string | undefined): boolean {
    return (cookies ?? '').split(';').some((pair) => {
      const [name = '', value = ''] = pair.trim().split('=', 2);
      return name === this.#name && equal(value, this.#cookie);
    });
  }
}
