/** Generates, asks `explain`, runs both engines, compares. Everything follows from the seed; `first` takes up a run at one mesh. */
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { World } from '@weft/compile/answers';
import { Authority } from '@weft/control/authority';
import { EchoServer } from '@weft/testkit/echo';
import { startEngine } from '@weft/testkit/engine';
import { exchange, type Received } from '@weft/testkit/http-client';
import { temporaryFolder } from '@weft/testkit/folder';
import { batchBootstrap, callerSocket, type RunningEngine } from './batch.ts';
import { disagreement, endings } from './compare.ts';
import { ACCOUNTS, CALLED, generate, type Generated, NAMESPACE } from './generate.ts';
import { SeededRandom } from './random.ts';

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
  readonly progress?: (done: number) => void;
}

export interface AgreementReport {
  readonly meshes: number;
  /** Requests that every engine was asked. */
  readonly requests: number;
  /** How they ended, as `explain` says it: status, or the first of several, to their number. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly disagreements: readonly Disagreement[];
}

export interface Disagreement {
  readonly engine: RunningEngine;
  readonly mesh: number;
  readonly request: number;
  readonly what: string;
}

const PARALLEL = 8;

/** A mesh and its requests depend on the seed and the mesh's number alone. */
const meshOf = (seed: number, index: number, requests: number): Generated =>
  generate(new SeededRandom(Math.imul(seed, 1_000_003) ^ Math.imul(index + 1, 0x9e3779b1)), requests);

export async function agreement(options: AgreementOptions): Promise<AgreementReport> {
  const { seed, first = 0, meshes, requests, engines, batch } = options;
  using folder = temporaryFolder();
  const echoes = CALLED.map((name) => new EchoServer(name));
  const ports = await Promise.all(echoes.map((echo) => echo.start()));
  const applications = new Map(CALLED.map((name, index) => [name as string, ports[index] ?? 0]));
  const identities = certificatesIn(path.join(folder.path, 'authority'));
  const outcomes = new Map<string, number>();
  const disagreements: Disagreement[] = [];
  let asked = 0;
  try {
    for (let from = first; from < first + meshes; from += batch) {
      const made = Array.from({ length: Math.min(batch, first + meshes - from) }, (_, at) => {
        const generated = meshOf(seed, from + at, requests);
        const world = new World(generated.objects);
        const wanted = generated.requests.map((request) => endings(world, request));
        return { generated, world, wanted };
      });
      for (const { wanted } of made)
        for (const ways of wanted) {
          const name = `${ways[0]?.status}${ways.length > 1 ? ' of several' : ''}`;
          outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
          asked += 1;
        }
      for (const engine of engines) {
        const input = { engine, folder: folder.path, meshes: made, applications, ...identities };
        // Hundreds of listeners on a busy machine.
        const running = await startEngine({
          timeout: 120_000,
          engine,
          folder: folder.path,
          name: engine,
          bootstrap: batchBootstrap(input),
        });
        try {
          await inParallel(made, async ({ generated, wanted }, at) => {
            for (const [number, one] of generated.requests.entries()) {
              const socketPath = callerSocket(folder.path, engine, at, one.caller);
              const got = await answer(socketPath, one.request);
              const what = disagreement(wanted[number] ?? [], got);
              if (what !== undefined) disagreements.push({ engine, mesh: from + at, request: number, what });
            }
          });
        } finally {
          await running.stop();
        }
      }
      options.progress?.(from + made.length - first);
    }
  } finally {
    await Promise.all(echoes.map((echo) => echo.stop()));
  }
  return { meshes, requests: asked, outcomes, disagreements };
}

const answer = (
  socketPath: string,
  { method, path: target, headers }: Generated['requests'][number]['request'],
): Promise<Received | Error> => {
  const named = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  return exchange({ socketPath }, { method, path: target, headers: { host: 'front.shop', ...named } }).catch(
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
};

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

/** SVIDs as the control plane issues them, one an account. */
function certificatesIn(folder: string): {
  readonly certificates: ReadonlyMap<string, { readonly chain: string; readonly key: string }>;
  readonly roots: string;
} {
  const authority = new Authority({ folder, clock: { now: () => Date.now() } });
  authority.start();
  const certificates = new Map(
    ACCOUNTS.map((account) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const spki = publicKey.export({ format: 'der', type: 'spki' });
      const svid = authority.issueSvid(spki, `spiffe://weft.local/ns/${NAMESPACE}/sa/${account}`, account);
      return [
        account as string,
        { chain: svid.certificateChain, key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() },
      ];
    }),
  );
  return { certificates, roots: authority.roots() };
}

/** The objects and requests of one mesh, for whoever looks at a disagreement. */
export const shown = (seed: number, index: number, requests: number): string =>
  JSON.stringify(meshOf(seed, index, requests), undefined, 1);
