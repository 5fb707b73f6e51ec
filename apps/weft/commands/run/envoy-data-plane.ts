/** Real Envoy as a second child, on the agent's Unix socket: configuration by ADS, certificates by SDS. */
import { EnvoyProcess, findEnvoy } from '@weft/agent/envoy-process';
import { AgentFolder } from '@weft/agent/folder';
import type { EngineLog } from '@weft/agent/observe';
import { openMetricsText, prometheusText } from '@weft/core/metrics';
import type { SocketAddress } from '@weft/core/proxy-config';
import { resourceAttributes } from '@weft/core/services';
import { writeEnvoyBootstrap } from '@weft/envoy/bootstrap/write';
import { systemWallClock } from '../../clocks.ts';
import { request } from './admin-client.ts';
import { type DataPlane, type DataPlaneOptions, MAX_CONNECTIONS } from './data-plane.ts';

/** ms that Envoy gets to end. */
const PATIENCE = 5000;
/** ms that it gets to send what its access log holds: the log's flush interval, and a little. */
const LAST_LOGS = 400;

export async function envoyDataPlane({
  agent,
  node,
  self,
  folder,
  admin,
  log,
  concurrency,
}: DataPlaneOptions): Promise<DataPlane> {
  const program = await findEnvoy(process.env);
  const failed = Promise.withResolvers<string>();
  const ready = Promise.withResolvers<void>();
  let stopping = false;
  let ended = false;
  let traffic: EngineLog | undefined;
  const envoy = new EnvoyProcess({
    program,
    folder: new AgentFolder(folder),
    concurrency,
    bootstrap: writeEnvoyBootstrap({
      node: { id: node.id, cluster: node.cluster, metadata: node.metadata, locality: node.locality },
      admin: adminAddress(admin),
      agentSocket: agent.socketPath,
      delta: false,
      maxDownstreamConnections: MAX_CONNECTIONS,
    }),
    onLog: (line) => void process.stderr.write(`envoy: ${line}\n`),
    env: { OTEL_RESOURCE_ATTRIBUTES: resourceText(self) },
  });
  return {
    failed: failed.promise,
    ready: ready.promise,
    start() {
      traffic = agent.observeEngine(self);
      envoy.start();
      void live(admin, () => stopping || ended).then(ready.resolve);
      void envoy.exit.then(({ code, signal, lastLog }) => {
        ended = true;
        if (!stopping)
          failed.resolve(`Envoy ended (${signal ?? `code ${code ?? '?'}`}): ${lastLog.at(-1) ?? 'it logged nothing'}`);
      });
      return Promise.resolve();
    },
    /** Envoy answers `connection: close` from now on. Its listeners close at the end; at once when callers were not told: their next connect goes elsewhere. */
    async drainInbound(timeoutMs, told) {
      const end = performance.now() + timeoutMs;
      const asked = await post(admin, '/drain_listeners?inboundonly&graceful&skip_exit');
      if (!asked) log.warn('Envoy did not take the order to drain');
      if (told) await emptyInbound(admin, timeoutMs, 'requests');
      await post(admin, '/drain_listeners?inboundonly');
      // What arrives on a connection after this would meet an application that is ending.
      if (told) await emptyInbound(admin, Math.min(timeoutMs, 1000), 'requests');
      else await emptyInbound(admin, end - performance.now(), 'connections');
    },
    /** Envoy's own statistics, and behind them what its log was counted to. */
    async metrics(open) {
      const own = (await request(admin, 'GET', '/stats/prometheus')) ?? '';
      const families = traffic?.table.families(systemWallClock.now()) ?? [];
      return open ? openMetricsText(families, undefined, false, own) : `${own}${prometheusText(families)}`;
    },
    async stop() {
      stopping = true;
      // Envoy does not send what its access log holds when it ends.
      await new Promise((resolve) => setTimeout(resolve, LAST_LOGS));
      await envoy.stop(PATIENCE);
    },
  };
}

const adminAddress = (admin: DataPlaneOptions['admin']): SocketAddress =>
  'path' in admin ? { kind: 'pipe', path: admin.path, mode: 0o600 } : { kind: 'ip', ip: '127.0.0.1', port: admin.port };

const post = async (admin: DataPlaneOptions['admin'], path: string): Promise<boolean> =>
  (await request(admin, 'POST', path)) !== undefined;

/** Resolves when Envoy has initialised its listeners (`/ready` answers LIVE), or when it is no longer wanted. */
async function live(admin: DataPlaneOptions['admin'], over: () => boolean): Promise<void> {
  while (!over() && (await request(admin, 'GET', '/ready')) === undefined)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Waits until no inbound request, or no inbound connection, is open; at most `timeoutMs`. TCP has connections only. */
async function emptyInbound(
  admin: DataPlaneOptions['admin'],
  timeoutMs: number,
  what: 'requests' | 'connections',
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const text = await request(
      admin,
      'GET',
      '/stats?filter=^(http|tcp)\\.inbound.*(downstream_rq_active|downstream_cx_active)$&format=text',
    );
    if (text === undefined) return;
    const active = [...text.matchAll(/^(\S+): (\d+)$/gm)].filter(
      ([, name = '']) => what === 'connections' || name.includes('rq_active') || name.startsWith('tcp.'),
    );
    if (active.every(([, , count]) => count === '0')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What Envoy's spans tell of the process: ours, and what the operator says over it. */
function resourceText(self: DataPlaneOptions['self']): string {
  const own = resourceAttributes(self).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const said = process.env['OTEL_RESOURCE_ATTRIBUTES'] ?? '';
  const names = new Set(said.split(',').map((pair) => pair.split('=', 1)[0]));
  return [...own.filter((pair) => !names.has(pair.split('=', 1)[0])), ...(said === '' ? [] : [said])].join(',');
}
