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
import { socketOf } from './moved.ts';

export interface AgreementOptions {
  readonly seed: number;
  /** Number of the first mesh; default 0. */
  readonly first?: number;
  readonly meshes: number;
  /** Of each mesh. */
  readonly requests: number;
  readonly engines: readonly RunningEngine[];
  /** Meshes in one process of an engine. */
  readonly batch: number;
  /** `found`: what was added. */
  readonly progress?: (done: number, found: readonly Disagreement[]) => void;
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

const PARALLEL = 12;

export const materials = (certificates: Certificates): Materials => ({
  issuers: new Issuers(),
  certificate: certificates.edge.chain,
  key: certificates.edge.key,
  roots: certificates.roots,
  strangers: certificates.strangers,
});

/** A mesh and its requests depend on the seed and the mesh's number alone. */
const meshOf = (seed: number, index: number, requests: number, own: Materials): Generated =>
  generate(new SeededRandom(Math.imul(seed, 1_000_003) ^ Math.imul(index + 1, 0x9e3779b1)), requests, own);

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
    // The same paths for both engines: endpoints are hashed by them.
    const folder = path.join(this.#folder.path, 's');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const run = (this.#runs += 1);
    const bootstrap = batchBootstrap({ engine, folder, meshes, applications: this.#applications, certificates });
    // Hundreds of listeners on a busy machine.
    const running = await startEngine({ timeout: 300_000, engine, folder: this.#folder.path, name: engine, bootstrap });
    const found: Disagreement[] = [];
    try {
      await inParallel(meshes, async ({ number, generated, wanted }, at) => {
        const judge = new Judge(engine);
        for (const [request, asked] of generated.requests.entries()) {
          const { caller, to, port } = asked;
          const socket = socketOf(folder, at, caller ?? EDGE, caller === undefined ? port : localPort(to, port));
          const seen: Observed = await send(socket, asked, `${run}-${at}-${request}`, judge.session(asked));
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
  const { seed, first = 0, meshes, requests, engines, batch } = options;
  await using bench = new Bench();
  await bench.start();
  const outcomes = new Map<string, number>();
  const disagreements: Disagreement[] = [];
  const passing: Disagreement[] = [];
  let asked = 0;
  for (let from = first; from < first + meshes; from += batch) {
    const known = disagreements.length;
    const made = Array.from({ length: Math.min(batch, first + meshes - from) }, (_, at) =>
      prepare(from + at, meshOf(seed, from + at, requests, bench.materials)),
    );
    for (const { wanted } of made)
      for (const { endings, absent } of wanted) {
        const name = absent ? 'nobody listens' : `${endings[0]?.status}${endings.length > 1 ? ' of several' : ''}`;
        outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
        asked += 1;
      }
    for (const engine of engines) {
      const found = await bench.run(engine, made);
      if (found.length === 0) continue;
      // Once more, without the crowd: what time did does not come again.
      const again = await bench.run(
        engine,
        made.filter(({ number }) => found.some(({ mesh }) => mesh === number)),
      );
      disagreements.push(...again);
      passing.push(...found.filter(({ mesh }) => again.every((one) => one.mesh !== mesh)));
    }
    options.progress?.(from + made.length - first, disagreements.slice(known));
  }
  return { meshes, requests: asked, outcomes, disagreements, passing };
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
export async function shown(seed: number, index: number, requests: number): Promise<string> {
  await using bench = new Bench();
  return JSON.stringify(meshOf(seed, index, requests, bench.materials), undefined, 1);
}
