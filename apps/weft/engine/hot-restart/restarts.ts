/**
 * Hot restart of `weft proxy`, the side of the process that serves: on request it starts its successor, goes on serving until that one is ready, and says
 * when it may drain and go. A successor that fails is told in the log and changes nothing; so one can be asked for again.
 */
import type { AdminSubject } from '@weft/proxy/admin';
import type { JsonLog, PassedSocket } from '@weft/proxy/engine';
import type { Successor } from './successor.ts';

/** ms that a successor gets to be ready. */
const PATIENCE = 60_000;

interface Serving {
  readonly log: JsonLog;
  readonly subject: AdminSubject;
  handOver<Outcome>(use: (sockets: readonly PassedSocket[]) => Promise<Outcome>): Promise<Outcome>;
}

export class Restarts {
  readonly #serving: Serving;
  readonly #file: string;
  readonly #replaced: PromiseWithResolvers<Successor> = Promise.withResolvers();
  #starting: Successor | undefined;
  #busy = false;

  /** `file`: the bootstrap, which the successor reads again. */
  constructor(serving: Serving, file: string) {
    this.#serving = serving;
    this.#file = file;
  }

  /** Resolves when a successor serves. */
  get replaced(): Promise<Successor> {
    return this.#replaced.promise;
  }

  /** One at a time: a request while one runs is said no to. Never rejects. */
  async restart(): Promise<void> {
    const { log } = this.#serving;
    if (this.#file === '-' || this.#busy) {
      const why = this.#busy ? 'one is under way' : 'the bootstrap came from standard input';
      log.write('config', 'warning', `no hot restart: ${why}`);
      return;
    }
    this.#busy = true;
    try {
      this.#replaced.resolve(await this.#serving.handOver((sockets) => this.#start(sockets)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.write('config', 'error', 'hot restart: the new process failed, this one serves on', { reason });
      this.#busy = false;
    }
    this.#starting = undefined;
  }

  /** This process is asked to end: what is not ready yet goes with it. */
  abandon(): void {
    this.#starting?.end();
  }

  async #start(sockets: readonly PassedSocket[]): Promise<Successor> {
    // Processes are started by a module that a sidecar need not load.
    const { Successor } = await import('./successor.ts');
    const { subject } = this.#serving;
    const { epoch, firstStart } = subject.epochs ?? { epoch: 0, firstStart: subject.now - subject.age };
    const statistics = async () => (await subject.report()).families;
    this.#starting = new Successor({ sockets, epoch: epoch + 1, firstStart, statistics, patience: PATIENCE });
    await this.#starting.ready;
    return this.#starting;
  }
}
