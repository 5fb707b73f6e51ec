/**
 * Tap over the API: exchanges of a workload as lines of JSON, as long as the client reads. It shows paths and some headers of requests, so that
 * it needs the role `edit` in the workload's namespace, and who taps what is logged. A client that reads slower misses records and is told how many.
 */
import { badRequest, type Call, type ExtraRoute, hasRole, notFound, type Outcome, refuse } from '@weft/control/api';
import type { ObserveService } from '@weft/control/observe';
import { TAP_RATE, TAP_TEXT, type TapRecord, type TapRequest } from '@weft/core/tap';
import type { Log } from '../log.ts';

export type TapLine =
  /** The first one. `instances`: of the workload, that are tapped. */
  | { readonly type: 'open'; readonly instances: number }
  | { readonly type: 'exchange'; readonly workload: string; readonly exchange: TapRecord }
  /** Matched, and were too many. */
  | { readonly type: 'missed'; readonly count: number };

const MAX_OPEN = 32;
const DEFAULT_RATE = 100;
/** ms between two lines about what was missed. */
const PACE = 1000;

export function tapPages(observe: () => ObserveService, log: Log): ExtraRoute[] {
  let open = 0;
  return [
    {
      method: 'GET',
      path: '/weft/v1/namespaces/:namespace/workloads/:name/tap',
      allowed: (user, { namespace }) => hasRole(user, 'edit', namespace ?? ''),
      run: (call) => {
        const request = readRequest(call.query);
        if (typeof request === 'string') return refuse(badRequest(request));
        if (open >= MAX_OPEN) return refuse(badRequest(`${MAX_OPEN} taps are open: end one first`));
        const outcome = tap(observe(), call, request, () => (open -= 1));
        if (outcome === 'streaming') {
          open += 1;
          log.info('tap', {
            workload: `${call.params.namespace ?? ''}/${call.params.name ?? ''}`,
            user: call.user.name,
          });
        }
        return outcome;
      },
    },
  ];
}

function tap(observe: ObserveService, { params, response }: Call, request: TapRequest, over: () => void): Outcome {
  const { namespace = '', name = '' } = params;
  let missed = 0;
  const say = (line: TapLine): void => void response.write(`${JSON.stringify(line)}\n`);
  const watch = observe.tap(namespace, name, request, (workload, records, dropped) => {
    missed += dropped;
    for (const exchange of records) {
      if (response.writableNeedDrain) missed += 1;
      else say({ type: 'exchange', workload, exchange });
    }
  });
  if (watch.instances === 0) {
    watch.close();
    return refuse({
      ...notFound({ group: 'weft.dev', plural: 'workloads', name }),
      message: `no proxy of ${namespace}/${name} reports: \`weft status\` shows which are connected, and in which namespace`,
    });
  }
  const tellMissed = setInterval(() => {
    if (missed === 0 || response.writableNeedDrain) return;
    say({ type: 'missed', count: missed });
    missed = 0;
  }, PACE);
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  say({ type: 'open', instances: watch.instances });
  response.once('close', () => {
    clearInterval(tellMissed);
    watch.close();
    over();
  });
  return 'streaming';
}

/** A text is what is wrong. */
function readRequest(query: URLSearchParams): TapRequest | string {
  const known = ['to', 'method', 'path', 'status', 'rate'];
  for (const name of query.keys()) if (!known.includes(name)) return `unknown parameter ${name.slice(0, 80)}`;
  const text = (name: string, most: number): string => (query.get(name) ?? '').slice(0, most + 1);
  const to = text('to', 300);
  const method = text('method', 32);
  const path = text('path', TAP_TEXT);
  if (to.length > 300 || method.length > 32 || path.length > TAP_TEXT) return 'to, method or path is too long';
  const status = /^(?:[1-5]|[1-5]xx|[1-9]\d\d)?$/.exec(query.get('status') ?? '');
  if (status === null) return 'status must be like 503 or 5xx';
  const rate = Number(query.get('rate') ?? DEFAULT_RATE);
  if (!Number.isInteger(rate) || rate < 1 || rate > TAP_RATE) return `rate must be 1 to ${TAP_RATE}`;
  return { to, method, path, status: Number(status[0].replace('xx', '')), rate, keep: false };
}
