/** What is judged: our engine as a process of its own, or two of them one behind the other. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { engineCommand } from '../cases/index.ts';
import { mutualCertificates } from '../grpc-interop/index.ts';
import { exchange } from '../http-client/index.ts';
import { TestProcess } from '../process/index.ts';
import { START, until } from '../wait/index.ts';
import { type Protocol, type RingBootstrap, ringBootstrap } from './bootstrap.ts';
import type { RunningServer } from './recorder.ts';

/** What is judged: given the port behind it, a port in front. */
export type Front = (upstream: number) => Promise<RunningServer>;

/** `hops`: what each engine speaks to the next one, the last to what is behind them. `weft/1` needs the tool `openssl`. */
export const weftFront =
  (folder: string, hops: readonly Protocol[] = ['http1']): Front =>
  async (upstream) => {
    const certificates = hops.includes('weft/1') ? mutualCertificates(folder) : undefined;
    const engines: RunningServer[] = [];
    const stop = async (): Promise<void> => void (await Promise.all(engines.map((one) => one.stop())));
    let port = upstream;
    try {
      for (const [index, protocol] of [...hops.entries()].toReversed()) {
        const home = path.join(folder, `hop-${index}`);
        mkdirSync(home, { recursive: true });
        const engine = await startEngine(home, {
          upstream: { port, protocol },
          first: index === 0,
          listenTls: hops[index - 1] === 'weft/1',
          certificates,
        });
        engines.unshift(engine);
        ({ port } = engine);
      }
    } catch (error) {
      await stop();
      throw error;
    }
    return { port, stop };
  };

async function startEngine(home: string, setup: Omit<RingBootstrap, 'adminPath'>): Promise<RunningServer> {
  const adminPath = path.join(home, 'admin.sock');
  const file = path.join(home, 'engine.json');
  writeFileSync(file, JSON.stringify(ringBootstrap({ adminPath, ...setup })));
  const [command, ...args] = engineCommand('weft', file);
  const running = new TestProcess(command, args);
  try {
    const port = await until(
      async () => {
        if (running.exit !== undefined) return -1;
        if ((await exchange({ socketPath: adminPath }, { path: '/ready' })).status !== 200) return undefined;
        const { body } = await exchange({ socketPath: adminPath }, { path: '/listeners?format=json' });
        return /"port_value":\s*(\d+)/.exec(body.toString())?.[1];
      },
      { timeout: START, what: 'the engine ready' },
    );
    if (port === -1) throw new Error('the engine ended');
    return { port: Number(port), stop: () => running.stop() };
  } catch (error) {
    await running.stop();
    throw new Error(`${running.command}\n${running.stdout}\n${running.stderr}`, { cause: error });
  }
}
