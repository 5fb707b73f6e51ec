/**
 * HTTP/1.1 through one proxy on two threads, ours and Envoy's, over 128 connections. On a machine of two cores load and backend take their part of the
 * same cores, alike for both: the CPU a request is a figure, the rate is one beside the other only.
 */
import { smallAnswers } from './http1.ts';
import { ENGINES } from './contenders.ts';
import { wrk } from './load.ts';
import { cpuOf, memoryOf, Rig } from './rig.ts';
import { type Bench, row } from './rows.ts';

const CONNECTIONS = 128;

export const TWO_THREADS: Bench = {
  name: 'two-threads',
  async run({ quick }) {
    await using rig = new Rig();
    const backend = await smallAnswers(rig);
    const all = [];
    for (const engine of ENGINES) all.push(await rig.engine(engine, { backend, concurrency: 2 }));
    const cpu = new Map<string, number[]>(all.map(({ contender }) => [contender, []]));
    const rate = new Map<string, number[]>(all.map(({ contender }) => [contender, []]));
    const seconds = quick ? 2 : 5;
    for (const { port } of all) await wrk(`http://127.0.0.1:${port}/api/x`, CONNECTIONS, quick ? 1 : 3);
    for (let run = 0; run < (quick ? 3 : 5); run += 1) {
      for (const one of all) {
        const before = cpuOf(one);
        const load = await wrk(`http://127.0.0.1:${one.port}/api/x`, CONNECTIONS, seconds);
        if (load.errors > 0) throw new Error(`${one.contender}: ${load.errors} errors`);
        cpu.get(one.contender)?.push((cpuOf(one) - before) / load.requests);
        rate.get(one.contender)?.push(load.requests / seconds);
      }
    }
    const memory = new Map(all.map((one) => [one.contender, [memoryOf(one)]]));
    return [
      row('two-threads', 'CPU us/request', cpu),
      row('two-threads-rate', 'requests/s', rate),
      row('two-threads-memory', 'MB resident after load', memory),
    ];
  },
};
