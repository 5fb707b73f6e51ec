/**
 * `npm run bench -- proxy [--quick] [--only NAME] [--json FILE]`: CPU microseconds a request of our engine and of Envoy on the same
 * bootstrap, pinned to the same core in turn, interleaved runs, median. Figures are ratios within one run; bare times say nothing.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '@weft/testkit/folder';
import { freePort } from '@weft/testkit/ports';
import type { TestProcess } from '@weft/testkit/process';
import { httpBootstrap } from './bootstrap.ts';
import { available, type Contender, startBackend, startEngine, startNginxProxy } from './contenders.ts';
import { familyCpu, residentMegabytes } from './cpu.ts';
import { wrk } from './load.ts';

export interface BenchRow {
  readonly name: string;
  readonly weft: number;
  readonly envoy: number;
  readonly ratio: number;
  readonly unit: string;
  /** Yardsticks beside the two. */
  readonly nginx?: number;
}

interface Options {
  readonly quick: boolean;
  readonly only: string | undefined;
  readonly json: string | undefined;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export async function benchProxy(options: Options): Promise<void> {
  const rows: BenchRow[] = [];
  for (const [name, accessLog] of [
    ['http1', false],
    ['http1-json-log', true],
  ] as const) {
    if (options.only === undefined || options.only === name)
      rows.push(...(await http1(name, accessLog, options.quick)));
  }
  for (const row of rows) {
    const beside = row.nginx === undefined ? '' : `  nginx ${row.nginx.toFixed(1)}`;
    process.stdout.write(
      `${row.name.padEnd(24)} weft ${row.weft.toFixed(1)}  envoy ${row.envoy.toFixed(1)}  ratio ${row.ratio.toFixed(2)}  ${row.unit}${beside}\n`,
    );
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, undefined, 2)}\n`);
}

async function http1(name: string, accessLog: boolean, quick: boolean): Promise<BenchRow[]> {
  using folder = temporaryFolder('weft-bench-');
  const runs = quick ? 3 : 5;
  const seconds = quick ? 3 : 6;
  const processes: TestProcess[] = [];
  try {
    const backend = await freePort();
    processes.push(await startBackend(folder.path, backend));
    const contenders = (['weft', 'envoy', ...(accessLog ? [] : ['nginx'])] as Contender[]).filter(available);
    const under = new Map<Contender, { readonly running: TestProcess; readonly port: number }>();
    for (const contender of contenders) {
      const port = await freePort();
      const log = accessLog ? path.join(folder.path, `${contender}.log`) : undefined;
      const running =
        contender === 'nginx'
          ? await startNginxProxy(folder.path, port, backend)
          : await startEngine(
              contender,
              folder.path,
              httpBootstrap({ port, backend, adminPath: path.join(folder.path, `${contender}.sock`), accessLog: log }),
              port,
            );
      processes.push(running);
      under.set(contender, { running, port });
      await wrk(`http://127.0.0.1:${port}/api/x`, 64, 2);
    }
    const costs = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
    for (let run = 0; run < runs; run += 1) {
      for (const [contender, { running, port }] of under) {
        const before = familyCpu(running.pid);
        const load = await wrk(`http://127.0.0.1:${port}/api/x`, 64, seconds);
        if (load.errors > 0) throw new Error(`${contender}: ${load.errors} errors`);
        costs.get(contender)?.push((familyCpu(running.pid) - before) / load.requests);
      }
    }
    const cost = (contender: Contender): number => median(costs.get(contender) ?? []);
    const memory = (contender: Contender): number => residentMegabytes(under.get(contender)?.running.pid ?? 0);
    return [
      {
        name,
        weft: cost('weft'),
        envoy: cost('envoy'),
        ratio: cost('weft') / cost('envoy'),
        unit: 'CPU us/request',
        ...(accessLog ? {} : { nginx: cost('nginx') }),
      },
      {
        name: `${name}-memory`,
        weft: memory('weft'),
        envoy: memory('envoy'),
        ratio: memory('weft') / memory('envoy'),
        unit: 'MB resident after load',
      },
    ];
  } finally {
    await Promise.all(processes.map((one) => one.stop()));
  }
}
