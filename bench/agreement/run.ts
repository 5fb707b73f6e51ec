/** Generates, asks `explain`, runs both engines, compares. Everything follows from the seed; `first` takes up a run at one mesh. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { World } from '@weft/compile/answers';
import { startEngine } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import { Applications } from './applications.ts';
import { batchBootstrap, localPort, type RunningEngine } from './batch.ts';
import { certificatesIn, type Certificates } from './certificates.ts';
import { type Observed, send } from './client.ts';
import { expected, type Expected } from './compare.ts';
import { generate, type Generated, type Materials } from './generate/index.ts';
import { SeededRandom } from './generate/random.ts';
import { Issuers } from './generate/tokens.ts';
import { EDGE } from './generate/words.ts';
import { Judge } from './judge.ts';
import { addressOf, socketOf } from './moved.ts';

export interface AgreementOptions {
  readonly seed: number;
  /** Number of the first mesh; default 0. */
  readonly first?: number;
  readonly meshes: number;
  /** Of each mesh. */
  readonly requests: number;
  readonly engines: readonly RunningEngine[];
  /** What every mesh has (Features). Default none. */
  readonly given?: readonly string[];
  /** Meshes in one process of an engine. */
  readonly batch: number;
  /** `found`, `missed`: what was added. */
  readonly progress?: (done: number, found: readonly Disagreement[], missed: readonly Missed[]) => void;
}

export interface AgreementReport {
  readonly meshes: number;
  /** Requests that every engine was asked. */
  readonly requests: number;
  /** How they ended, as `explain` says it: status, or the first of several, to their number. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly disagreements: readonly Disagreement[];
  /** Disagreements of a crowd of meshes that none of them showed again by itself: a busy machine's. */
  readonly passing: readonly Disagreement[];
  /** Batches that an engine was not asked: it did not start, twice. */
  readonly missed: readonly Missed[];
}

export interface Missed {
  readonly engine: RunningEngine;
  /** Number of its first mesh. */
  readonly from: number;
  readonly meshes: number;
  readonly reason: string;
}

export interface Disagreement {
  readonly engine: RunningEngine;
  readonly mesh: number;
  readonly request: number;
  readonly what: string;
}

export interface Prepared {
  readonly number: number;
  readonly generated: Generated;
  readonly world: World;
  readonly wanted: readonly Expected[];
}

/** Meshes asked at the same time: most of them wait for an application that is late. */
const PARALLEL = 100;

/** ms until an engine must listen: hundreds of listeners on a busy machine. */
const READY = 300_000;

/** Characters of what an engine that did not start wrote. */
const MOST_REASON = 4000;

class NotStarted extends Error {}

export const materials = (certificates: Certificates): Materials => ({
  issuers: new Issuers(),
  certificate: certificates.edge.chain,
  key: certificates.edge.key,
  roots: certificates.roots,
  strangers: certificates.strangers,
});

/** A mesh and its requests depend on the seed, the mesh's number and `given` alone. */
const meshOf = (seed: number, index: number, requests: number, own: Materials, given?: readonly string[]): Generated =>
  generate(new SeededRandom(Math.imul(seed, 1_000_003) ^ Math.imul(index + 1, 0x9e3779b1)), requests, own, given);

export function prepare(number: number, generated: Generated): Prepared {
  const world = new World(generated.objects);
  return { number, generated, world, wanted: generated.requests.map((request) => expected(world, request)) };
}

