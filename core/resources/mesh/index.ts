/** weft.dev Mesh: what its namespaces have in common. */
import { LIMITS } from '../../agent-api/limits.ts';
import { parseDuration } from '../../kernel/index.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsLabel, dnsSubdomain, duration, trustDomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { defaulted, integer, map, object, oneOf, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';
import { checkFederation, federation } from './federation.ts';
import { accessLogs } from './access-logs.ts';
import { metrics } from './metrics.ts';
import { tracing } from './tracing.ts';
import { trafficSettings } from '../traffic-policy/settings.ts';

const threads = {
  workloads: optional(integer(1, LIMITS.threads), 'Of `weft run`. Absent: one.'),
  gateways: optional(integer(1, LIMITS.threads), 'Of `weft gateway`. Absent: as `workloads`.'),
};

const spec = object(
  {
    trustDomain: required(
      string({ format: trustDomain }),
      'The SPIFFE trust domain: the first part of every identity, `spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT`. May not change.',
    ),
    mtls: defaulted(
      object({
        mode: defaulted(
          oneOf(['Strict', 'Permissive', 'Disabled']),
          'Strict',
          '`Strict`: workloads accept callers with a certificate of this mesh only. `Permissive`: plaintext too, which has no identity; for the time of a migration. `Disabled`: plaintext only, nobody has an identity; for looking at traffic on a machine of one’s own.',
        ),
      }),
      {},
      'Encryption between workloads.',
    ),
    certificates: defaulted(
      object(
        {
          lifetime: defaulted(
            string({ format: duration }),
            '24h',
            'How long a workload’s certificate is valid; it is renewed at half of it. From `10s` to `8760h`.',
          ),
        },
        ({ lifetime }, report) => {
          const ms = parseDuration(lifetime) ?? 0;
          if (ms < 10_000 || ms > 8760 * 3_600_000)
            report(['lifetime'], 'out-of-range', 'must be from `10s` to `8760h`');
        },
      ),
      {},
      'The certificates of workloads.',
    ),
    access: defaulted(
      object({
        default: defaulted(
          oneOf(['Allow', 'Deny']),
          'Allow',
          'What holds for a workload that no AccessPolicy with action `ALLOW` is about. `Allow`: every caller that mutual TLS lets in. `Deny`: none.',
        ),
        namespaces: defaulted(
          map(
            object({
              default: required(oneOf(['Allow', 'Deny']), 'What holds for such a workload of that namespace.'),
            }),
            { keys: dnsLabel, maxEntries: 256 },
          ),
          {},
          'What holds in these namespaces of the mesh instead; in others it is as above.',
        ),
      }),
      {},
      'Who may call whom when no AccessPolicy says so.',
    ),
    egress: defaulted(
      object({
        mode: defaulted(
          oneOf(['Deny', 'Allow']),
          'Deny',
          'What the HTTP forward proxy of a workload does with a host that is no service of the mesh. `Deny`: 502. `Allow`: connects to it at any port, to public addresses only: what leads to private networks or to this machine, an ExternalService must name.',
        ),
      }),
      {},
      'Calls that leave the mesh.',
    ),
    concurrency: optional(
      object({
        ...threads,
        namespaces: defaulted(
          map(object(threads), { keys: dnsLabel, maxEntries: 256 }),
          {},
          'Other numbers in these namespaces of the mesh; what is absent there is as above.',
        ),
      }),
      'Threads that a proxy serves on where its command line does not say `--concurrency`. Read when a proxy starts: one that runs keeps its threads.',
    ),
    limiter: optional(
      object({
        namespace: required(string({ format: dnsLabel }), 'Where the Service is; a namespace of this mesh.'),
        name: required(string({ format: dnsSubdomain }), 'The Service’s name.'),
        port: optional(integer(1, 65_535), 'Its port. Absent: its only one.'),
      }),
      'The Service that counts for RateLimits with `global` which name none: `weft limiter` behind its sidecar.',
    ),
    tracing: optional(tracing, 'Distributed tracing. Absent: no request is traced.'),
    metrics: optional(metrics, 'Where metrics are pushed to. Absent: nowhere; they can be read at any time.'),
    accessLogs: defaulted(
      accessLogs,
      [],
      'Access logs of every proxy of the mesh: of each request and connection, when it ends.',
    ),
    federation: defaulted(
      federation,
      [],
      'Foreign trust domains: the Workload API of each workload tells their bundles, and services with the annotation `weft.dev/export-to: spiffe://TRUSTDOMAIN` let their workloads in, under identities that AccessPolicies name as any other.',
    ),
    defaults: optional(
      trafficSettings,
      'What holds for a service where no TrafficPolicy says otherwise, section by section.',
    ),
  },
  ({ federation: foreign, trustDomain: own, defaults }, report) => {
    checkFederation(foreign, own, (path, ...more) => report(['federation', ...path], ...more));
    if (defaults?.connections?.tunnel !== undefined)
      report(
        ['defaults', 'connections', 'tunnel'],
        'exclusive-fields',
        'is about one service',
        'write it in a TrafficPolicy about the HTTP proxy',
      );
  },
);

export type MeshSpec = Complete<typeof spec>;
export type Mesh = StoredObject<MeshSpec, ConditionsStatus>;

export { type CollectorAddress, collectorAddress } from './collector.ts';

/** Threads that a proxy of `namespace` serves on unless its command line says otherwise. */
export function defaultThreads({ concurrency }: MeshSpec, namespace: string, gateway: boolean): number {
  if (concurrency === undefined) return 1;
  const own = Object.hasOwn(concurrency.namespaces, namespace) ? concurrency.namespaces[namespace] : undefined;
  const workloads = own?.workloads ?? concurrency.workloads ?? 1;
  return gateway ? (own?.gateways ?? own?.workloads ?? concurrency.gateways ?? workloads) : workloads;
}

/** Of the mesh that is made at first start. */
export const DEFAULT_TRUST_DOMAIN = 'weft.local';

export const MESH = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Mesh',
  plural: 'meshes',
  singular: 'mesh',
  categories: ['weft'],
  scope: 'Cluster',
  doc: 'A mesh: a trust domain and what its namespaces have in common. A mesh `default` with trust domain `weft.local` is there from the first start.',
  name: dnsLabel,
  spec,
  example: { trustDomain: 'shop.example', mtls: { mode: 'Strict' }, defaults: { timeouts: { request: '15s' } } },
  status: 'conditions',
  checkUpdate(before, after, report) {
    if (before.trustDomain !== after.trustDomain) {
      report(
        ['spec', 'trustDomain'],
        'immutable-field',
        `may not change: it is ${before.trustDomain}`,
        'make a second mesh and move namespaces to it',
      );
    }
  },
  columns: [
    {
      name: 'Trust domain',
      type: 'string',
      doc: 'spec.trustDomain',
      priority: 0,
      value: ({ spec: { trustDomain: domain } }) => domain,
    },
    { name: 'mTLS', type: 'string', doc: 'spec.mtls.mode', priority: 0, value: ({ spec: { mtls } }) => mtls.mode },
    {
      name: 'Access',
      type: 'string',
      doc: 'spec.access.default',
      priority: 1,
      value: ({ spec: { access } }) => access.default,
    },
    {
      name: 'Egress',
      type: 'string',
      doc: 'spec.egress.mode',
      priority: 1,
      value: ({ spec: { egress } }) => egress.mode,
    },
  ],
});
