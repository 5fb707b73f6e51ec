/**
 * Start to ready: from the start of the process until its listener accepts, with one route and with 100 clusters of ten endpoints; and the CPU until
 * then, which others' work on the machine changes less.
 */
import { accepting, ENGINES } from './contenders.ts';
import { familyCpu } from './cpu.ts';
import { Rig } from './rig.ts';
import { type Bench, type BenchRow, row } from './rows.ts';

export const START: Bench = {
  name: 'start',
  async run({ quick }) {
    await using rig = new Rig();
    const rows: BenchRow[] = [];
    for (const moreClusters of [0, 100]) {
      const taken = new Map<string, number[]>(ENGINES.map((engine) => [engine, []]));
      const cpu = new Map<string, number[]>(ENGINES.map((engine) => [engine, []]));
      for (let run = 0; run < (quick ? 5 : 11); run += 1) {
        for (const engine of ENGINES) {
          const { port, launch } = await rig.prepared(engine, { moreClusters });
          const began = performance.now();
          const running = launch();
          await accepting(port, running);
          taken.get(engine)?.push((performance.now() - began) / 1000);
          cpu.get(engine)?.push(familyCpu(running.pid) / 1000);
          await running.stop(2000);
        }
      }
      const name = moreClusters === 0 ? 'start' : `start-${moreClusters}-clusters`;
      rows.push(row(name, 's to ready', taken), row(`${name}-cpu`, 'CPU ms to ready', cpu));
    }
    return rows;
  },
};
