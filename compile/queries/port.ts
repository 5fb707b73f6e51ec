/** What every query about a service port starts from. */
import { ONLY, parsePortKey } from '@weft/core/mesh-view';
import type { PortInput } from '../behaviours/index.ts';
import type { QueryContext } from '../incremental/query.ts';
import type { EngineName } from '../profiles.ts';
import { consumersAt, effectiveConf } from './conf.ts';

/** A service port for one kind of client. */
export interface PortOf {
  /** Port key. */
  readonly port: string;
  readonly engine: EngineName;
  /** What holds for the callers, of what its routes ask about them (callers.ts). Absent: nothing. */
  readonly callers?: readonly string[];
  /** As the Gateway that an ExternalService is reached by calls it. Absent: as everybody else does. */
  readonly out?: boolean;
}

export const portOfKey = ({ port, engine, callers = [], out = false }: PortOf): string =>
  [out ? `${engine} out` : engine, port, ...callers].join(' ');

/** undefined when the mesh, the service or the port is not in the view (any more). */
export function portInput(
  context: QueryContext,
  { port: key, engine, callers = [], out }: PortOf,
): PortInput | undefined {
  const mesh = context.read('mesh', ONLY);
  const { service, port: number } = parsePortKey(key);
  const row = context.read('service', service);
  const port = row?.ports.find((candidate) => candidate.port === number);
  if (mesh === undefined || port === undefined) return undefined;
  // The processes of the Gateway stand in the place of workloads. A proxyless client is told that it cannot.
  const behind = out !== true && engine !== 'grpc' && row?.external?.through !== undefined;
  return {
    engine,
    mesh,
    service,
    port,
    ...(callers.length === 0 ? {} : { consumers: callers }),
    home: row?.home,
    external: behind ? undefined : row?.external,
    backendTls: behind ? undefined : context.read('backendTls', key),
    failover: context.read('failover', key),
    mtls: behind ? 'strict' : (context.read('portMtls', key)?.mode ?? (row?.home ?? mesh).mtls),
    conf: context.ask(effectiveConf, { port: key, callers: consumersAt(context, key, callers) }),
  };
}