/** What runs of engines share: folder, certificates, applications. */
export class Bench implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  readonly #applications = new Applications();
  readonly certificates = certificatesIn(path.join(this.#folder.path, 'authority'));
  readonly materials = materials(this.certificates);
  #runs = 0;

  start(): Promise<void> {
    return this.#applications.start(this.materials);
  }

  /** Asks an engine everything that the meshes ask; what it did otherwise. */
  async run(engine: RunningEngine, meshes: readonly Prepared[]): Promise<Disagreement[]> {
    const { certificates } = this;
    const folder = path.join(this.#folder.path, `${engine}-sockets`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const run = (this.#runs += 1);
    const bootstrap = batchBootstrap({ engine, folder, meshes, applications: this.#applications, certificates });
    const started = startEngine({ timeout: READY, engine, folder: this.#folder.path, name: engine, bootstrap });
    const running = await started.catch((error: unknown) => {
      throw new NotStarted(String(error).slice(0, MOST_REASON));
    });
    const found: Disagreement[] = [];
    try {
      await inParallel(meshes, async ({ number, generated, wanted }, at) => {
        const judge = new Judge(engine);
        for (const [request, asked] of generated.requests.entries()) {
          const { caller, to, port } = asked;
          const place =
            asked.address === undefined
              ? { path: socketOf(folder, at, caller ?? EDGE, caller === undefined ? port : localPort(to, port)) }
              : addressOf(engine === 'envoy', at, port);
          const seen: Observed = await send(place, asked, `${run}-${at}-${request}`, judge.session(asked));
          const one = wanted[request];
          const what = one === undefined ? undefined : judge.disagreement(asked, one, seen);
          if (what !== undefined) found.push({ engine, mesh: number, request, what });
        }
      });
    } finally {
      await running.stop();
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#applications.stop();
    this.#folder[Symbol.dispose]();
  }
}

export async function agreement(options: AgreementOptions): Promise<AgreementReport> {
  const { seed, first = 0, meshes, requests, engines, batch, given } = options;
  await using bench = new Bench();
  await bench.start();
  const outcomes = new Map<string, number>();
  const disagreements: Disagreement[] = [];
  const passing: Disagreement[] = [];
  const missed: Missed[] = [];
  let asked = 0;
  for (let from = first; from < first + meshes; from += batch) {
    const known = [disagreements.length, missed.length] as const;
    const made = Array.from({ length: Math.min(batch, first + meshes - from) }, (_, at) =>
      prepare(from + at, meshOf(seed, from + at, requests, bench.materials, given)),
    );
    for (const { wanted } of made)
      for (const { endings, absent } of wanted) {
        const name = absent ? 'nobody listens' : `${endings[0]?.status}${endings.length > 1 ? ' of several' : ''}`;
        outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
        asked += 1;
      }
    // Both wait for late applications most of the time.
    const crowded = await Promise.all(engines.map(async (engine) => [engine, await ask(bench, engine, made)] as const));
    for (const [engine, found] of crowded) {
      if (typeof found === 'string') {
        missed.push({ engine, from, meshes: made.length, reason: found });
        continue;
      }
      if (found.length === 0) continue;
      // Once more, without the crowd: what time did does not come again.
      const differing = made.filter(({ number }) => found.some(({ mesh }) => mesh === number));
      const again = await ask(bench, engine, differing);
      // What could not be asked again stands.
      const standing = typeof again === 'string' ? found : again;
      disagreements.push(...standing);
      passing.push(...found.filter(({ mesh }) => standing.every((one) => one.mesh !== mesh)));
    }
    options.progress?.(from + made.length - first, disagreements.slice(known[0]), missed.slice(known[1]));
  }
  return { meshes, requests: asked, outcomes, disagreements, passing, missed };
}

/** What an engine did otherwise, or why it could not be asked: it is started twice before a run goes on without it. */
async function ask(
  bench: Bench,
  engine: RunningEngine,
  meshes: readonly Prepared[],
): Promise<readonly Disagreement[] | string> {
  for (let left = 1; ; left -= 1)
    try {
      return await bench.run(engine, meshes);
    } catch (error) {
      if (!(error instanceof NotStarted)) throw error;
      if (left === 0) return error.message;
    }
}

async function inParallel<T>(list: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (let index = next++; index < list.length; index = next++) {
        const item = list[index];
        if (item !== undefined) await work(item, index);
      }
    }),
  );
}

/** The objects and requests of one mesh, for whoever looks at a disagreement. */
export async function shown(seed: number, index: number, requests: number, given?: readonly string[]): Promise<string> {
  await using bench = new Bench();
  return JSON.stringify(meshOf(seed, index, requests, bench.materials, given), undefined, 1);
}
