/** Resident memory: idle, with 100 clusters of ten endpoints, and with idle connections that each carried one request. */
import { setTimeout as pause } from 'node:timers/promises';
import { ENGINES } from './contenders.ts';
import { idleConnections } from './load.ts';
import { memoryOf, Rig, type UnderTest } from './rig.ts';
import { type Bench, type BenchRow, row } from './rows.ts';

/** ms until memory is read: our engine gives back what its start left behind after readiness. */
const SETTLE = 1500;

export const MEMORY: Bench = {
  name: 'memory',
  async run({ quick }) {
    await using rig = new Rig();
    const rows: BenchRow[] = [];
    const connections = quick ? 2000 : 10_000;
    const measured = async (name: string, wanted: object, opened = 0, tls = false): Promise<void> => {
      const memory = new Map<string, number[]>();
      for (const engine of ENGINES) {
        const seen: number[] = [];
        for (let run = 0; run < (opened === 0 ? 3 : 1); run += 1)
          seen.push(await once(rig, engine, wanted, opened, tls));
        memory.set(engine, seen);
      }
      rows.push(row(name, 'MB resident', memory));
    };
    await measured('memory-idle', {});
    await measured('memory-100-clusters', { moreClusters: 100 });
    await measured(`memory-${connections}-plain`, {}, connections);
    await measured(`memory-${connections}-tls`, { listenTls: rig.certificates }, connections, true);
    return rows;
  },
};

async function once(
  rig: Rig,
  engine: (typeof ENGINES)[number],
  wanted: object,
  opened: number,
  tls: boolean,
): Promise<number> {
  const one: UnderTest = await rig.engine(engine, wanted);
  const certificates = tls ? rig.certificates : undefined;
  const client =
    opened === 0 ? undefined : rig.keep(await idleConnections({ port: one.port, connections: opened, certificates }));
  await pause(SETTLE);
  const memory = memoryOf(one);
  await client?.stop();
  await Promise.all(one.processes.map((running) => running.stop(2000)));
  return memory;
}
