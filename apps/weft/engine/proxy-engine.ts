/**
 * Our engine on as many threads as asked for. One: in this thread, and nothing of the machinery for several is loaded. More: workers, each with an engine
 * of its own, and this thread coordinates.
 */
import { type AdminSubject, engineSubject } from '@weft/proxy/admin';
import {
  type ApplyResult,
  Engine,
  type EngineOptions,
  type JsonLog,
  type MemorySecrets,
  type PassedSocket,
} from '@weft/proxy/engine';
import type { ProxyConfig, RuntimeValues } from '@weft/core/proxy-config';
import { serviceMessages } from './service-messages.ts';

export interface ProxyEngine {
  /** For the admin pages, and to drain. */
  readonly subject: AdminSubject;
  start(): void;
  apply(config: ProxyConfig): Promise<ApplyResult>;
  /** Runs `use` on every listening socket while no configuration changes. */
  handOver<Outcome>(use: (sockets: readonly PassedSocket[]) => Promise<Outcome>): Promise<Outcome>;
  /** All engines know it when it resolves. */
  setRuntime(values: RuntimeValues): void | Promise<void>;
  /** Inherited sockets begin to accept. */
  open(): void;
  stop(): Promise<void>;
}

export interface ProxyEngineOptions
  extends Pick<
    EngineOptions,
    | 'self'
    | 'serviceCluster'
    | 'node'
    | 'maxConnections'
    | 'overload'
    | 'zone'
    | 'inheritance'
    | 'drainTime'
    | 'epoch'
    | 'wanted'
    | 'runtimeValues'
  > {
  /** Sockets that workers take on; `inheritance` has those of a process with one thread. */
  readonly inherited?: readonly PassedSocket[];
  readonly concurrency: number;
  readonly secrets: MemorySecrets;
  readonly log: JsonLog;
  /** Takes whole lines of the log of other threads. */
  readonly line: (line: string) => void;
}

export async function proxyEngine({
  concurrency,
  line,
  inherited = [],
  ...options
}: ProxyEngineOptions): Promise<ProxyEngine> {
  if (concurrency > 1) {
    const { canSharePorts, WorkerPool } = await import('@weft/proxy/workers');
    if (await canSharePorts()) {
      const entry = new URL('../bin/worker.mjs', import.meta.url);
      const pool = new WorkerPool({ ...options, concurrency, entry, line, inherited });
      return {
        subject: pool,
        start: () => pool.start(),
        apply: (config) => pool.apply(config),
        handOver: (use) => pool.handOver(use),
        setRuntime: (values) => pool.setRuntime(values),
        open: () => pool.open(),
        stop: () => pool.stop(),
      };
    }
    options.log.write('config', 'warning', 'threads cannot share a port on this system: one serves', { concurrency });
  }
  const engine = new Engine({ ...options, messages: serviceMessages });
  return {
    subject: engineSubject(engine),
    start: () => engine.start(),
    apply: (config) => engine.apply(config),
    handOver: (use) => engine.handOver(use),
    setRuntime: (values) => engine.setRuntime(values),
    open: () => options.inheritance?.open(),
    stop() {
      engine.stop();
      return Promise.resolve();
    },
  };
}
