/** The frame of the pairing tests: a backend behind each engine, through one of it and through two, and what must hold whatever went through. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { EngineName } from '../cases/index.ts';
import { residentKib } from '../engine/index.ts';
import { temporaryFolder } from '../folder/index.ts';
import { needs } from '../tools/index.ts';
import type { PairingCertificates, PairingInput } from './bootstrap.ts';
import { pairingCertificates } from './certificates.ts';
import { type Hops, type PairingEngines, startPairingEngines } from './engines.ts';

/** KiB that an engine of ours may have at most more than before, whatever goes through it. */
const FLAT = 96 * 1024;

export interface PairingPath<Backend> {
  readonly engine: EngineName;
  readonly hops: Hops;
  /** Both are running while tests do; not before. */
  running(): { readonly backend: Backend; readonly engines: PairingEngines };
}

/** Describes each path by the tests that `define` makes, and that an engine of ours has no more memory than it needs at its start. */
export function describePairingPaths<Backend extends { stop(): void }>(
  what: string,
  {
    start,
    define,
  }: {
    readonly start: (
      certificates: PairingCertificates,
      engine: EngineName,
    ) => Promise<readonly [Backend, Omit<PairingInput, 'certificates'>]>;
    readonly define: (path: PairingPath<Backend>) => void;
  },
): void {
  for (const engine of ['weft', 'envoy'] as const)
    for (const hops of [1, 2] as const)
      describe(`${what} on ${engine}, ${hops === 1 ? 'one engine' : 'two engines'}`, {
        skip: needs(...(engine === 'envoy' ? ['envoy', 'openssl'] : ['openssl'])),
      }, () => {
        const folder = temporaryFolder();
        let backend: Backend | undefined;
        let engines: PairingEngines | undefined;
        let atStart: readonly number[] = [];
        before(async () => {
          const certificates = pairingCertificates(folder.path);
          const [started, input] = await start(certificates, engine);
          backend = started;
          engines = await startPairingEngines({ engine, hops, folder: folder.path, input: { ...input, certificates } });
          atStart = engines.engines.map(({ process }) => residentKib(process.pid).now);
        });
        after(async () => {
          backend?.stop();
          await engines?.stop();
          folder[Symbol.dispose]();
        });
        define({
          engine,
          hops,
          running() {
            assert.ok(backend !== undefined && engines !== undefined);
            return { backend, engines };
          },
        });
        if (engine !== 'weft') return;
        test('memory stayed flat all the time', () => {
          for (const [at, { process }] of (engines?.engines ?? []).entries()) {
            const grown = residentKib(process.pid).peak - (atStart[at] ?? 0);
            assert.ok(grown < FLAT, `engine ${at + 1}: ${grown} KiB more at its peak`);
          }
        });
      });
}
