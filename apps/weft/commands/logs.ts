/** `weft logs WORKLOAD`: its exchanges from now on as lines of an access log, in the form of Envoy's default format, or as JSON. */
import type { TapRecord } from '@weft/core/tap';
import { outputFormat } from '../cli/output.ts';
import { followTap, type TapFlags } from '../traffic/read-tap.ts';

export interface LogsFlags extends TapFlags {
  readonly output?: string;
}

export function logs(flags: LogsFlags, [workload = '']: readonly string[]): Promise<number> {
  const format = outputFormat(flags.output ?? 'table', ['table', 'json']);
  return followTap(flags, workload, {
    exchange(instance, exchange) {
      process.stdout.write(
        `${format === 'json' ? JSON.stringify({ workload: instance, ...exchange }) : logLine(instance, exchange)}\n`,
      );
    },
  });
}

const quoted = (text: string): string =>
  `"${(text === '' ? '-' : text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

function logLine(instance: string, exchange: TapRecord): string {
  const header = (name: string): string => exchange.headers.find(([field]) => field === name)?.[1] ?? '';
  const {
    method,
    path,
    protocol,
    status,
    flags,
    details,
    requestBytes,
    responseBytes,
    duration,
    authority,
    peer,
    requestId,
    route,
  } = exchange;
  return [
    `[${new Date(exchange.at).toISOString()}]`,
    instance,
    exchange.direction,
    quoted(`${method} ${path} ${protocol}`.trim()),
    status,
    flags || '-',
    details || '-',
    requestBytes,
    responseBytes,
    Math.round(duration),
    quoted(header('user-agent')),
    quoted(requestId),
    quoted(authority),
    quoted(peer),
    quoted(route),
  ].join(' ');
}
