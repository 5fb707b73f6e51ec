/**
 * The process that this one replaces, as this one sees it: it gave its listening sockets, serves until this process is ready, and answers with its
 * statistics as long as it drains. It may end, or be ended, at any time.
 */
import { Inheritance, type PassedSocket } from '@weft/proxy/engine';
import { ADMIN_ENGINE } from '@weft/proxy/admin';
import { type Families, type Handover, MARK, type ToPredecessor, type ToSuccessor } from './messages.ts';

/** ms that an admin page waits for its statistics. */
const PATIENCE = 1000;

export class Predecessor {
  readonly epoch: number;
  readonly firstStart: number;
  /** For workers, each by the number of its engine. */
  readonly sockets: readonly PassedSocket[];
  /** For the engine of a process that has one, and for the admin port. */
  readonly inheritance: Inheritance;
  readonly #waiting = new Map<number, (families: Families) => void>();
  #last: Families = [];
  #over = false;
  #lastId = 0;

  constructor({ epoch, firstStart, sockets }: Handover, threads: number) {
    this.epoch = epoch;
    this.firstStart = firstStart;
    const own = ({ engine }: PassedSocket): boolean => engine === ADMIN_ENGINE || threads === 1;
    this.sockets = sockets.filter((socket) => !own(socket));
    this.inheritance = new Inheritance(sockets.filter(own));
    process.on('message', (message: ToSuccessor) => this.#heard(message));
    process.once('disconnect', () => this.#ended());
    // It must not keep this process alive.
    process.channel?.unref();
  }

  /** True: it is gone, and what it had counted is all there will be. */
  get over(): boolean {
    return this.#over;
  }

  /** Tells it to stop accepting and drain. */
  ready(): void {
    this.#say({ kind: 'ready' });
  }

  statistics(): Promise<Families> {
    if (this.#over) return Promise.resolve(this.#last);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answered(id), PATIENCE);
      this.#waiting.set(id, (families) => {
        clearTimeout(timer);
        resolve(families);
      });
      this.#say({ kind: 'statistics', id });
    });
  }

  #heard(message: ToSuccessor): void {
    if (message.kind === 'handover') return;
    this.#last = message.families;
    if (message.kind === 'statistics') this.#answered(message.id);
    else this.#ended();
  }

  #ended(): void {
    this.#over = true;
    for (const id of this.#waiting.keys()) this.#answered(id);
  }

  #answered(id: number): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(this.#last);
  }

  #say(message: ToPredecessor): void {
    // No callback, and it throws: it is gone.
    if (process.connected) process.send?.(message, undefined, {}, () => undefined);
  }
}

/** Undefined: nobody started this process to be replaced by it. */
export function meetPredecessor(threads: number): Promise<Predecessor | undefined> {
  delete process.env[MARK];
  return new Promise((resolve) => {
    if (!process.connected) {
      resolve(undefined);
      return;
    }
    process.once('message', (message: ToSuccessor) =>
      resolve(message.kind === 'handover' ? new Predecessor(message, threads) : undefined),
    );
  });
}
