/** The objects of a case as a user would have written them. */
import { stringify } from 'yaml';
import type { MeshCase } from './case.ts';

/** Namespace of all cases. */
export const NAMESPACE = 'default';

const NOBODY = 'nobody';

interface Backend {
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly port: string;
  readonly protocol?: string;
  readonly number?: number;
}

const service = ({ name, selector, port, protocol = 'http', number = 80 }: Backend): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: NAMESPACE },
  spec: { selector, ports: [{ name: protocol, port: number, targetPort: port, appProtocol: protocol }] },
});

/** What all cases refer to: `a`, `b`, `c` are echo servers, `h2` is one that speaks HTTP/2 only, `empty` has no endpoint, `line` answers lines over TCP on port 7. */
export const sharedObjects = (): readonly unknown[] => [
  ...['a', 'b', 'c'].map((name) => service({ name, selector: { app: 'echo' }, port: name })),
  service({ name: 'h2', selector: { app: 'echo' }, port: 'h2', protocol: 'http2' }),
  service({ name: 'empty', selector: { app: NOBODY }, port: 'http' }),
  service({ name: 'line', selector: { app: 'echo' }, port: 'line', protocol: 'tcp', number: 7 }),
];

export function objectsOf(one: MeshCase): readonly unknown[] {
  const { service: name, backend, rules, policy, allow, deny, objects = [] } = one;
  const parent = { group: '', kind: 'Service', name };
  const metadata = { name, namespace: NAMESPACE };
  const access = (action: string, list: readonly unknown[] | undefined): unknown[] =>
    list === undefined
      ? []
      : [
          {
            apiVersion: 'weft.dev/v1alpha1',
            kind: 'AccessPolicy',
            metadata: { name: `${name}-${action.toLowerCase()}`, namespace: NAMESPACE },
            spec: { targetRefs: [{ kind: 'Service', name, sectionName: one.protocol ?? 'http' }], action, rules: list },
          },
        ];
  return [
    service({
      name,
      selector: backend?.selector ?? { app: 'echo' },
      port: backend?.port ?? 'a',
      protocol: one.protocol ?? 'http',
    }),
    ...(rules === undefined
      ? []
      : [
          {
            apiVersion: 'gateway.networking.k8s.io/v1',
            kind: 'HTTPRoute',
            metadata,
            spec: { parentRefs: [parent], rules },
          },
        ]),
    ...(policy === undefined
      ? []
      : [
          {
            apiVersion: 'weft.dev/v1alpha1',
            kind: 'TrafficPolicy',
            metadata,
            spec: { targetRefs: [{ kind: 'Service', name }], ...policy },
          },
        ]),
    ...access('ALLOW', allow),
    ...access('DENY', deny),
    ...objects,
  ];
}

export const toYaml = (objects: readonly unknown[]): string => objects.map((object) => stringify(object)).join('---\n');
