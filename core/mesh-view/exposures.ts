/**
 * What a workload's proxy answers to whoever asks (Authentication `exposed`): one listener a port, and what of the policies is left out because
 * it cannot be opened. Nothing is opened in doubt.
 */
import { workloadPortKey } from './keys.ts';
import type { ExposedRow } from './policy-rows.ts';
import type { WorkloadPortRow, WorkloadRow } from './rows.ts';
import type { ViewReader } from './view.ts';

export interface ExposedPort {
  readonly port: WorkloadPortRow;
  readonly row: ExposedRow;
}

export interface NotExposed extends ExposedPort {
  readonly reason: string;
  readonly remedy: string;
}

export interface Exposures {
  /** In the order of the workload's ports, each with a listener port of its own. */
  readonly open: readonly ExposedPort[];
  readonly left: readonly NotExposed[];
}

/** A workload without a proxy exposes nothing. */
export function exposuresOf(reader: ViewReader, { key, ports }: WorkloadRow): Exposures {
  const taken = new Map(ports.flatMap(({ port, proxyPort }) => [port, proxyPort].map((one) => [one, OWN])));
  const open: ExposedPort[] = [];
  const left: NotExposed[] = [];
  for (const port of ports.toSorted((a, b) => a.port - b.port)) {
    const row = reader.read('arrivalExposed', workloadPortKey(key, port.port));
    if (row === undefined || port.proxyPort === 0) continue;
    const other = taken.get(row.listenerPort);
    if (port.protocol === 'tcp' || port.protocol === 'udp')
      left.push({
        port,
        row,
        reason: `port ${port.port} speaks ${port.protocol}, which has no paths`,
        remedy: 'say `http`, `http2` or `grpc` where the workload is started, or name another port',
      });
    else if (other !== undefined)
      left.push({
        port,
        row,
        reason: `port ${row.listenerPort} is ${other}`,
        remedy: 'name another `listenerPort`',
      });
    else {
      taken.set(row.listenerPort, `taken for port ${port.port}, by ${row.source}`);
      open.push({ port, row });
    }
  }
  return { open, left };
}

const OWN = 'one of the workload’s own or its proxy’s';
