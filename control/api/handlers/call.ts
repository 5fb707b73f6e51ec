/** What a handler gets and gives. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Diagnostic, MonotonicClock, WallClock } from '@weft/core/kernel';
import type { Authenticator } from '../auth/authenticator.ts';
import type { User } from '../auth/user.ts';
import type { Form } from '../request/accept.ts';
import type { Resources } from '../resources.ts';
import type { Status } from '../status.ts';
import type { Watches } from './watches.ts';

/** What all requests share. */
export interface ApiContext {
  readonly resources: Resources;
  readonly authenticator: Authenticator;
  readonly watches: Watches;
  readonly wall: WallClock;
  readonly monotonic: MonotonicClock;
  /** The product's version, such as `0.1.0`. */
  readonly version: string;
  /** Whether /readyz says yes. */
  ready(): boolean;
  /** Told about every defect: the only place an unexpected exception goes to. */
  defect(error: unknown): void;
}

export interface Call {
  readonly context: ApiContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  readonly user: User;
  readonly form: Form;
}

export interface Answer {
  readonly code: number;
  /** Sent as JSON; with a `type` as it is: a text, or `Pieces` of one. */
  readonly body: unknown;
  /** application/json by default. */
  readonly type?: string;
  readonly warnings?: readonly Diagnostic[];
}

/** `streaming`: the handler writes to the response itself. */
export type Outcome = Answer | 'streaming';

/**
 * A long text piece by piece, as octets: as one it would be several times its size, in memory that only a full collection frees.
 */
export class Pieces {
  readonly octets: Uint8Array[] = [];
  #text = '';

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE) this.#cut();
  }

  /** All of it. */
  done(): this {
    this.#cut();
    return this;
  }

  #cut(): void {
    if (this.#text !== '') this.octets.push(Buffer.from(this.#text));
    this.#text = '';
  }
}

/** Characters: short enough to be young, long enough that a megabyte is few writes. */
const PIECE = 32_768;

export const answer = (body: unknown, code = 200): Answer => ({ code, body });
export const refuse = (status: Status): Answer => ({ code: status.code, body: status });
