/** Our engine on the static part of an Envoy bootstrap: `weft proxy -c FILE`, as `envoy -c FILE` would run it. */
import type { Bootstrap } from '@weft/envoy/bootstrap';
import { engineSubject } from '@weft/proxy/admin';
import { Engine, JsonLog, MemorySecrets } from '@weft/proxy/engine';
import { systemWallClock } from '../clocks.ts';
import { CommandError } from '../errors.ts';
import { serveAdmin } from './admin.ts';
import { releaseStartMemory } from './release-start-memory.ts';

export interface RunningEngine {
  readonly engine: Engine;
  stop(): void;
}

/** Starts the engine; resolves when its listeners are open. Throws CommandError with every fault when they cannot be. */
export async function runStatic(bootstrap: Bootstrap): Promise<RunningEngine> {
  const { dynamic } = bootstrap;
  if (dynamic.ads !== undefined || dynamic.listeners || dynamic.clusters) {
    throw new CommandError(
      'dynamic_resources: configuration by xDS comes through `weft run`',
      'Make the resources static, or join a mesh with `weft run`.',
    );
  }
  const secrets = new MemorySecrets();
  const log = new JsonLog(systemWallClock, (line) => void process.stderr.write(`${line}\n`), 'warning');
  const engine = new Engine({
    secrets,
    log,
    maxConnections: bootstrap.maxDownstreamConnections ?? 0,
  });
  engine.start();
  const { faults } = await engine.apply(bootstrap.static);
  if (faults.length > 0) {
    engine.stop();
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
        subject: engineSubject(engine),
        address: admin.address,
        node,
        log,
        isStatic: true,
        quit,
      });
    } catch (error) {
      engine.stop();
      throw error;
    }
  }
  releaseStartMemory();
  return {
    engine,
    stop() {
      stopAdmin();
      engine.stop();
    },
  };
}
