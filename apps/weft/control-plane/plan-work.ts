/**
 * A plan on a thread of its own: asking a large mesh thousands of questions takes seconds, in which proxies would wait for acknowledgements and
 * endpoints. The thread lives as long as its plan; objects are handed over piece by piece, so that the control plane's turn stays short.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { PlanDocument } from '@weft/core/documents';
import type { StoredObject } from '@weft/core/resources';

export type PlanMade = Omit<PlanDocument, 'warnings'>;

/** To the thread: objects of the mesh in pieces, then what is to be applied. */
export type ToPlan =
  | { readonly kind: 'known'; readonly objects: readonly StoredObject[] }
  | { readonly kind: 'ask'; readonly files: readonly StoredObject[] };

/** Objects of one message: some ms to copy. */
const PIECE = 500;

export interface PlanLimits {
  /** ms that a plan may take. Default a minute. */
  readonly patience?: number;
  /** MB of its heap. Default 1024. */
  readonly heap?: number;
}

/** Rejects with an Error that says why there is no answer: it took too long, or more memory than a plan may have. */
export async function planElsewhere(
  known: readonly StoredObject[],
  files: readonly StoredObject[],
  { patience = 60_000, heap = 1024 }: PlanLimits = {},
): Promise<PlanMade> {
  const worker = new Worker(new URL('plan-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: heap },
    name: 'plan',
  });
  worker.unref();
  let timer: NodeJS.Timeout | undefined;
  try {
    const answered = new Promise<PlanMade>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
      timer = setTimeout(() => reject(new Error(`it took more than ${patience / 1000} s`)), patience);
    });
    // Whoever waits below is told; until then nobody does.
    answered.catch(() => {});
    const say = (message: ToPlan): void => worker.postMessage(message);
    for (let at = 0; at < known.length; at += PIECE) {
      say({ kind: 'known', objects: known.slice(at, at + PIECE) });
      await turn();
    }
    say({ kind: 'ask', files });
    return await answered;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
