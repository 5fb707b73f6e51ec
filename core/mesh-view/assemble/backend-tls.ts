/** BackendTLSPolicies (Gateway API, GEP-1897), and `tls` of TrafficPolicies, by the service ports that they are about. What cannot be verified is never reached. */
import {
  AUTHORITIES_KEY,
  type BackendTLSPolicy,
  objectName,
  secretText,
  type ServiceTls,
  type TargetRef,
  type TrafficPolicy,
} from '../../resources/index.ts';
import { guestServerName, passedGuestName } from '../../identity/index.ts';
import { portKey } from '../keys.ts';
import type { BackendTlsRow } from '../policy-rows.ts';
import type { MeshRow, WorkloadRow } from '../rows.ts';
import { wholeConflicts } from './attached.ts';
import { authoritiesOf, type Material } from './gateway-material.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { targetOf } from './selection.ts';
import { condition, finding, statusOf, type Fault, type ObjectStatus } from './status.ts';
import { keyOfTarget, type Target, targetsOf, type Targetable } from './targets.ts';

export interface BackendTls {
  /** By port key; of a Subset what holds for its Service. */
  readonly byPort: ReadonlyMap<string, BackendTlsRow>;
  /** Of the BackendTLSPolicies. */
  readonly statuses: readonly ObjectStatus[];
  /** What of `tls` has no effect, by the key of its TrafficPolicy, whose status tells the rest, too. */
  readonly faults: ReadonlyMap<string, readonly Fault[]>;
}

export interface BackendTlsInput {
  readonly mesh: MeshRow;
  readonly there: Targetable;
  readonly material: Material;
  /** Workloads of each service. */
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
}

type ServiceTarget = Extract<Target, { kind: 'service' }>;

/**
 * The most specific first: a policy about a port, then one about its service; of equals BackendTLSPolicies before TrafficPolicies, then the
 * oldest.
 */
export function assembleBackendTls(
  memory: Memory,
  policies: readonly BackendTLSPolicy[],
  trafficPolicies: readonly TrafficPolicy[],
  { mesh, there, material, selected }: BackendTlsInput,
): BackendTls {
  const byTarget = new Map<string, BackendTlsRow>();
  const services = new Set<ServiceTarget['service']>();
  /** Attaches `row`; tells by `lost` who was there before. */
  const attach = (
    found: readonly Target[],
    row: BackendTlsRow,
    lost: (winner: BackendTlsRow, target: ServiceTarget) => readonly Fault[],
    path: (target: ServiceTarget) => string,
  ): Fault[] =>
    found.flatMap((target) => {
      if (target.kind !== 'service') return [];
      const key = keyOfTarget(target);
      const winner = byTarget.get(key);
      if (winner === undefined) byTarget.set(key, row);
      services.add(target.service);
      return [
        ...(winner === undefined ? [] : lost(winner, target)),
        ...meshed(target, selected.get(target.service.key) ?? [], path(target)),
      ];
    });
  const statuses = policies.toSorted(byAge).map((policy) => {
    const { namespace, generation } = policy.metadata;
    const made = memory.remember(`backend-tls ${keyOf(policy)}`, [policy, material], () =>
      resolve(saidByPolicy(policy), material),
    );
    const refs: readonly TargetRef[] = policy.spec.targetRefs;
    const { found, faults } = targetsOf(refs, namespace, there);
    const lost = attach(
      found,
      made.row,
      (winner, { path }) => wholeConflicts([winner], made.row, path),
      ({ path }) => `${path}.name`,
    );
    const rejections = [...faults, ...lost, ...made.rejections];
    const ignored = ignoredOptions(policy);
    const status: ObjectStatus = {
      ...statusOf(
        policy,
        [condition('Accepted', generation, rejections), condition('ResolvedRefs', generation, made.brokenRefs)],
        [],
        [...rejections, ...made.brokenRefs],
      ),
      ancestors: refs.map(({ group = '', kind, name, sectionName }) => ({ group, kind, namespace, name, sectionName })),
    };
    return memory.remember(`backend-tls-status ${keyOf(policy)}`, [policy, JSON.stringify([status, ignored])], () => ({
      ...status,
      findings: [
        ...status.findings,
        ...ignored.map((fault) => ({ ...finding(policy, fault), severity: 'warning' as const })),
      ],
    }));
  });
  const trafficFaults = new Map<string, readonly Fault[]>();
  for (const policy of trafficPolicies.toSorted(byAge)) {
    const { tls, targetRefs } = policy.spec;
    if (tls === undefined) continue;
    const made = memory.remember(`traffic-tls ${keyOf(policy)}`, [policy, material, mesh], () =>
      tls.federated === undefined
        ? resolve(saidByTraffic(policy, tls), material)
        : ofTrustDomain(policy, tls, tls.federated, mesh),
    );
    const { found } = targetsOf(targetRefs, policy.metadata.namespace, there);
    const lost = attach(
      found,
      made.row,
      (winner, { path }) => [
        {
          reason: 'Conflicted',
          path: 'spec.tls',
          message: `another policy says how ${path} is verified, and goes before it: ${winner.source}`,
          remedy: 'remove one of them, or name a more specific target',
        },
      ],
      () => 'spec.tls',
    );
    const all = [...lost, ...made.rejections, ...made.brokenRefs];
    if (all.length > 0)
      trafficFaults.set(
        keyOf(policy),
        memory.remember(`traffic-tls-faults ${keyOf(policy)}`, [JSON.stringify(all)], () => all),
      );
  }
  const byPort = new Map<string, BackendTlsRow>();
  for (const service of services)
    for (const port of service.ports) {
      const target = { kind: 'service', service, port, path: '' } as const;
      const row = byTarget.get(keyOfTarget(target)) ?? byTarget.get(keyOfTarget({ ...target, port: undefined }));
      if (row !== undefined && meshed(target, selected.get(service.key) ?? [], '').length === 0)
        byPort.set(portKey(service.key, port.port), row);
    }
  for (const { key, subsetOf, ports } of there.services.values())
    for (const { port } of subsetOf === undefined ? [] : ports) {
      const whole = byPort.get(portKey(subsetOf ?? '', port));
      if (whole !== undefined) byPort.set(portKey(key, port), whole);
    }
  return { byPort, statuses, faults: trafficFaults };
}

