/** Exchanges of a workload as they end, until enough were seen or the process is told to end. */
import type { TapRecord } from '@weft/core/tap';
import { type ClientFlags, connect, failure } from '../cli/connect.ts';
import type { TapLine } from '../control-plane/tap-page.ts';
import { EXIT_OK, UsageError } from '../errors.ts';

export interface TapFlags extends ClientFlags {
  readonly namespace: string;
  readonly to?: string;
  readonly method?: string;
  readonly path?: string;
  readonly status?: string;
  readonly rate?: string;
  readonly max?: string;
}

export interface TapEvents {
  open?(instances: number): void;
  exchange(workload: string, exchange: TapRecord): void;
}

/** `workload`: NAME or NAMESPACE/NAME. At the end it says on standard error how many were not shown. */
export async function followTap(flags: TapFlags, workload: string, events: TapEvents): Promise<number> {
  const slash = workload.indexOf('/');
  const namespace = slash < 0 ? flags.namespace : workload.slice(0, slash);
  const name = workload.slice(slash + 1);
  const max = flags.max === undefined ? Number.POSITIVE_INFINITY : Number(flags.max);
  if (!(max >= 1)) throw new UsageError(`--max takes a number from 1, not '${flags.max ?? ''}'`);
  const wanted = ['to', 'method', 'path', 'status', 'rate'] as const;
  const query = new URLSearchParams(
    wanted.flatMap((key): [string, string][] => (flags[key] === undefined ? [] : [[key, flags[key]]])),
  );
  const client = connect(flags);
  let seen = 0;
  let missed = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      const end = client.lines(
        `/weft/v1/namespaces/${encodeURIComponent(namespace)}/workloads/${encodeURIComponent(name)}/tap?${query}`,
        (text) => {
          const line = JSON.parse(text) as TapLine;
          if (line.type === 'open') events.open?.(line.instances);
          else if (line.type === 'missed') missed += line.count;
          else if (seen < max) {
            seen += 1;
            events.exchange(line.workload, line.exchange);
            if (seen >= max) finish();
          }
        },
        (error) => (error === undefined ? resolve() : reject(failure(error))),
      );
      const finish = (): void => {
        end();
        process.off('SIGINT', finish);
        process.off('SIGTERM', finish);
        resolve();
      };
      process.on('SIGINT', finish);
      process.on('SIGTERM', finish);
    });
  } finally {
    client.close();
  }
  if (missed > 0) process.stderr.write(`${missed} more exchanges matched and were not shown: see --rate\n`);
  return EXIT_OK;
}
