/** RateLimits as rows, and what of them has no effect. */
import type { Diagnostic } from '../../kernel/index.ts';
import { parseIdentityPattern } from '../../identity/index.ts';
import { parseDuration } from '../../kernel/index.ts';
import {
  type GlobalLimits,
  type LimitedBy,
  type LocalLimit,
  objectName,
  type RateLimit,
} from '../../resources/index.ts';
import { objectKey, parseWorkloadPortKey } from '../keys.ts';
import type { GlobalLimitsRow, LimitedByRow, RateLimitRow } from '../policy-rows.ts';
import type { MeshRow, WorkloadRow } from '../rows.ts';
import { type PolicyKind, wholeConflicts } from './attached.ts';
import { serviceOfKind } from './backends.ts';
import { beginning } from './beginning.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';
import type { Fault } from './status.ts';
import type { Targetable } from './targets.ts';

export const rateLimits = (mesh: MeshRow): PolicyKind<RateLimit, RateLimitRow> => ({
  name: 'rate-limit',
  conflicts: wholeConflicts,
  faults: ({ metadata: { namespace }, spec }, there) =>
    spec.global === undefined ? [] : limiterFaults(spec.global, namespace, mesh, there),
  rowOf: ({ metadata, spec }) => {
    const { status, headers, tellsLimits } = spec.response;
    const enforced = spec.mode === 'Enforce';
    return {
      key: keyOf({ metadata }),
      local:
        spec.local === undefined
          ? undefined
          : {
              requests: spec.local.requests,
              per: parseDuration(spec.local.per) ?? 1000,
              burst: spec.local.burst ?? spec.local.requests,
              ...overridesOf(spec.local, mesh.trustDomain),
            },
      global: spec.global === undefined ? undefined : globalRow(spec.global, metadata.namespace, enforced),
      status,
      headers: headers ?? [],
      tellsLimits,
      enforced,
      source: `${objectName('RateLimit', metadata.namespace, metadata.name)}#spec`,
    };
  },
});

function overridesOf(
  { overrides }: LocalLimit,
  trustDomain: string,
): Pick<NonNullable<RateLimitRow['local']>, 'overrides'> {
  if (overrides === undefined) return {};
  const byIdentity = new Map<string, { identity: string; requests: number; burst: number }>();
  for (const { identities, requests, burst = requests } of overrides)
    for (const text of identities) {
      const pattern = parseIdentityPattern(text, trustDomain);
      if (!pattern.ok || pattern.value.kind !== 'exact' || byIdentity.has(pattern.value.value)) continue;
      const identity = pattern.value.value;
      byIdentity.set(identity, { identity, requests, burst });
    }
  return { overrides: [...byIdentity.values()] };
}

const globalRow = (
  { limits, limiter, timeout, onFailure }: GlobalLimits,
  namespace: string,
  enforced: boolean,
): GlobalLimitsRow => ({
  limiter: limiter === undefined ? undefined : { service: objectKey(namespace, limiter.name), port: limiter.port },
  limits: limits.map(({ requests, per, algorithm, by }) => ({
    limit: {
      requests,
      per: parseDuration(per) ?? 1000,
      algorithm: algorithm === 'Fixed' ? 'fixed' : 'sliding',
      shadow: !enforced,
    },
    by: (by ?? []).map(byRow),
  })),
  timeout: parseDuration(timeout) ?? 100,
  denies: onFailure === 'Deny',
});

function byRow({ type, name = '', value }: LimitedBy): LimitedByRow {
  switch (type) {
    case 'Identity':
      return { kind: 'identity' };
    case 'Address':
      return { kind: 'address' };
    case 'Header':
      return { kind: 'header', name: name.toLowerCase(), value };
    case 'Method':
      return { kind: 'header', name: ':method', value };
    case 'Query':
      return { kind: 'query', name };
    case 'Path':
      return { kind: 'path', value: value === undefined ? undefined : beginning(value) };
    case 'Claim':
      return { kind: 'claim', path: name.split('.') };
  }
}

function limiterFaults(
  { limiter }: GlobalLimits,
  namespace: string,
  mesh: MeshRow,
  { services }: Targetable,
): readonly Fault[] {
  const named =
    limiter === undefined ? mesh.limiter : { service: objectKey(namespace, limiter.name), port: limiter.port };
  const path = limiter === undefined ? 'spec.global' : 'spec.global.limiter';
  const fault = (message: string, remedy: string): Fault[] => [{ reason: 'LimiterNotFound', path, message, remedy }];
  if (named === undefined)
    return fault('names no limiter, and neither does the Mesh', 'add `limiter` here, or `spec.limiter` to the Mesh');
  const service = serviceOfKind(services, 'Service', named.service);
  if (service === undefined)
    return fault(
      `there is no Service ${named.service}`,
      'run `weft run --name limiter --port 8081/grpc -- weft limiter`',
    );
  const { ports } = service;
  const port =
    named.port === undefined && ports.length === 1 ? ports[0] : ports.find(({ port }) => port === named.port);
  const numbers = ports.map((candidate) => candidate.port).join(', ');
  if (port === undefined)
    return fault(`Service/${named.service} has no such port`, `name one of its ports: ${numbers}`);
  if (port.protocol !== 'grpc' && port.protocol !== 'http2')
    return fault(
      `port ${port.port} of Service/${named.service} carries ${port.protocol}, not gRPC`,
      'set `appProtocol: grpc` on the port',
    );
  return [];
}

/** A limiter does not ask itself: what arrives there has no global limit. */
export function withoutOwnLimits(
  memory: Memory,
  mesh: MeshRow,
  rows: ReadonlyMap<string, RateLimitRow>,
  selected: ReadonlyMap<string, readonly WorkloadRow[]>,
): ReadonlyMap<string, RateLimitRow> {
  const kept = new Map<string, RateLimitRow>();
  for (const [key, row] of rows) {
    const limiter = (row.global?.limiter ?? mesh.limiter)?.service ?? '';
    const { workload } = parseWorkloadPortKey(key);
    if (row.global === undefined || selected.get(limiter)?.some((one) => one.key === workload) !== true)
      kept.set(key, row);
    else if (row.local !== undefined)
      kept.set(
        key,
        memory.remember(`rate-limit without global ${row.key}`, [row], () => ({ ...row, global: undefined })),
      );
  }
  return kept;
}

/** Connections are no requests: said once a policy. */
export function withoutRequests(
  rows: ReadonlyMap<string, RateLimitRow>,
  workloads: readonly WorkloadRow[],
): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  const byKey = new Map(workloads.map((workload) => [workload.key, workload]));
  for (const [key, { local, global: shared, source }] of rows) {
    const overrides = local?.overrides !== undefined;
    if ((shared === undefined && !overrides) || found.has(source)) continue;
    const at = parseWorkloadPortKey(key);
    const port = byKey.get(at.workload)?.ports.find((candidate) => candidate.port === at.port);
    if (port?.protocol !== 'tcp' && port?.protocol !== 'udp') continue;
    const [object = source] = source.split('#', 1);
    found.set(source, {
      severity: 'warning',
      code: 'rule-about-requests',
      message: `port ${at.port} of Workload/${at.workload} carries TCP, without requests: nothing is counted there`,
      place: { object, path: shared === undefined ? 'spec.local.overrides' : 'spec.global' },
      remedy: 'name the ports that carry HTTP in `targetRefs`, or state the port’s protocol',
    });
  }
  return [...found.values()];
}
