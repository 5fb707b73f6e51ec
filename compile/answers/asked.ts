/** Whom proxies ask about a request: the services of Extensions, and limiters. */
import { CompiledRbac, type RequestView } from '@weft/core/decide';
import type { HttpFilter } from '@weft/core/proxy-config';
import { outboundName } from '../names.ts';
import type { Arrival, Setting } from './explanation.ts';
import type { StatedRequest } from './question.ts';

export interface Asked {
  /** Name of the filter that asks. */
  readonly filter: string;
  readonly kind: HttpFilter['kind'];
  /** Port key of the service. */
  readonly port: string;
  /** Of the call; undefined: by HTTP, with the path of the request. */
  readonly path: string | undefined;
}

const CHECK = '/envoy.service.auth.v3.Authorization/Check';
const PROCESS = '/envoy.service.ext_proc.v3.ExternalProcessor/Process';
const SHOULD_LIMIT = '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit';

/** By the filters that a request meets, in their order. */
export const askedBy = (filters: readonly HttpFilter[], request: RequestView): Asked[] =>
  filters.flatMap((filter, index) => {
    const told = callOf(filter);
    if (told === undefined || !told.cluster.startsWith(OUTBOUND) || !concerns(filters, index, request)) return [];
    return [{ filter: filter.name, kind: filter.kind, port: told.cluster.slice(OUTBOUND.length), path: told.path }];
  });

const OUTBOUND = outboundName('');

function callOf(filter: HttpFilter): { readonly cluster: string; readonly path: string | undefined } | undefined {
  if (filter.kind === 'ext-authz') {
    const { kind, service } = filter.service;
    return { cluster: service.cluster, path: kind === 'grpc' ? CHECK : undefined };
  }
  if (filter.kind === 'ext-proc') return { cluster: filter.service.cluster, path: PROCESS };
  if (filter.kind === 'rate-limit') return { cluster: filter.service.cluster, path: SHOULD_LIMIT };
  return undefined;
}

/** An Extension that AccessPolicies name is asked about what their rules match: the filter before it says so. */
function concerns(filters: readonly HttpFilter[], index: number, request: RequestView): boolean {
  const [filter, before] = [filters[index], filters[index - 1]];
  if (filter?.kind !== 'ext-authz' || filter.enabledMetadata === undefined) return true;
  if (before?.kind !== 'rbac' || before.shadowRules === undefined) return false;
  return !new CompiledRbac(before.shadowRules, () => {}).evaluate(request, request).allowed;
}

/** As proxies ask. */
export const callTo = ({ path }: Asked): StatedRequest => ({
  method: 'POST',
  path: path ?? '/',
  headers: [{ name: 'content-type', value: 'application/grpc' }],
});

/** What the policies about the asked service say to who asks, `arrivals`: where they refuse it, and what they count. */
export function saidByAsked({ port, path }: Asked, arrivals: readonly Arrival[]): Setting[] {
  const settings = arrivals.flatMap(({ allowed, by, reason, source, settings: own = [] }): Setting[] => {
    const refused = !allowed && (by === 'connection' || by === 'transport' || path !== undefined);
    if (refused) return [{ name: 'asking is refused', value: `${port}: ${reason}`, source }];
    return own
      .filter(({ name }) => name === 'rate limit')
      .map((limit) => ({ ...limit, name: 'rate limit of who is asked', value: `${port}: ${limit.value}` }));
  });
  return [...new Map(settings.map((one) => [JSON.stringify(one), one])).values()];
}
