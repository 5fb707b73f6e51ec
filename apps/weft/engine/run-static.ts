/** Our engine on the static part of an Envoy bootstrap: `weft proxy -c FILE`, as `envoy -c FILE` would run it. */
import type { Bootstrap } from '@weft/envoy/bootstrap';
import { JsonLog, MemorySecrets } from '@weft/proxy/engine';
import { systemWallClock } from '../clocks.ts';
import { CommandError } from '../errors.ts';
import { serveAdmin } from './admin.ts';
import { proxyEngine, type ProxyEngine } from './proxy-engine.ts';
import { releaseStartMemory } from './release-start-memory.ts';

export interface RunningEngine {
  readonly engine: ProxyEngine;
  stop(): Promise<void>;
}

/** Starts the engine; resolves when its listeners are open. Throws CommandError with every fault when they cannot be. */
export async function runStatic(bootstrap: Bootstrap, concurrency: number): Promise<RunningEngine> {
  const { dynamic } = bootstrap;
  if (dynamic.ads !== undefined || dynamic.listeners || dynamic.clusters) {
    throw new CommandError(
      'dynamic_resources: configuration by xDS comes through `weft run`',
      'Make the resources static, or join a mesh with `weft run`.',
    );
  }
  const secrets = new MemorySecrets();
  const line = (text: string): void => void process.stderr.write(`${text}\n`);
  const log = new JsonLog(systemWallClock, line, 'warning');
  const engine = await proxyEngine({
    concurrency,
    secrets,
    log,
    line,
    maxConnections: bootstrap.maxDownstreamConnections ?? 0,
  });
  engine.start();
  const { faults } = await engine.apply(bootstrap.static);
  if (faults.length > 0) {
    await engine.stop();
    const lines = faults.map(({ table, name, message }) =>
      message.includes(name) ? message : `${table} ${name}: ${message}`,
    );
    throw new CommandError(lines.join('\n'), 'Correct the bootstrap, or end what uses the addresses it names.');
  }
  const { admin, node } = bootstrap;
  let stopAdmin = (): void => {};
  if (admin !== undefined) {
    try {
      const quit = (): void => void process.kill(process.pid, 'SIGTERM');
      stopAdmin = await serveAdmin({
        subject: engine.subject,
        address: admin.address,
        node,
        log,
        isStatic: true,
        quit,
      });
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }
  releaseStartMemory();
  return {
    engine,
    async stop() {
      stopAdmin();
      await engine.stop();
    },
  };
}