/** Where a proxy stands before one of the workloads, mutual TLS of the mesh holds for all of them: it is never weaker. */
function meshed({ service, port: only }: ServiceTarget, workloads: readonly WorkloadRow[], path: string): Fault[] {
  for (const port of only === undefined ? service.ports : [only])
    for (const workload of workloads)
      if ((targetOf(port, workload)?.proxyPort ?? 0) !== 0)
        return [
          {
            reason: 'Invalid',
            path,
            message: `Workload ${workload.key} has a proxy before port ${port.port}: mutual TLS of the mesh holds there, not this policy`,
            remedy: 'remove it, or name a service without proxies',
          },
        ];
  return [];
}

interface Resolved {
  readonly row: BackendTlsRow;
  readonly rejections: readonly Fault[];
  readonly brokenRefs: readonly Fault[];
}

/** What either kind says. */
interface Said {
  readonly key: string;
  readonly namespace: string;
  readonly hostname: string;
  readonly validation: Pick<ServiceTls, 'caCertificateRefs' | 'wellKnownCACertificates' | 'subjectAltNames'>;
  /** Authorities that stand in the policy itself, in PEM. */
  readonly pem?: string | undefined;
  /** Of the fields in `validation`. */
  readonly path: string;
  readonly source: string;
}

const saidByPolicy = ({ metadata, spec: { validation } }: BackendTLSPolicy): Said => ({
  key: keyOf({ metadata }),
  namespace: metadata.namespace,
  hostname: validation.hostname,
  validation,
  path: 'spec.validation',
  source: `${objectName('BackendTLSPolicy', metadata.namespace, metadata.name)}#spec`,
});

const saidByTraffic = ({ metadata }: TrafficPolicy, tls: ServiceTls): Said => ({
  key: keyOf({ metadata }),
  namespace: metadata.namespace,
  hostname: tls.serverName ?? '',
  validation: tls,
  pem: tls.caCertificates,
  path: 'spec.tls',
  source: `${objectName('TrafficPolicy', metadata.namespace, metadata.name)}#spec.tls`,
});

const ignoredOptions = ({ spec }: BackendTLSPolicy): readonly Fault[] =>
  Object.keys(spec.options ?? {}).map((option) => ({
    reason: 'OptionIgnored',
    path: `spec.options[${JSON.stringify(option)}]`,
    message: 'Weft knows no such option',
    remedy: 'remove it',
  }));

