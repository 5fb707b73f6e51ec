/** Our engine in this process, on the agent's configuration in memory: the same bytes as on its socket. */
import { JsonLog, MemorySecrets } from '@weft/proxy/engine';
import { openMetricsText, prometheusText } from '@weft/core/metrics';
import { AGENT_CLUSTER } from '@weft/core/agent-api';
import { EMPTY_PROXY_CONFIG } from '@weft/core/proxy-config';
import { systemWallClock } from '../../clocks.ts';
import { AdsClient } from '../../engine/ads/client.ts';
import { namedSecrets } from '../../engine/ads/secret-names.ts';
import { adsCodec } from '../../engine/ads/codec.ts';
import { serveAdmin } from '../../engine/admin.ts';
import { proxyEngine } from '../../engine/proxy-engine.ts';
import { releaseStartMemory } from '../../engine/release-start-memory.ts';
import { SAFE_OVERLOAD } from './overload.ts';
import { agentCluster } from './agent-cluster.ts';
import { type DataPlane, type DataPlaneOptions, MAX_CONNECTIONS } from './data-plane.ts';

/** The engine writes JSON; a run's log is one form of line for all its parts. */
function relayLine(log: DataPlaneOptions['log'], line: string): void {
  const {
    level,
    message,
    time: _,
    ...fields
  } = JSON.parse(line) as { level: string; message: string; time: string } & Record<string, string | number>;
  if (level === 'error' || level === 'critical') log.error(message, fields);
  else if (level === 'warning') log.warn(message, fields);
  else log.info(message, fields);
}

export async function weftDataPlane({
  agent,
  node,
  self,
  admin,
  log,
  concurrency,
}: DataPlaneOptions): Promise<DataPlane> {
  const secrets = new MemorySecrets();
  const line = (text: string): void => relayLine(log, text);
  const engineLog = new JsonLog(systemWallClock, line, 'warning');
  const engine = await proxyEngine({
    concurrency,
    secrets,
    log: engineLog,
    line,
    self,
    node: { id: node.id, cluster: node.cluster, metadata: {}, locality: node.locality },
    maxConnections: MAX_CONNECTIONS,
    overload: SAFE_OVERLOAD,
  });
  const ready = Promise.withResolvers<void>();
  const client = new AdsClient({
    codec: adsCodec(node),
    base: { ...EMPTY_PROXY_CONFIG, clusters: new Map([[AGENT_CLUSTER, agentCluster(agent.socketPath)]]) },
    apply: async (config) => {
      agent.askSecrets(namedSecrets(config).map(({ name }) => name));
      return new Map((await engine.apply(config)).faults.map(({ name, message }) => [name, message]));
    },
    onRefused: (table, reason) => log.error('refused configuration', { table, reason }),
    onReady: () => {
      ready.resolve();
      releaseStartMemory();
    },
  });
  const { promise: failed, resolve: fail } = Promise.withResolvers<string>();
  let close = (): void => {};
  let stopAdmin = (): void => {};

  return {
    failed,
    ready: ready.promise,
    async start() {
      const watch = agent.onSecret((name, secret) => {
        if (secret.kind === 'certificate') secrets.setCertificate(name, secret);
        else secrets.setTrustRoots(name, secret.roots);
      });
      engine.start();
      agent.observe({
        take: () => engine.subject.traffic.take(),
        tap: (request, shown, missed) => engine.subject.tap(request, shown, missed),
      });
      const address =
        'path' in admin
          ? { kind: 'pipe' as const, path: admin.path, mode: 0o600 }
          : { kind: 'ip' as const, ip: '127.0.0.1', port: admin.port };
      const server = await serveAdmin({
        subject: engine.subject,
        address,
        node,
        log: engineLog,
        staticRows: EMPTY_PROXY_CONFIG,
        quit: () => fail('the admin interface was asked to end the process'),
      });
      stopAdmin = () => server.stop();
      const session = agent.openAds(
        (bytes) => client.received(bytes),
        (message) => log.error('the control plane refused the stream', { reason: message }),
      );
      client.opened((bytes) => session.send(bytes));
      close = () => {
        watch.close();
        session.close();
      };
    },
    async drainInbound(timeoutMs) {
      const cut = await engine.subject.drain(timeoutMs, 'inbound');
      if (cut > 0) log.warn('exchanges were cut at the end of the drain', { count: cut });
    },
    async metrics(open) {
      const { families } = await engine.subject.report();
      return open ? openMetricsText(families) : prometheusText(families);
    },
    async stop() {
      close();
      client.closed();
      stopAdmin();
      await engine.stop();
    },
  };
}
