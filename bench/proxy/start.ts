/** Start to ready: from the start of the process until its listener accepts, with one route and with 100 clusters of ten endpoints. */
import { accepting, ENGINES } from './contenders.ts';
import { Rig } from './rig.ts';
import { type Bench, type BenchRow, row } from './rows.ts';

export const START: Bench = {
  name: 'start',
  async run({ quick }) {
    await using rig = new Rig();
    const rows: BenchRow[] = [];
    for (const moreClusters of [0, 100]) {
      const taken = new Map<string, number[]>(ENGINES.map((engine) => [engine, []]));
      for (let run = 0; run < (quick ? 5 : 11); run += 1) {
        for (const engine of ENGINES) {
          const { port, launch } = await rig.prepared(engine, { moreClusters });
          const began = performance.now();
          const running = launch();
          await accepting(port, running);
          taken.get(engine)?.push((performance.now() - began) / 1000);
          await running.stop(2000);
        }
      }
      rows.push(row(moreClusters === 0 ? 'start' : `start-${moreClusters}-clusters`, 's to ready', taken));
    }
    return rows;
  },
};
