/** BackendTLSPolicies by the service ports that they are about (Gateway API, GEP-1897). What cannot be verified is never reached. */
import {
  AUTHORITIES_KEY,
  type BackendTLSPolicy,
  objectName,
  secretText,
  type TargetRef,
} from '../../resources/index.ts';
import { portKey } from '../keys.ts';
import type { BackendTlsRow } from '../policy-rows.ts';
import type { WorkloadRow } from '../rows.ts';
import { wholeConflicts } from './attached.ts';
import { authoritiesOf, type Material } from './gateway-material.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { targetOf } from './selection.ts';
import { condition, finding, statusOf, type Fault, type ObjectStatus } from './status.ts';
import { keyOfTarget, type Target, targetsOf, type Targetable } from './targets.ts';

export interface BackendTls {
  /** By port key. */
  readonly byPort: ReadonlyMap<string, BackendTlsRow>;
  readonly statuses: readonly ObjectStatus[];
}

export interface BackendTlsInput {
  readonly there: Targetable;
  readonly material: Material;
  /** Workloads of each service. */
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
}

/** The most specific first: a policy about a port, then one about its service; of equals the oldest. */
export function assembleBackendTls(
  memory: Memory,
  policies: readonly BackendTLSPolicy[],
  { there, material, selected }: BackendTlsInput,
): BackendTls {
  const byTarget = new Map<string, BackendTlsRow>();
  const services = new Set<Extract<Target, { kind: 'service' }>['service']>();
  const statuses = policies.toSorted(byAge).map((policy) => {
    const { namespace, generation } = policy.metadata;
    const made = memory.remember(`backend-tls ${keyOf(policy)}`, [policy, material], () => resolve(policy, material));
    const refs: readonly TargetRef[] = policy.spec.targetRefs;
    const { found, faults } = targetsOf(refs, namespace, there);
    const lost: Fault[] = [];
    for (const target of found) {
      if (target.kind !== 'service') continue;
      const key = keyOfTarget(target);
      const winner = byTarget.get(key);
      if (winner !== undefined) lost.push(...wholeConflicts([winner], made.row, target.path));
      else byTarget.set(key, made.row);
      services.add(target.service);
      lost.push(...meshed(target, selected.get(target.service.key) ?? []));
    }
    const rejections = [...faults, ...lost, ...made.rejections];
    const status: ObjectStatus = {
      ...statusOf(
        policy,
        [condition('Accepted', generation, rejections), condition('ResolvedRefs', generation, made.brokenRefs)],
        [],
        [...rejections, ...made.brokenRefs],
      ),
      ancestors: refs.map(({ group = '', kind, name, sectionName }) => ({ group, kind, namespace, name, sectionName })),
    };
    return memory.remember(
      `backend-tls-status ${keyOf(policy)}`,
      [policy, JSON.stringify([status, made.ignored])],
      () => ({
        ...status,
        findings: [
          ...status.findings,
          ...made.ignored.map((fault) => ({ ...finding(policy, fault), severity: 'warning' as const })),
        ],
      }),
    );
  });
  const byPort = new Map<string, BackendTlsRow>();
  for (const service of services)
    for (const port of service.ports) {
      const target = { kind: 'service', service, port, path: '' } as const;
      const row = byTarget.get(keyOfTarget(target)) ?? byTarget.get(keyOfTarget({ ...target, port: undefined }));
      if (row !== undefined && meshed(target, selected.get(service.key) ?? []).length === 0)
        byPort.set(portKey(service.key, port.port), row);
    }
  return { byPort, statuses };
}

/** Where a proxy stands before one of the workloads, mutual TLS of the mesh holds for all of them: it is never weaker. */
function meshed(
  { service, port: only, path }: Extract<Target, { kind: 'service' }>,
  workloads: readonly WorkloadRow[],
): Fault[] {
  for (const port of only === undefined ? service.ports : [only])
    for (const workload of workloads)
      if ((targetOf(port, workload)?.proxyPort ?? 0) !== 0)
        return [
          {
            reason: 'Invalid',
            path: `${path}.name`,
            message: `Workload ${workload.key} has a proxy before port ${port.port}: mutual TLS of the mesh holds there, not this policy`,
            remedy: 'remove the policy, or name a service without proxies',
          },
        ];
  return [];
}

interface Resolved {
  readonly row: BackendTlsRow;
  readonly rejections: readonly Fault[];
  readonly brokenRefs: readonly Fault[];
  readonly ignored: readonly Fault[];
}

function resolve({ metadata, spec }: BackendTLSPolicy, material: Material): Resolved {
  const { namespace, name } = metadata;
  const { caCertificateRefs = [], wellKnownCACertificates = '', hostname, subjectAltNames = [] } = spec.validation;
  const brokenRefs: Fault[] = [];
  const roots: string[] = [];
  for (const [index, { group, kind, name: held }] of caCertificateRefs.entries()) {
    const path = `spec.validation.caCertificateRefs[${index}]`;
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
            path: 'spec.validation.wellKnownCACertificates',
            message: `Weft knows no authorities ${wellKnownCACertificates}`,
            remedy: 'write `System`, or name ConfigMaps in `caCertificateRefs`',
          },
        ]
      : []),
    ...(caCertificateRefs.length > 0 && roots.length === 0
      ? [
          {
            reason: 'NoValidCACertificate',
            path: 'spec.validation.caCertificateRefs',
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
      key: keyOf({ metadata }),
      hostname,
      names:
        subjectAltNames.length === 0
          ? [{ kind: 'dns', value: hostname }]
          : subjectAltNames.map((one) =>
              one.type === 'URI' ? { kind: 'uri', value: one.uri ?? '' } : { kind: 'dns', value: one.hostname ?? '' },
            ),
      trust,
      source: `${objectName('BackendTLSPolicy', namespace, name)}#spec`,
    },
    rejections,
    brokenRefs,
    ignored: Object.keys(spec.options ?? {}).map((option) => ({
      reason: 'OptionIgnored',
      path: `spec.options[${JSON.stringify(option)}]`,
      message: 'Weft knows no such option',
      remedy: 'remove it',
    })),
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
