/**
 * AccessPolicy: who may call a workload's port, decided on what the caller's certificate proves, where it calls from, and on HTTP what it
 * asks for. DENY policies come first; then, when an ALLOW policy is about the port or the mesh denies by default in the namespace, what no ALLOW rule
 * matches is refused. Without either, every caller that `mtls` lets in passes. A plaintext caller has no identity.
 *
 * Rules about connections are a network filter: who they refuse gets no further. As soon as one ALLOW rule about the port speaks of
 * requests, all of them are asked for each request, since any of them may allow it. Shadow policies count what they would refuse. What
 * passed all of that an Extension is asked about (external.ts); what is to be written down is marked before anything refuses (audit.ts).
 */
import { accessDefault, type WorkloadAccessRow } from '@weft/core/mesh-view';
import type { FilterChain, HttpFilter, NetworkFilter, Rbac } from '@weft/core/proxy-config';
import type { Behaviour, InboundInput } from '../behaviour.ts';
import { AUDIT_LOG, auditFilters } from './audit.ts';
import { externalFilters, type Providers, split } from './external.ts';
import { policiesOf, speaksOfRequests, type Which } from './policies.ts';

export { AUDIT_LOG } from './audit.ts';
export type { Providers } from './external.ts';

export const access: Behaviour = {
  name: 'access',

  inboundChain(chain: FilterChain, { mesh, workload, port, access: all, providers }: InboundInput): FilterChain {
    const about = all.filter(({ ports }) => ports === undefined || ports.includes(port.port));
    const isHttp = chain.terminal.kind === 'http-connection-manager';
    const allows = about.filter(({ action }) => action === 'ALLOW');
    const { denies: closed } = accessDefault(mesh, workload.namespace);
    const external = split(about, providers, isHttp);
    const denies = [...about.filter(({ action }) => action === 'DENY'), ...external.refused];
    const where = { port: port.port, isHttp };
    const byRequest = isHttp && allows.some((policy) => policy.rules.some(speaksOfRequests));
    const connections = [
      engineOf('DENY', denies, { ...where, about: isHttp ? 'connections' : 'everything' }, false),
      byRequest ? undefined : engineOf('ALLOW', allows, { ...where, about: 'everything' }, closed),
    ];
    const requests = isHttp
      ? [
          engineOf('DENY', denies, { ...where, about: 'requests' }, false),
          byRequest ? engineOf('ALLOW', allows, { ...where, about: 'everything' }, closed) : undefined,
        ]
      : [];
    const audits = isHttp ? auditFilters(about, port.port) : [];
    const filters = [...audits, ...requestFilters(requests), ...externalFilters(external.asked, port.port, providers)];
    const guarded = withRequests(withConnections(chain, connectionFilters(chain.name, connections)), filters);
    return audits.length === 0 ? guarded : audited(guarded);
  },
};

function audited(chain: FilterChain): FilterChain {
  const { terminal } = chain;
  if (terminal.kind !== 'http-connection-manager') return chain;
  const manager = { ...terminal.manager, accessLogs: [...terminal.manager.accessLogs, AUDIT_LOG] };
  return { ...chain, terminal: { ...terminal, manager } };
}

type Action = 'ALLOW' | 'DENY';

interface Engine {
  readonly action: Action;
  readonly rules: Rbac | undefined;
  readonly shadowRules: Rbac | undefined;
}

/** `always`: what nothing allows is refused also where no policy is. undefined: nothing is asked. */
function engineOf(
  action: Action,
  policies: readonly WorkloadAccessRow[],
  which: Which,
  always: boolean,
): Engine | undefined {
  const enforced = policies.filter(({ shadow }) => !shadow);
  const shadowed = policies.some(({ shadow }) => shadow);
  const rbac = (list: readonly WorkloadAccessRow[]): Rbac => ({ action, policies: policiesOf(list, action, which) });
  const matters = ({ policies: rules }: Rbac, list: readonly WorkloadAccessRow[]): boolean =>
    action === 'DENY' ? rules.length > 0 : list.length > 0 || always;
  const rules = rbac(enforced);
  const shadowRules = rbac(policies);
  const engine: Engine = {
    action,
    rules: matters(rules, enforced) ? rules : undefined,
    shadowRules: shadowed && matters(shadowRules, policies) ? shadowRules : undefined,
  };
  return engine.rules === undefined && engine.shadowRules === undefined ? undefined : engine;
}

const connectionFilters = (place: string, engines: readonly (Engine | undefined)[]): NetworkFilter[] =>
  engines.flatMap((engine): NetworkFilter[] =>
    engine === undefined
      ? []
      : [
          {
            kind: 'rbac',
            statPrefix: `${place}/access/${engine.action.toLowerCase()}`,
            rules: engine.rules,
            shadowRules: engine.shadowRules,
          },
        ],
  );

const requestFilters = (engines: readonly (Engine | undefined)[]): HttpFilter[] =>
  engines.flatMap((engine): HttpFilter[] =>
    engine === undefined
      ? []
      : [
          {
            kind: 'rbac',
            name: `access/${engine.action.toLowerCase()}`,
            disabled: false,
            rules: engine.rules,
            shadowRules: engine.shadowRules,
            statPrefix: '',
            shadowStatPrefix: '',
            perRuleStats: false,
          },
        ],
  );

function withRequests(chain: FilterChain, filters: readonly HttpFilter[]): FilterChain {
  const { terminal } = chain;
  if (filters.length === 0 || terminal.kind !== 'http-connection-manager') return chain;
  const manager = { ...terminal.manager, httpFilters: [...filters, ...terminal.manager.httpFilters] };
  return { ...chain, terminal: { ...terminal, manager } };
}

const withConnections = (chain: FilterChain, filters: readonly NetworkFilter[]): FilterChain =>
  filters.length === 0 ? chain : { ...chain, networkFilters: [...filters, ...chain.networkFilters] };

/** Both lists of one listener of a gateway; `always` is false there: what no policy is about is open to everybody. */
const edgeEngines = (
  rows: readonly WorkloadAccessRow[],
  port: number,
  isHttp: boolean,
  refused: readonly WorkloadAccessRow[],
): (Engine | undefined)[] =>
  (['DENY', 'ALLOW'] as const).map((action) =>
    engineOf(
      action,
      [...rows, ...refused].filter((row) => row.action === action),
      { port, isHttp, about: 'everything' },
      false,
    ),
  );

/** Who may ask what at a listener of HTTP: rules about connections too are asked of each request, which then gets an answer. */
export function edgeRequests(rows: readonly WorkloadAccessRow[], port: number, providers: Providers): HttpFilter[] {
  const { asked, refused } = split(rows, providers, true);
  return [
    ...auditFilters(rows, port),
    ...requestFilters(edgeEngines(rows, port, true, refused)),
    ...externalFilters(asked, port, providers),
  ];
}

/** Who may connect to a listener of anything else. */
export const edgeConnections = (chain: FilterChain, rows: readonly WorkloadAccessRow[], port: number): FilterChain =>
  withConnections(
    chain,
    connectionFilters(chain.name, edgeEngines(rows, port, false, split(rows, NOBODY, false).refused)),
  );

const NOBODY: Providers = new Map();
