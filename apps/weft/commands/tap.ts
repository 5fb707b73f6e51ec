/** `weft tap WORKLOAD`: single exchanges as they end, a line each. What strangers wrote was cut and freed of control characters where it was recorded. */
import type { TapRecord } from '@weft/core/tap';
import { outputFormat } from '../cli/output.ts';
import { terminalWidth } from '../traffic/fitted-table.ts';
import { followTap, type TapFlags } from '../traffic/read-tap.ts';
import { coloured, latency } from '../traffic/words.ts';

export interface TapCommandFlags extends TapFlags {
  readonly output?: string;
}

export function tap(flags: TapCommandFlags, [workload = '']: readonly string[]): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  return followTap(flags, workload, {
    open(instances) {
      if (format === 'table')
        process.stderr.write(`${instances} ${instances === 1 ? 'proxy' : 'proxies'} of ${workload}\n`);
    },
    exchange(instance, exchange) {
      process.stdout.write(
        format === 'json'
          ? `${JSON.stringify({ workload: instance, ...exchange })}\n`
          : `${tapLine(exchange, terminalWidth())}\n`,
      );
    },
  });
}

/** Cut to `width`. */
export function tapLine(exchange: TapRecord, width: number | undefined): string {
  const { at, direction, peer, kind, method, path, status, grpc, flags, details, duration, secured } = exchange;
  const time = new Date(at).toISOString().slice(11, 23);
  const arrow = direction === 'outbound' ? 'to' : 'from';
  const what = kind === 'tcp' ? 'tcp' : `${method} ${path}`;
  const answer = kind === 'tcp' ? '' : `${status === 0 ? '-' : status}${grpc >= 0 ? ` grpc ${grpc}` : ''}`;
  // Who answered, where it was not the service.
  const why = details === '' || details === 'via_upstream' ? '' : details;
  const parts = [
    time,
    `${arrow} ${peer || exchange.service || '-'}`,
    what,
    answer,
    latency(duration),
    flags,
    why,
    secured ? '' : 'plaintext',
  ];
  const text = parts.filter((part) => part !== '').join('  ');
  const cut = width !== undefined && text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return status >= 500 || (kind === 'http' && status === 0) ? coloured('red', cut) : cut;
}