function resolve(
  { key, namespace, hostname, validation, pem, path: base, source }: Said,
  material: Material,
): Resolved {
  const { caCertificateRefs = [], wellKnownCACertificates = '', subjectAltNames = [] } = validation;
  const brokenRefs: Fault[] = [];
  const roots: string[] = pem === undefined ? [] : [pem];
  for (const [index, { group, kind, name: held }] of caCertificateRefs.entries()) {
    const path = `${base}.caCertificateRefs[${index}]`;
    const found = authoritiesIn(group === '' ? kind : '', `${namespace}/${held}`, material);
    if (found.pem !== undefined) roots.push(found.pem);
    else if (found.reason === 'InvalidKind')
      brokenRefs.push({
        reason: 'InvalidKind',
        path: `${path}.kind`,
        message: `a ${kind} holds no authorities`,
        remedy: 'refer to a ConfigMap or a Secret',
      });
    else
      brokenRefs.push({
        reason: 'InvalidCACertificateRef',
        path: `${path}.name`,
        message: `there is no ${kind} ${held} with PEM certificates at the key ${AUTHORITIES_KEY} in namespace ${namespace}`,
        remedy: 'create it, or correct the name',
      });
  }
  const unknown = wellKnownCACertificates !== '' && wellKnownCACertificates !== 'System';
  const rejections: Fault[] = [
    ...(unknown
      ? [
          {
            reason: 'Invalid',
            path: `${base}.wellKnownCACertificates`,
            message: `Weft knows no authorities ${wellKnownCACertificates}`,
            remedy: 'write `System`, or name ConfigMaps in `caCertificateRefs`',
          },
        ]
      : []),
    ...(caCertificateRefs.length > 0 && roots.length === 0
      ? [
          {
            reason: 'NoValidCACertificate',
            path: `${base}.caCertificateRefs`,
            message: 'none of them holds an authority: no connection is made',
            remedy: 'put PEM certificates there',
          },
        ]
      : []),
  ];
  const trust: BackendTlsRow['trust'] =
    wellKnownCACertificates === 'System'
      ? { kind: 'system' }
      : // One reference that cannot be read must not narrow silently whom the others let through: all or nothing.
        brokenRefs.length > 0 || roots.length === 0
        ? { kind: 'nobody' }
        : { kind: 'roots', pem: roots.join('\n') };
  return {
    row: {
      key,
      hostname,
      names:
        subjectAltNames.length === 0
          ? [{ kind: 'dns', value: hostname }]
          : subjectAltNames.map((one) =>
              one.type === 'URI' ? { kind: 'uri', value: one.uri ?? '' } : { kind: 'dns', value: one.hostname ?? '' },
            ),
      trust,
      source,
    },
    rejections,
    brokenRefs,
  };
}

/** Workloads of a foreign trust domain; nobody, where no bundle of it counts. */
function ofTrustDomain(
  { metadata }: TrafficPolicy,
  { serverName = '' }: ServiceTls,
  { trustDomain, identities, service }: NonNullable<ServiceTls['federated']>,
  mesh: MeshRow,
): Resolved {
  const known = mesh.federated.includes(trustDomain);
  return {
    row: {
      key: keyOf({ metadata }),
      hostname:
        service !== undefined
          ? passedGuestName(`${service.namespace}/${service.name}`, service.port, mesh.trustDomain)
          : serverName === ''
            ? guestServerName(mesh.trustDomain)
            : serverName,
      names: identities.map((value) => ({ kind: 'uri', value })),
      trust: known ? { kind: 'federated', trustDomain } : { kind: 'nobody' },
      source: `${objectName('TrafficPolicy', metadata.namespace, metadata.name)}#spec.tls`,
    },
    rejections: known
      ? []
      : [
          {
            reason: 'Invalid',
            path: 'spec.tls.federated.trustDomain',
            message: `mesh ${mesh.name} knows no bundle of the trust domain ${trustDomain}: no connection is made`,
            remedy: 'write it into `spec.federation` of the Mesh; `weft check` tells when its bundle cannot be fetched',
          },
        ],
    brokenRefs: [],
  };
}

/** Of a Secret the public half alone. */
function authoritiesIn(
  kind: string,
  key: string,
  { secrets, configMaps }: Material,
): { readonly pem: string; readonly reason?: never } | { readonly pem?: undefined; readonly reason: string } {
  if (kind === 'ConfigMap') {
    const map = configMaps.get(key);
    const pem = map === undefined ? undefined : authoritiesOf(map);
    return pem === undefined ? { reason: 'InvalidCACertificateRef' } : { pem };
  }
  if (kind !== 'Secret') return { reason: 'InvalidKind' };
  const secret = secrets.get(key);
  const text = secret === undefined ? undefined : secretText(secret, AUTHORITIES_KEY);
  return text?.includes('-----BEGIN CERTIFICATE-----') === true ? { pem: text } : { reason: 'InvalidCACertificateRef' };
}
