/** What two engines with mTLS add to the latency of 1,000 requests a second on 16 connections, against the backend asked directly. */
import { ENGINES } from './contenders.ts';
import { smallAnswers } from './http1.ts';
import { paced } from './load.ts';
import { Rig } from './rig.ts';
import { type Bench, row } from './rows.ts';

export const LATENCY: Bench = {
  name: 'latency',
  async run({ quick }) {
    await using rig = new Rig();
    const backend = await smallAnswers(rig);
    const all = [];
    for (const engine of ENGINES) all.push(await rig.pair(engine, backend));
    const order = { connections: 16, rate: 1000, seconds: quick ? 2 : 6 };
    for (const { port } of all) await paced({ ...order, port });
    const p50 = new Map<string, number[]>(ENGINES.map((engine) => [engine, []]));
    const p99 = new Map<string, number[]>(ENGINES.map((engine) => [engine, []]));
    for (let run = 0; run < (quick ? 3 : 5); run += 1) {
      const direct = await paced({ ...order, port: backend });
      for (const { contender, port } of all) {
        const seen = await paced({ ...order, port });
        p50.get(contender)?.push(seen.p50 - direct.p50);
        p99.get(contender)?.push(seen.p99 - direct.p99);
      }
    }
    return [row('added-p50-two-engines', 'ms', p50), row('added-p99-two-engines', 'ms', p99)];
  },
};
