/**
 * The process that is to replace this one: started with this one's command line, so that it reads the bootstrap, and the program, as they are now. It gets
 * every listening socket; whatever goes wrong before it is ready ends it and nothing else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { PassedSocket } from '@weft/proxy/engine';
import { type Families, type Handover, MARK, type ToPredecessor, type ToSuccessor } from './messages.ts';

export interface SuccessorOptions {
  readonly sockets: readonly PassedSocket[];
  readonly epoch: number;
  readonly firstStart: number;
  readonly statistics: () => Promise<Families>;
  /** ms that it gets to be ready. */
  readonly patience: number;
}

/** Standard input, output, error, and the channel. */
const FIRST_DESCRIPTOR = 4;

export class Successor {
  readonly #child: ChildProcess;
  readonly #statistics: () => Promise<Families>;
  /** Resolves when it serves; rejects with what came in the way, when it is gone. */
  readonly ready: Promise<void>;

  constructor({ sockets, epoch, firstStart, statistics, patience }: SuccessorOptions) {
    this.#statistics = statistics;
    const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      env: { ...process.env, [MARK]: '1' },
      serialization: 'advanced',
      stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...sockets.map(({ descriptor }) => descriptor)],
    });
    this.#child = child;
    child.on('message', (message: ToPredecessor) => {
      if (message.kind === 'statistics') void this.#answer(message.id);
    });
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`it was not ready within ${patience / 1000} s`));
        this.end();
      }, patience);
      child.on('message', (message: ToPredecessor) => {
        if (message.kind !== 'ready') return;
        clearTimeout(timer);
        resolve();
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`it ended with ${signal ?? `code ${code}`}`));
      });
    });
    const passed = sockets.map((socket, index) => ({ ...socket, descriptor: FIRST_DESCRIPTOR + index }));
    this.#say({ kind: 'handover', epoch, firstStart, sockets: passed } satisfies Handover);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** It is not wanted any more. */
  end(): void {
    this.#child.kill('SIGKILL');
  }

  /** This process ends: its last numbers, and no word more. Nothing of the successor keeps this process alive then. */
  async leave(): Promise<void> {
    const families = await this.#statistics();
    await new Promise<void>((resolve) => {
      if (this.#child.connected) this.#child.send({ kind: 'last-statistics', families }, () => resolve());
      else resolve();
    });
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
  }

  async #answer(id: number): Promise<void> {
    this.#say({ kind: 'statistics', id, families: await this.#statistics() });
  }

  #say(message: ToSuccessor): void {
    // Whatever keeps it from arriving is told by the child's end.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}
