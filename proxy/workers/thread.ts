/** One worker thread as the coordinator sees it: questions with answers, its end, and its replacement by whoever owns it. */
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './messages.ts';

/** ms that a stopping worker gets to write its logs. */
const PATIENCE = 1000;

type Answer = Extract<FromWorker, { kind: 'answer' }>['value'];
type Question = Extract<ToWorker, { readonly id: number }>;
type WithoutId<Message> = Message extends { readonly id: number } ? Omit<Message, 'id'> : never;

export interface ThreadOwner {
  said(message: Exclude<FromWorker, { kind: 'answer' }>): void;
  /** Once. `reason`: what killed it; undefined when it was asked to stop. */
  ended(thread: WorkerThread, reason: string | undefined): void;
}

export class WorkerThread {
  /** From 1. */
  readonly engine: number;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>();
  readonly exited: Promise<void>;
  #lastId = 0;
  #over = false;
  #stopping = false;
  #reason: string | undefined;

  constructor(engine: number, entry: URL, owner: ThreadOwner) {
    this.engine = engine;
    this.#worker = new Worker(entry, {
      name: `weft-worker-${engine}`,
      // Inherited sockets that nobody takes are closed there, where they were not opened.
      trackUnmanagedFds: false,
    });
    this.exited = new Promise((resolve) => {
      this.#worker.on('message', (message: FromWorker) => {
        if (message.kind !== 'answer') owner.said(message);
        else this.#answered(message.id, message.value);
      });
      this.#worker.on('error', (error: unknown) => {
        this.#reason ??= error instanceof Error ? (error.stack ?? error.message) : String(error);
      });
      this.#worker.on('exit', (code) => {
        this.#over = true;
        for (const id of this.#waiting.keys()) this.#answered(id, undefined);
        owner.ended(this, this.#stopping ? undefined : (this.#reason ?? `exit code ${code}`));
        resolve();
      });
    });
  }

  get over(): boolean {
    return this.#over;
  }

  tell(message: Exclude<ToWorker, Question>): void {
    if (!this.#over) this.#worker.postMessage(message);
  }

  /** Undefined: it ended, or said nothing for `timeoutMs` (0: however long it takes). */
  ask(question: WithoutId<Question>, timeoutMs = 0): Promise<Answer | undefined> {
    if (this.#over) return Promise.resolve(undefined);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const timer = timeoutMs === 0 ? undefined : setTimeout(() => this.#answered(id, undefined), timeoutMs);
      this.#waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#worker.postMessage({ ...question, id });
    });
  }

  /** Ends it at once, also when its event loop is blocked. */
  kill(reason: string): void {
    this.#reason ??= reason;
    void this.#worker.terminate();
  }

  async stop(): Promise<void> {
    if (this.#over) return;
    this.tell({ kind: 'stop' });
    this.#stopping = true;
    const late = setTimeout(() => void this.#worker.terminate(), PATIENCE);
    await this.exited;
    clearTimeout(late);
  }

  #answered(id: number, answer: Answer | undefined): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.(answer);
  }
}
